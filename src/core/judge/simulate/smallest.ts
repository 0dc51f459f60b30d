/** The smallest factor on the usual errors that a stage finds in some time: where the expected evidence is just enough. */
import { natsToShow } from '../statistical/outlook.ts'
import type { PolicySettings, ShareMetricSettings, StageLimits } from '../statistical/policy.ts'
import type { ShareLimits } from '../statistical/share.ts'
import { capFor } from '../statistical/tuning.ts'
import type { Assumed } from './assumed.ts'
import type { Rates } from './estimate.ts'

/** Nats that the stake costs: a part of it rides on the right size, and only some of that on the first interval. */
const cost = 2.5

/** null = no metric of errors, or not even all requests failing are told apart in that time. */
export function smallestFound(
  settings: PolicySettings,
  limits: StageLimits,
  rates: Rates,
  assumed: Assumed,
  seconds: number,
): number | null {
  const metrics = settings.metrics.flatMap((own, i) => {
    const limit = limits[i]
    const counts = own.kind === 'share' && own.worse === 'higher' && own.dryRun !== true && limit?.kind === 'share'
    return counts ? [{ own, limits: limit.limits }] : []
  })
  const found = metrics.flatMap(({ own, limits: limit }) => {
    const isFound = (times: number): boolean =>
      isFoundIn({ settings, own, limits: limit, rates, seconds }, assumed, times)
    return leastTimes(isFound, 0.98 / assumed.errorShare) ?? []
  })
  return found.length === 0 ? null : Math.min(...found)
}

/** By halving on a logarithmic scale; more errors are never found later. */
function leastTimes(isFound: (times: number) => boolean, most: number): number | null {
  if (!isFound(most)) return null
  let [low, high] = [0, Math.log(most)]
  for (let i = 0; i < 24; i += 1) {
    const middle = (low + high) / 2
    if (isFound(Math.exp(middle))) high = middle
    else low = middle
  }
  return Math.exp(high)
}

interface Asked {
  readonly settings: PolicySettings
  readonly own: ShareMetricSettings
  readonly limits: ShareLimits
  readonly rates: Rates
  readonly seconds: number
}

/** Worse than stable with alpha's certainty, and beyond a declared limit with the gate's. */
function isFoundIn({ settings, own, limits, rates, seconds }: Asked, { errorShare }: Assumed, times: number): boolean {
  const { tuning, stepSeconds, alpha } = settings
  const cap = capFor(tuning.damageCap, stepSeconds) / stepSeconds
  const share = errorShare * times
  const gate = Math.log(1 / tuning.limitAlpha) + cost
  const within = (perSecond: number, nats: number): boolean => Math.min(cap, perSecond) * seconds >= nats
  const level = (limit: number | null): number =>
    limit !== null && share > limit ? rates.canary * natsToShow(share, limit) : 0
  const versus = (limit: number): number => natsOfDamage(errorShare, times, limit, rates)
  const significance = rates.stable > 0 ? versus(1) : level(limits.rollback)
  if (!within(significance, Math.log(1 / (alpha * weightOf(settings))) + cost)) return false
  const ratio = rates.stable > 0 ? limits.ratio?.rollback : null
  const isBeyondStable = ratio != null && within(versus(ratio), gate) && within(level(own.floor), gate)
  return isBeyondStable || within(level(limits.rollback), gate)
}

/** Evidence per second for "more than `limit` times stable", if it is `times` as much. */
function natsOfDamage(usual: number, times: number, limit: number, { canary, stable }: Rates): number {
  const beyond = times / limit
  if (!(beyond > 1)) return 0
  const w = limit * (canary / stable)
  const bad = usual * times * canary
  return bad * Math.log(beyond) + (bad + usual * stable) * (Math.log1p(w) - Math.log1p(w * beyond))
}

/** The part of alpha that one metric of errors has. */
function weightOf({ metrics, tuning }: PolicySettings): number {
  const deciding = metrics.filter(({ dryRun }) => dryRun !== true)
  const shares = deciding.filter((one) => one.kind === 'share')
  const errors = shares.filter(({ worse }) => worse === 'higher').length
  const { weights } = tuning
  const sum =
    weights.errors +
    (deciding.length > shares.length ? weights.latency : 0) +
    (shares.length > errors ? weights.events : 0) +
    (shares.some(({ outage }) => outage !== null) ? weights.outage : 0)
  return weights.errors / sum / Math.max(1, errors)
}
