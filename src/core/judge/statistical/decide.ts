/** What follows from the evidence: roll back, go, or hold and what is missing. */
import { type Comparison, recentPair, recentRatio } from './comparison.ts'
import type { Latency } from './latency.ts'
import { evidence } from './mixture.ts'
import type { MetricSettings, PolicySettings, PolicyState, ShareMetricSettings, StageLimits } from './policy.ts'
import type { Share } from './share.ts'

export interface Decision {
  readonly zone: 'go' | 'hold' | 'rollback'
  /** The part with the most evidence behind a rollback; null for the other zones. */
  readonly by: Part | null
  /** Evidence that a rollback rests on, summed over the parts that are beyond a limit. It needs 1 / alpha. */
  readonly evidence: number
  readonly needed: number
  readonly parts: readonly Part[]
  /** All that stands between the canary and a go, the first of them first. Empty for a go. */
  readonly missing: readonly Missing[]
}

/** One thing that is judged: a share, a quantile's edge, an outage. */
export interface Part {
  readonly metric: string
  readonly aspect: 'share' | 'outage' | 'quantile' | 'level'
  readonly quantile: number | null
  /** Part of alpha that is its own. */
  readonly weight: number
  /** Evidence that the canary is worse than stable (or, without stable, beyond its limit). */
  readonly significance: number
  /** Evidence that it is beyond a declared limit; it needs 1 / limitAlpha to open the gate. */
  readonly materiality: number
  readonly open: boolean
  /** Worse than stable with confidence, and as likely beyond a limit as not. */
  readonly suspicious: boolean
}

export interface Missing {
  readonly why:
    | 'suspicion'
    | 'no-canary'
    | 'traffic-share'
    | 'certificate'
    | 'recent'
    | 'no-reference'
    | 'shared-breach'
  readonly metric: string | null
  readonly quantile: number | null
  /** Of a certificate: against stable, or against an absolute limit. */
  readonly against: 'stable' | 'limit' | null
  /** Evidence there is and evidence needed; null where evidence is not what is missing. */
  readonly have: number | null
  readonly need: number | null
}

export interface Circumstances {
  /** End of the last interval, in seconds as in the intervals. */
  readonly at: number
  readonly limits: StageLimits
  /** There is no stable arm to compare with any more (all traffic is on the canary), or none was declared. */
  readonly alone: boolean
  /** An absolute limit that stable breaks as well turns back too. */
  readonly sharedBreach: 'hold' | 'rollback'
}

export function decide(state: PolicyState, settings: PolicySettings, circumstances: Circumstances): Decision {
  const parts = partsOf(state, settings, circumstances)
  const needed = 1 / settings.alpha
  let sum = 0
  let by: Part | null = null
  for (const part of parts) {
    if (!part.open) continue
    sum += part.weight * part.significance
    if (by === null || part.weight * part.significance > by.weight * by.significance) by = part
  }
  const found = { evidence: sum, needed, parts }
  if (by !== null && sum >= needed) return { ...found, zone: 'rollback', by, missing: [] }
  const missing = missingFor(state, settings, circumstances, parts)
  return { ...found, zone: missing.length === 0 ? 'go' : 'hold', by: null, missing }
}

function partsOf(state: PolicyState, settings: PolicySettings, circumstances: Circumstances): readonly Part[] {
  const weights = weightsOf(state, settings)
  const parts: Part[] = []
  for (let i = 0; i < settings.metrics.length; i += 1) {
    const own = settings.metrics[i] as MetricSettings
    const metric = state.metrics[i]
    const limits = circumstances.limits[i]
    if (own.kind === 'share' && metric?.kind === 'share' && limits?.kind === 'share') {
      parts.push(
        sharePart(
          metric.share,
          own,
          limits.limits,
          weights[own.worse === 'higher' ? 'errors' : 'events'],
          settings,
          circumstances,
        ),
      )
      if (own.outage !== null) parts.push(outagePart(metric.share, own, weights.outage, state, settings, circumstances))
    }
    if (own.kind === 'latency' && metric?.kind === 'latency' && limits?.kind === 'latency')
      parts.push(...latencyParts(metric.latency, own.name, weights.latency, settings, circumstances))
  }
  return parts
}

/** Shares of alpha, by class, divided over the metrics (and edges) of the class. */
function weightsOf(
  state: PolicyState,
  { metrics, tuning }: PolicySettings,
): Record<'errors' | 'events' | 'latency' | 'outage', number> {
  const count = { errors: 0, events: 0, latency: 0, outage: 0 }
  for (let i = 0; i < metrics.length; i += 1) {
    const own = metrics[i] as MetricSettings
    if (own.kind === 'share') {
      count[own.worse === 'higher' ? 'errors' : 'events'] += 1
      if (own.outage !== null) count.outage += 1
    } else {
      const metric = state.metrics[i]
      count.latency += Math.max(1, metric?.kind === 'latency' ? partCount(metric.latency) : 0)
    }
  }
  const { weights } = tuning
  let sum = 0
  for (const name of classes) if (count[name] > 0) sum += weights[name]
  const each = (name: (typeof classes)[number]): number => weights[name] / sum / Math.max(1, count[name])
  return { errors: each('errors'), events: each('events'), latency: each('latency'), outage: each('outage') }
}

const classes = ['errors', 'events', 'latency', 'outage'] as const

function partCount({ edges, levels }: Latency): number {
  return edges === null || edges.length === 0 ? levels.length : edges.length
}

function sharePart(
  share: Share,
  own: ShareMetricSettings,
  limits: { readonly rollback: number | null; readonly ratio: { readonly rollback: number | null } | null },
  weight: number,
  settings: PolicySettings,
  { alone, sharedBreach }: Circumstances,
): Part {
  const gate = 1 / settings.tuning.limitAlpha
  const { comparison } = share
  const beyondRatio = limits.ratio?.rollback == null ? 0 : evidence(comparison.materiality)
  const floor = own.floor === null ? Number.POSITIVE_INFINITY : evidence(share.floor.materiality)
  const level = limits.rollback === null ? 0 : evidence(share.level.materiality)
  const versus = evidence(comparison.significance)
  const significance = alone ? level : sharedBreach === 'rollback' ? Math.max(versus, level) : versus
  return {
    metric: own.name,
    aspect: 'share',
    quantile: null,
    weight,
    significance,
    materiality: Math.max(Math.min(beyondRatio, floor), level),
    open: (beyondRatio >= gate && floor >= gate) || level >= gate,
    suspicious: versus >= 1 / settings.beta && ((beyondRatio >= 1 && floor >= 1) || level >= gate),
  }
}

/** Without stable for a minute, an outage rests on its own evidence. */
function outagePart(
  share: Share,
  own: ShareMetricSettings,
  weight: number,
  state: PolicyState,
  settings: PolicySettings,
  { at, alone }: Circumstances,
): Part {
  const level = evidence(share.outage.materiality)
  const isBlind = alone || state.lastStable === null || at - state.lastStable > patience(settings)
  return {
    metric: own.name,
    aspect: 'outage',
    quantile: null,
    weight,
    significance: isBlind ? level : evidence(share.fast),
    materiality: level,
    open: level >= 1 / settings.alpha,
    suspicious: false,
  }
}

function latencyParts(
  latency: Latency,
  metric: string,
  weight: number,
  settings: PolicySettings,
  { alone, sharedBreach }: Circumstances,
): readonly Part[] {
  const gate = 1 / settings.tuning.limitAlpha
  const edges = latency.edges ?? []
  if (alone || edges.length === 0)
    return latency.levels.map(({ quantile, level }) => {
      const beyond = evidence(level.materiality)
      return {
        metric,
        aspect: 'level',
        quantile,
        weight,
        significance: alone ? beyond : 0,
        materiality: beyond,
        open: beyond >= gate,
        suspicious: false,
      }
    })
  return edges.map((edge) => {
    const { comparison, quantile } = edge
    const beyond = edge.limits.rollback === null ? 0 : evidence(comparison.materiality)
    let level = 0
    for (const one of latency.levels)
      if (nearestQuantile(one.quantile, edges) === quantile) level = Math.max(level, evidence(one.level.materiality))
    const versus = evidence(comparison.significance)
    return {
      metric,
      aspect: 'quantile',
      quantile,
      weight,
      significance: sharedBreach === 'rollback' ? Math.max(versus, level) : versus,
      materiality: Math.max(beyond, level),
      open: beyond >= gate || level >= gate,
      suspicious: versus >= 1 / settings.beta && (beyond >= 1 || level >= gate),
    }
  })
}

function nearestQuantile(quantile: number, edges: readonly { readonly quantile: number }[]): number {
  const distance = (one: number): number => Math.abs(Math.log((1 - one) / (1 - quantile)))
  let best = edges[0]?.quantile ?? quantile
  for (const edge of edges) if (distance(edge.quantile) < distance(best)) best = edge.quantile
  return best
}

/** How long an arm may be silent before it counts as lost, in seconds. */
function patience({ stepSeconds }: PolicySettings): number {
  return Math.max(60, 4 * stepSeconds)
}

function missingFor(
  state: PolicyState,
  settings: PolicySettings,
  circumstances: Circumstances,
  parts: readonly Part[],
): readonly Missing[] {
  const missing: Missing[] = []
  const { at, alone, limits } = circumstances
  for (const part of parts) if (part.suspicious) missing.push(lack('suspicion', part.metric, part.quantile))
  if (state.lastCanary === null || at - state.lastCanary > patience(settings))
    missing.push(lack('no-canary', null, null))
  if (!alone && !hasItsShare(state)) missing.push(lack('traffic-share', null, null))
  for (let i = 0; i < settings.metrics.length; i += 1) {
    const own = settings.metrics[i] as MetricSettings
    const metric = state.metrics[i]
    const limit = limits[i]
    if (own.kind === 'share' && metric?.kind === 'share' && limit?.kind === 'share')
      missing.push(...shareMissing(metric.share, own, limit.limits, settings, alone))
    if (own.kind === 'latency' && metric?.kind === 'latency' && limit?.kind === 'latency')
      missing.push(...latencyMissing(metric.latency, own.name, limit.limits, settings, alone))
  }
  return missing
}

/** A canary that gets far less traffic than its weight says is not the canary that was asked for. */
function hasItsShare({ traffic }: PolicyState): boolean {
  let [all, canary, expected] = [0, 0, 0]
  for (const block of traffic) {
    all += block[1] + block[2]
    canary += block[1]
    expected += block[3]
  }
  return all > 0 && canary >= 0.3 * expected
}

function shareMissing(
  share: Share,
  own: ShareMetricSettings,
  limits: {
    readonly go: number | null
    readonly rollback: number | null
    readonly ratio: { readonly go: number | null } | null
  },
  settings: PolicySettings,
  alone: boolean,
): readonly Missing[] {
  const need = 1 / settings.beta
  const missing: Missing[] = []
  const floor = own.floor === null ? 0 : evidence(share.floor.certificate)
  if (!alone && limits.ratio?.go != null) {
    const versus = evidence(share.comparison.certificate)
    const have = own.floor === null ? versus : (versus + floor) / 2
    if (have < need) missing.push(certificate(own.name, null, 'stable', have, need))
    if (!recentlyWithin(share.comparison) && floor < need) missing.push(lack('recent', own.name, null))
  }
  if (limits.go !== null) {
    const have = evidence(share.level.certificate)
    if (have < need) missing.push(certificate(own.name, null, 'limit', have, need))
  }
  if (limits.rollback !== null && recentLevel(share.comparison, own) > limits.rollback)
    missing.push(lack('shared-breach', own.name, null))
  return missing
}

function latencyMissing(
  latency: Latency,
  metric: string,
  limits: {
    readonly ratio: { readonly go: number | null } | null
    readonly absolute: readonly { readonly quantile: number; readonly go: number | null }[]
  },
  settings: PolicySettings,
  alone: boolean,
): readonly Missing[] {
  const need = 1 / settings.beta
  const missing: Missing[] = []
  if (!alone && limits.ratio?.go != null) {
    if (latency.edges === null || latency.edges.length === 0) missing.push(lack('no-reference', metric, null))
    for (const { comparison, quantile } of latency.edges ?? []) {
      const have = evidence(comparison.certificate)
      if (have < need) missing.push(certificate(metric, quantile, 'stable', have, need))
      else if (!recentlyWithin(comparison)) missing.push(lack('recent', metric, quantile))
    }
  }
  for (const { quantile, level } of latency.levels) {
    const limit = limits.absolute.find((one) => one.quantile === quantile)
    if (limit?.go == null) continue
    const have = evidence(level.certificate)
    if (have < need) missing.push(certificate(metric, quantile, 'limit', have, need))
  }
  return missing
}

/** The canary's own share in the last minutes; 0 without traffic. */
function recentLevel(comparison: Comparison, { worse }: ShareMetricSettings): number {
  const { xc, nc, xs, ns } = recentPair(comparison)
  if (worse === 'higher') return nc > 0 ? xc / nc : 0
  return ns > 0 ? 1 - xs / ns : 0
}

/** The point estimate of the last minutes must lie within the go limit: no certificate covers what has just begun. */
function recentlyWithin(comparison: Comparison): boolean {
  return comparison.goLimit === null || recentRatio(comparison) <= comparison.goLimit
}

function lack(why: Missing['why'], metric: string | null, quantile: number | null): Missing {
  return { why, metric, quantile, against: null, have: null, need: null }
}

function certificate(
  metric: string,
  quantile: number | null,
  against: 'stable' | 'limit',
  have: number,
  need: number,
): Missing {
  return { why: 'certificate', metric, quantile, against, have, need }
}
