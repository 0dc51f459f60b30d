/** The numbers that stand beside a verdict of the statistical judge, metric by metric. */
import type { MetricPlan } from '../../plan/plan.ts'
import type { JudgeSubject } from '../../ports/judge.ts'
import type { ArmWindow } from '../arm-window.ts'
import { valueOf } from '../arm-window.ts'
import { limitsAt, strictest, worseOf } from '../reading.ts'
import { baseline, distance, number, quantileName, times } from '../sentences.ts'
import type { EvidenceReading, MetricReading, RatioReading, Verdict, Zone } from '../verdict.ts'
import type { Comparison, RatioLimits } from './comparison.ts'
import type { Certificate, Decision, Missing, Part } from './decide.ts'
import {
  comparisonInterval,
  currentDispersion,
  type Interval,
  inverted,
  secondsToCompare,
  secondsToShow,
} from './outlook.ts'
import type { MetricSettings, MetricState, PolicySettings, PolicyState, StageLimits } from './policy.ts'
import { capFor } from './tuning.ts'

export interface Windows {
  readonly canary: ArmWindow
  readonly stable: ArmWindow
}

export interface Known {
  readonly subject: JudgeSubject
  readonly metrics: readonly MetricPlan[]
  readonly windows: Readonly<Record<string, Windows>>
  readonly state: PolicyState
  readonly settings: PolicySettings
  readonly limits: StageLimits
  readonly decision: Decision
}

/** One reading per share, and per quantile of a histogram. */
export function readingsOf(known: Known): readonly MetricReading[] {
  return known.metrics.flatMap((metric, i) =>
    quantilesOf(metric, known.settings, i).map((quantile) => readingOf(known, metric, i, quantile)),
  )
}

function quantilesOf(metric: MetricPlan, settings: PolicySettings, index: number): readonly (number | null)[] {
  const own = settings.metrics[index]
  if (metric.kind !== 'histogram' || own?.kind !== 'latency') return [null]
  return [...new Set([...own.quantiles, ...own.absolute.map(({ quantile }) => quantile)])].sort((a, b) => a - b)
}

function readingOf(known: Known, metric: MetricPlan, index: number, quantile: number | null): MetricReading {
  const { windows, subject, decision } = known
  const arms = windows[metric.name]
  const canary = arms === undefined ? null : valueOf(arms.canary, metric, quantile)
  const stable = arms === undefined ? null : valueOf(arms.stable, metric, quantile)
  const limits = limitsAt(strictest(metric, subject.stage?.overrides[metric.name]), quantile)
  const texts = (list: readonly { readonly text: string }[]): string | null =>
    list.length === 0 ? null : [...new Set(list.map(({ text }) => text))].join(', ')
  const compared = comparedAt(known, metric, index, quantile)
  const evidence = evidenceOf(known, metric, index, quantile, compared)
  const { zone, why } = standingOf(decision, metric.name, quantile)
  const facts: Facts = {
    name: quantile === null ? metric.name : `${metric.name} ${quantileName(quantile)}`,
    metric,
    canary: canary?.kind === 'value' ? canary.value : null,
    stable: stable?.kind === 'value' ? stable.value : null,
    ratio: compared?.reading ?? null,
    distance: limits.versusStable[0] === undefined ? null : distance(limits.versusStable[0], metric.unit),
  }
  return {
    metric: metric.name,
    quantile,
    unit: metric.unit,
    canary: facts.canary,
    stable: facts.stable,
    samples: Math.floor((canary?.samples ?? 0) + 1e-6),
    zone,
    why,
    limits: { go: texts(limits.go), rollback: texts(limits.rollback), versusStable: texts(limits.versusStable) },
    say: numbersSay(facts),
    ...(metric.dryRun === true && { dryRun: true }),
    ratio: facts.ratio,
    evidence,
  }
}

interface Compared {
  readonly comparison: Comparison
  readonly reading: RatioReading | null
}

function comparedAt(
  { state, settings, limits }: Known,
  metric: MetricPlan,
  index: number,
  quantile: number | null,
): Compared | null {
  const own = state.metrics[index]
  const limit = limits[index]
  if (own?.kind === 'share') {
    const { comparison } = own.share
    const found = comparisonInterval(comparison, settings.tuning)
    const interval = worseOf(metric) === 'lower' ? inverted(found) : found
    return { comparison, reading: ratioReading(interval, null, limit?.kind === 'share' ? limit.limits.ratio : null) }
  }
  const edge = own?.latency.edges?.find((one) => one.quantile === quantile)
  if (edge === undefined) return null
  const slowerThan = own?.latency.le?.[edge.index] ?? null
  return {
    comparison: edge.comparison,
    reading: ratioReading(comparisonInterval(edge.comparison, settings.tuning), slowerThan, edge.limits),
  }
}

function ratioReading(
  interval: Interval | null,
  slowerThan: number | null,
  limits: RatioLimits | null,
): RatioReading | null {
  return interval === null
    ? null
    : { slowerThan, ...interval, rollback: limits?.rollback ?? null, go: limits?.go ?? null }
}

function evidenceOf(
  known: Known,
  metric: MetricPlan,
  index: number,
  quantile: number | null,
  compared: Compared | null,
): EvidenceReading {
  const { decision, settings } = known
  const part = partAt(decision, metric.name, quantile)
  const own = decision.certificates.filter((one) => one.metric === metric.name && one.quantile === quantile)
  const least = own.reduce<Certificate | null>(
    (worst, one) => (worst === null || one.have < worst.have ? one : worst),
    null,
  )
  const more = own
    .filter(({ have, need }) => have < need)
    .map((one) => secondsLeft(known, index, quantile, one, compared))
  const seconds = more.length === 0 || more.includes(null) ? null : Math.max(...more.map((one) => one ?? 0))
  return {
    rollback: part === null ? 0 : part.weight * part.significance,
    rollbackNeeded: decision.needed,
    isBeyondLimit: part?.open === true,
    go: least?.have ?? null,
    goNeeded: 1 / settings.beta,
    dispersion: compared === null ? 1 : currentDispersion(compared.comparison, settings.tuning),
    moreMs: seconds === null ? null : Math.ceil(seconds) * 1000,
    moreRequests:
      seconds === null || compared === null
        ? null
        : Math.ceil(requestsPerSecond(compared.comparison, metric) * seconds),
  }
}

function partAt(decision: Decision, metric: string, quantile: number | null): Part | null {
  const own = decision.parts.filter((part) => part.metric === metric && part.aspect !== 'outage')
  return own.find((part) => part.quantile === quantile) ?? null
}

function secondsLeft(
  { limits, settings, state }: Known,
  index: number,
  quantile: number | null,
  certificate: Certificate,
  compared: Compared | null,
): number | null {
  const { tuning, stepSeconds } = settings
  const capPerSecond = capFor(tuning.healthCap, stepSeconds) / stepSeconds
  const own = limits[index]
  const metric = state.metrics[index]
  if (certificate.against === 'stable') {
    if (compared === null) return null
    const floor = floorOf(settings.metrics[index], metric, quantile)
    const ways = [
      secondsToCompare(compared.comparison, certificate, tuning, capPerSecond),
      floor === null ? null : secondsToShow(compared.comparison, floor, certificate, tuning, capPerSecond),
    ].filter((seconds) => seconds !== null)
    return ways.length === 0 ? null : Math.min(...ways)
  }
  if (metric?.kind !== 'share' || own?.kind !== 'share' || own.limits.go === null) return null
  return secondsToShow(metric.share.comparison, own.limits.go, certificate, tuning, capPerSecond)
}

/** What is so rare that it does not matter how it compares; null = there is no such thing. */
function floorOf(
  own: MetricSettings | undefined,
  metric: MetricState | undefined,
  quantile: number | null,
): number | null {
  if (own?.kind === 'share') return own.floor
  const edge = metric?.kind === 'latency' ? metric.latency.edges?.find((one) => one.quantile === quantile) : undefined
  return edge?.floorLimit ?? null
}

function requestsPerSecond({ recent }: Comparison, metric: MetricPlan): number {
  let [seconds, requests] = [0, 0]
  for (const block of recent) {
    seconds += block[0]
    requests += worseOf(metric) === 'lower' ? block[4] : block[2]
  }
  return seconds > 0 ? requests / seconds : 0
}

function standingOf(decision: Decision, metric: string, quantile: number | null): { zone: Zone; why: Verdict['why'] } {
  const mine = (one: { readonly metric: string | null; readonly quantile: number | null }): boolean =>
    one.metric === metric && (one.quantile === quantile || one.quantile === null)
  if (decision.by !== null && mine(decision.by)) return { zone: 'rollback', why: 'breach' }
  const missing = decision.missing.filter(mine)
  if (missing.some(({ why }) => isGrey(why))) return { zone: 'hold', why: 'grey' }
  const uncertified = decision.certificates.some((one) => mine(one) && one.have < one.need)
  return missing.length > 0 || uncertified ? { zone: 'hold', why: 'too-few' } : { zone: 'go', why: 'healthy' }
}

export function isGrey(why: Missing['why']): boolean {
  return why === 'suspicion' || why === 'recent' || why === 'shared-breach'
}

interface Facts {
  readonly name: string
  readonly metric: MetricPlan
  readonly canary: number | null
  readonly stable: number | null
  readonly ratio: RatioReading | null
  readonly distance: string | null
}

/** An interval that is wider says nothing but that there is too little to compare. */
const widest = 100

/** `errors 0.9 % · stable 0.4 % · 2.2 × stable (1.4 to 3.6)`. */
function numbersSay({ name, metric, canary, stable, ratio }: Facts): string {
  if (canary === null) return `${name}: no number from the canary yet`
  const times = ratio === null || ratio.high > widest * ratio.low ? '' : ` · ${timesSay(ratio)}`
  return `${name} ${number(canary, metric.unit)} · ${baseline(stable, metric.unit)}${times}`
}

/** `2.2 × stable (1.4 to 3.6)`; of latencies what is compared are the requests slower than an edge. */
function timesSay({ value, low, high, slowerThan }: RatioReading): string {
  const what = slowerThan === null ? '' : `slower than ${number(slowerThan, 'seconds')}: `
  return `${what}${times(value)} × stable (${times(low)} to ${times(high)})`
}
