/** What follows from the evidence: roll back, go, or hold and what is missing. */
import { type Comparison, recentPair, recentRatio } from './comparison.ts'
import { type Edge, isChosen, type Latency, type LatencyLimits, type LevelAt } from './latency.ts'
import { evidence, type Mixture } from './mixture.ts'
import type {
  LatencyMetricSettings,
  MetricSettings,
  PolicySettings,
  PolicyState,
  ShareMetricSettings,
  StageLimits,
} from './policy.ts'
import type { Share, ShareLimits } from './share.ts'

export interface Decision {
  readonly zone: 'go' | 'hold' | 'rollback'
  /** The part with the most evidence behind a rollback; null for the other zones. */
  readonly by: Part | null
  /** Evidence that a rollback rests on, summed over the parts that are beyond a limit. It needs `needed`. */
  readonly evidence: number
  readonly needed: number
  readonly parts: readonly Part[]
  readonly certificates: readonly Certificate[]
  /** All that stands between the canary and a go, the first of them first. Empty for a go. */
  readonly missing: readonly Missing[]
}

/** One thing that is judged: a share, a quantile's edge, an outage, an absolute limit alone. */
export interface Part {
  readonly metric: string
  readonly aspect: 'share' | 'outage' | 'quantile' | 'level'
  readonly quantile: number | null
  readonly dryRun: boolean
  /** Part of alpha that is its own. */
  readonly weight: number
  /** Evidence that the canary is worse than stable (or, without stable, beyond its limit). */
  readonly significance: number
  /** Evidence that it is beyond a declared limit; it needs 1 / limitAlpha to open the gate. */
  readonly materiality: number
  readonly open: boolean
  /** Which limit is exceeded the more clearly. */
  readonly beyond: 'stable' | 'limit'
  /** Worse than stable with confidence, and as likely beyond a limit as not. */
  readonly suspicious: boolean
}

/** Evidence that damage of the size of a go limit is excluded. */
export interface Certificate {
  readonly metric: string
  readonly quantile: number | null
  readonly dryRun: boolean
  readonly against: 'stable' | 'limit'
  readonly have: number
  readonly need: number
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

/** What all parts of a decision look at. */
interface View extends Circumstances {
  readonly settings: PolicySettings
  /** Evidence that opens the gate of a limit. */
  readonly gate: number
  /** Evidence that a certificate, and a suspicion, needs. */
  readonly need: number
  /** Nothing has been heard of stable for a while: an absolute limit then rests on its own evidence. */
  readonly blind: boolean
}

export function decide(state: PolicyState, settings: PolicySettings, circumstances: Circumstances): Decision {
  const { alone, at } = circumstances
  const view: View = {
    ...circumstances,
    settings,
    gate: 1 / settings.tuning.limitAlpha,
    need: 1 / settings.beta,
    blind: alone || state.lastStable === null || at - state.lastStable > patience(settings),
  }
  const parts = partsOf(state, view)
  const certificates = certificatesOf(state, view)
  const needed = 1 / settings.alpha
  let sum = 0
  let by: Part | null = null
  for (const part of parts) {
    if (!part.open || part.dryRun) continue
    sum += part.weight * part.significance
    if (by === null || part.weight * part.significance > by.weight * by.significance) by = part
  }
  const found = { evidence: sum, needed, parts, certificates }
  if (by !== null && sum >= needed) return { ...found, zone: 'rollback', by, missing: [] }
  const missing = missingFor(state, view, parts, certificates)
  return { ...found, zone: missing.length === 0 ? 'go' : 'hold', by: null, missing }
}

/** How long an arm may be silent before it counts as lost, in seconds. */
export function patience({ stepSeconds }: PolicySettings): number {
  return Math.max(60, 4 * stepSeconds)
}

function partsOf(state: PolicyState, view: View): readonly Part[] {
  const weights = weightsOf(view.settings)
  const parts: Part[] = []
  eachMetric(state, view, {
    share(share, own, limits) {
      parts.push(sharePart(share, own, limits, weights[classOf(own)], view))
      if (own.outage !== null) parts.push(outagePart(share, own, weights.outage, view))
    },
    latency(latency, own) {
      parts.push(...latencyParts(latency, own, weights.latency, view))
    },
  })
  return parts
}

function eachMetric(
  state: PolicyState,
  { settings, limits }: View,
  does: {
    share(share: Share, own: ShareMetricSettings, limits: ShareLimits): void
    latency(latency: Latency, own: LatencyMetricSettings, limits: LatencyLimits): void
  },
): void {
  for (let i = 0; i < settings.metrics.length; i += 1) {
    const own = settings.metrics[i] as MetricSettings
    const metric = state.metrics[i]
    const limit = limits[i]
    if (own.kind === 'share' && metric?.kind === 'share' && limit?.kind === 'share')
      does.share(metric.share, own, limit.limits)
    if (own.kind === 'latency' && metric?.kind === 'latency' && limit?.kind === 'latency')
      does.latency(metric.latency, own, limit.limits)
  }
}

const classes = ['errors', 'events', 'latency', 'outage'] as const
type Class = (typeof classes)[number]

function classOf({ worse }: ShareMetricSettings): 'errors' | 'events' {
  return worse === 'higher' ? 'errors' : 'events'
}

/** Shares of alpha by class, divided over the metrics (and quantiles) of the class. What is a dry run takes none of them. */
function weightsOf({ metrics, tuning }: PolicySettings): Record<Class, number> {
  const count = { errors: 0, events: 0, latency: 0, outage: 0 }
  for (let i = 0; i < metrics.length; i += 1) {
    const own = metrics[i] as MetricSettings
    if (own.dryRun === true) continue
    if (own.kind === 'share') {
      count[classOf(own)] += 1
      if (own.outage !== null) count.outage += 1
    } else count.latency += Math.max(1, own.quantiles.length, own.absolute.length)
  }
  const { weights } = tuning
  let sum = 0
  for (const name of classes) if (count[name] > 0) sum += weights[name]
  const each = (name: Class): number => weights[name] / (sum || 1) / Math.max(1, count[name])
  return { errors: each('errors'), events: each('events'), latency: each('latency'), outage: each('outage') }
}

function sharePart(share: Share, own: ShareMetricSettings, limits: ShareLimits, weight: number, view: View): Part {
  const beyondRatio = limits.ratio?.rollback == null ? 0 : evidence(share.comparison.materiality)
  const floor = own.floor === null ? Number.POSITIVE_INFINITY : evidence(share.floor.materiality)
  const level = limits.rollback === null ? 0 : evidence(share.level.materiality)
  const versus = evidence(share.comparison.significance)
  return {
    metric: own.name,
    aspect: 'share',
    quantile: null,
    dryRun: own.dryRun === true,
    weight,
    significance: standing(versus, level, view),
    materiality: Math.max(Math.min(beyondRatio, floor), level),
    open: (beyondRatio >= view.gate && floor >= view.gate) || level >= view.gate,
    beyond: Math.min(beyondRatio, floor) >= level ? 'stable' : 'limit',
    suspicious: versus >= view.need && ((beyondRatio >= 1 && floor >= 1) || level >= view.gate),
  }
}

/** Worse than stable; where stable cannot tell, or does not matter, an absolute limit stands for itself. */
function standing(versus: number, level: number, { blind, sharedBreach }: View): number {
  if (blind) return level
  return sharedBreach === 'rollback' ? Math.max(versus, level) : versus
}

function outagePart(share: Share, own: ShareMetricSettings, weight: number, { blind, settings }: View): Part {
  const level = evidence(share.outage.materiality)
  return {
    metric: own.name,
    aspect: 'outage',
    quantile: null,
    dryRun: own.dryRun === true,
    weight,
    significance: blind ? level : evidence(share.fast),
    materiality: level,
    open: level >= 1 / settings.alpha,
    beyond: 'limit',
    suspicious: false,
  }
}

function latencyParts(latency: Latency, own: LatencyMetricSettings, weight: number, view: View): readonly Part[] {
  const edges = latency.edges ?? []
  const dryRun = own.dryRun === true
  if (view.alone || edges.length === 0)
    return latency.levels.map(({ quantile, level }) => {
      const beyond = evidence(level.materiality)
      return {
        metric: own.name,
        aspect: 'level',
        quantile,
        dryRun,
        weight,
        significance: standing(0, beyond, view),
        materiality: beyond,
        open: beyond >= view.gate,
        beyond: 'limit',
        suspicious: false,
      }
    })
  // An absolute limit belongs to the edge that is nearest to its quantile.
  const homes = latency.levels.map(({ quantile }) => nearestQuantile(quantile, edges))
  return edges.map((edge) => {
    const sharers = latency.shared.filter((quantile) => nearestQuantile(quantile, edges) === edge.quantile).length
    return edgePart(latency, edge, homes, own.name, dryRun, weight * (1 + sharers), view)
  })
}

function edgePart(
  latency: Latency,
  { comparison, quantile, limits }: Edge,
  homes: readonly number[],
  metric: string,
  dryRun: boolean,
  weight: number,
  view: View,
): Part {
  const beyond = limits.rollback === null ? 0 : evidence(comparison.materiality)
  let level = 0
  for (let i = 0; i < homes.length; i += 1)
    if (homes[i] === quantile) level = Math.max(level, evidence((latency.levels[i] as LevelAt).level.materiality))
  const versus = evidence(comparison.significance)
  return {
    metric,
    aspect: 'quantile',
    quantile,
    dryRun,
    weight,
    significance: standing(versus, level, view),
    materiality: Math.max(beyond, level),
    open: beyond >= view.gate || level >= view.gate,
    beyond: beyond >= level ? 'stable' : 'limit',
    suspicious: versus >= view.need && (beyond >= 1 || level >= view.gate),
  }
}

function nearestQuantile(quantile: number, edges: readonly Edge[]): number {
  let best = quantile
  let least = Number.POSITIVE_INFINITY
  for (const edge of edges) {
    const distance = Math.abs(Math.log((1 - edge.quantile) / (1 - quantile)))
    if (distance < least) {
      least = distance
      best = edge.quantile
    }
  }
  return best
}

function certificatesOf(state: PolicyState, view: View): readonly Certificate[] {
  const found: Certificate[] = []
  const { need, alone } = view
  const add = (own: MetricSettings, quantile: number | null, against: 'stable' | 'limit', have: number): void =>
    void found.push({ metric: own.name, quantile, dryRun: own.dryRun === true, against, have, need })
  eachMetric(state, view, {
    share(share, own, limits) {
      if (!alone && limits.ratio?.go != null) {
        const floor = own.floor === null ? null : share.floor.certificate
        add(own, null, 'stable', eitherOf(share.comparison.certificate, floor))
      }
      if (limits.go !== null) add(own, null, 'limit', evidence(share.level.certificate))
    },
    latency(latency, own, limits) {
      if (!alone)
        for (const { comparison, floor, floorLimit, quantile, limits: edge } of latency.edges ?? []) {
          if (edge.go !== null) add(own, quantile, 'stable', eitherOf(comparison.certificate, floor.certificate))
          else if (floorLimit !== null) add(own, quantile, 'stable', evidence(floor.certificate))
        }
      for (const { quantile, level } of latency.levels)
        if (limits.absolute.find((one) => one.quantile === quantile)?.go != null)
          add(own, quantile, 'limit', evidence(level.certificate))
    },
  })
  return found
}

/** Better than so many times stable, or so rare that it does not matter: the mean of two certificates is one of either. */
function eitherOf(versus: Mixture, floor: Mixture | null): number {
  return floor === null ? evidence(versus) : (evidence(versus) + evidence(floor)) / 2
}

function missingFor(
  state: PolicyState,
  view: View,
  parts: readonly Part[],
  certificates: readonly Certificate[],
): readonly Missing[] {
  const missing: Missing[] = []
  if (view.settings.metrics.length === 0) return missing
  for (const part of parts)
    if (part.suspicious && !part.dryRun) missing.push(lack('suspicion', part.metric, part.quantile))
  if (state.lastCanary === null || view.at - state.lastCanary > patience(view.settings))
    missing.push(lack('no-canary', null, null))
  if (!view.alone && !hasItsShare(state)) missing.push(lack('traffic-share', null, null))
  const recent = recentlyMissing(state, view)
  const isPlain = ({ why, metric }: Missing): boolean =>
    why === 'shared-breach' && parts.some((part) => part.metric === metric && part.open && part.beyond === 'limit')
  // A limit that is broken beyond doubt is told before what only time can bring.
  missing.push(...recent.filter(isPlain))
  for (const { metric, quantile, have, need, dryRun } of certificates)
    if (!(have >= need) && !dryRun) missing.push(lack('certificate', metric, quantile))
  missing.push(...recent.filter((one) => !isPlain(one)))
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

/** No certificate covers what has just begun: the point estimates of the last minutes must be within the limits too. */
function recentlyMissing(state: PolicyState, view: View): readonly Missing[] {
  const missing: Missing[] = []
  const { alone, need } = view
  eachMetric(state, view, {
    share(share, own, limits) {
      if (own.dryRun === true) return
      const isClean = own.floor !== null && evidence(share.floor.certificate) >= need
      if (!alone && limits.ratio?.go != null && !isClean && !recentlyWithin(share.comparison))
        missing.push(lack('recent', own.name, null))
      if (limits.rollback !== null && recentLevel(share.comparison, own) > limits.rollback)
        missing.push(lack('shared-breach', own.name, null))
    },
    latency(latency, own, limits) {
      if (own.dryRun === true || alone) return
      const edges = latency.edges ?? []
      const wantsEdges = limits.ratio?.some(({ go }) => go !== null) === true
      if (wantsEdges && !own.quantiles.every((quantile) => isChosen(latency, quantile)))
        missing.push(lack('no-reference', own.name, null))
      for (const { comparison, floor, quantile } of edges) {
        const isClean = evidence(floor.certificate) >= need
        if (!isClean && !recentlyWithin(comparison)) missing.push(lack('recent', own.name, quantile))
      }
    },
  })
  return missing
}

/** The canary's own share in the last minutes; 0 without traffic. */
function recentLevel(comparison: Comparison, { worse }: ShareMetricSettings): number {
  const { xc, nc, xs, ns } = recentPair(comparison)
  if (worse === 'higher') return nc > 0 ? xc / nc : 0
  return ns > 0 ? 1 - xs / ns : 0
}

function recentlyWithin(comparison: Comparison): boolean {
  return comparison.goLimit === null || recentRatio(comparison) <= comparison.goLimit
}

function lack(why: Missing['why'], metric: string | null, quantile: number | null): Missing {
  return { why, metric, quantile }
}
