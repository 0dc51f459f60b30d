/**
 * What a stage can find out at some traffic, from formulas instead of simulated rollouts: instantaneous, and within a
 * factor of two of what a simulation finds. For the plan, which is shown before anything is released.
 */
import { deadlineOf } from '../../plan/deadline.ts'
import type { JudgePlan, MetricPlan, StagePlan } from '../../plan/plan.ts'
import type { JudgeSubject } from '../../ports/judge.ts'
import { worseOf } from '../reading.ts'
import { patience } from '../statistical/decide.ts'
import {
  certifyingEdge,
  type Latency,
  learnLatency,
  newLatency,
  useEdges,
  warmLatency,
} from '../statistical/latency.ts'
import type { LatencyLimits } from '../statistical/latency.ts'
import { normalCdf } from '../statistical/normal.ts'
import { natsToCompare, natsToShow } from '../statistical/outlook.ts'
import type { LatencyMetricSettings, PolicySettings, ShareMetricSettings } from '../statistical/policy.ts'
import type { ShareLimits } from '../statistical/share.ts'
import { countedMetrics, limitsBeside, settingsOf } from '../statistical/subject.ts'
import { capFor, tuning } from '../statistical/tuning.ts'
import { type Assumed, quantileAssumed, shareOf } from './assumed.ts'
import { smallestFound } from './smallest.ts'

export interface StageEstimate {
  readonly soakMs: number
  readonly deadlineMs: number
  /** Canary requests within the soak. */
  readonly requests: number
  /** Each thing that must be certain to go, the slowest first. */
  readonly certificates: readonly CertificateEstimate[]
  /** From the start of the stage until a healthy version can go; null = never at this traffic. */
  readonly goMs: number | null
  /** So many times the usual errors are found within the soak more often than not; null = not even every request failing. */
  readonly errorTimes: number | null
}

export interface CertificateEstimate {
  readonly metric: string
  readonly quantile: number | null
  /** null = never, and `never` says why. */
  readonly needMs: number | null
  /** What is usual is beyond the limit, or the window never holds `min-samples`. */
  readonly never: 'beyond' | 'too-few' | null
}

/** Requests per second of both arms. */
export interface Rates {
  readonly canary: number
  readonly stable: number
}

/** The statistical policy waits for evidence, thresholds wait for samples; a rank test is there for comparison only. */
export function estimateStages(
  judge: JudgePlan,
  stages: readonly StagePlan[],
  assumed: Assumed,
): readonly StageEstimate[] {
  if (judge.policy === 'mann-whitney') return []
  if (judge.policy !== 'statistical') return stages.map((stage) => waitForSamples(judge, stage, assumed))
  const plannedMs = stages.reduce((sum, { soakMs }) => sum + soakMs, 0)
  return stages.map((stage, index) =>
    estimateStage({ judge, stage, startedAt: 0, plannedMs }, stage, index === 0, assumed),
  )
}

/** Limits of a window that is filled with enough canary requests. Events are counted by themselves, gauges need none. */
function waitForSamples(judge: JudgePlan, stage: StagePlan, assumed: Assumed): StageEstimate {
  const perSecond = (assumed.perSecond * stage.weightPercent) / 100
  const certificates = judge.metrics
    .filter(({ kind, dryRun }) => dryRun !== true && (kind === 'ratio' || kind === 'histogram'))
    .map(({ name, minSamples, windowMs }): CertificateEstimate => {
      const needMs = (minSamples / perSecond) * 1000
      const isNever = needMs > windowMs
      return { metric: name, quantile: null, needMs: isNever ? null : needMs, never: isNever ? 'too-few' : null }
    })
    .toSorted(slowestFirst)
  const need = certificates[0]?.needMs
  return {
    soakMs: stage.soakMs,
    deadlineMs: deadlineOf(judge, stage),
    requests: Math.round((perSecond * stage.soakMs) / 1000),
    certificates,
    goMs: need === null ? null : judge.warmUpMs + Math.max(judge.everyMs, need ?? 0),
    errorTimes: null,
  }
}

function slowestFirst(a: CertificateEstimate, b: CertificateEstimate): number {
  return (b.needMs ?? Number.MAX_VALUE) - (a.needMs ?? Number.MAX_VALUE)
}

function estimateStage(subject: JudgeSubject, stage: StagePlan, isFirst: boolean, assumed: Assumed): StageEstimate {
  const { judge } = subject
  const settings = settingsOf(subject)
  const part = stage.weightPercent / 100
  const rates = { canary: assumed.perSecond * part, stable: judge.arms === null ? 0 : assumed.perSecond * (1 - part) }
  const limits = limitsBeside(subject, (metric) => shareOf(metric, assumed))
  const certificates = countedMetrics(judge, stage).flatMap((metric, i): readonly CertificateEstimate[] => {
    const own = settings.metrics[i]
    const limit = limits[i]
    if (own === undefined || own.dryRun === true) return []
    const view: View = { metric, settings, rates, assumed, everyMs: judge.everyMs }
    if (own.kind === 'share' && limit?.kind === 'share') return shareCertificates(view, own, limit.limits)
    if (own.kind === 'latency' && limit?.kind === 'latency') return latencyCertificates(view, own, limit.limits)
    return []
  })
  const slowest = certificates.toSorted(slowestFirst)
  const need = slowest[0]?.needMs
  const needsStable = limits.some((one) => one.kind === 'share' && one.limits.ratio?.go != null)
  const leastMs = needsStable ? leastOf(settings, rates) : 0
  // What a canary did before it was warm counts for nothing; in later stages it is warm, and only the going waits.
  const lostMs = isFirst ? judge.warmUpMs : 0
  return {
    soakMs: stage.soakMs,
    deadlineMs: deadlineOf(judge, stage),
    requests: Math.round((rates.canary * stage.soakMs) / 1000),
    certificates: slowest,
    goMs: need === null ? null : Math.max(judge.warmUpMs + judge.everyMs, leastMs, lostMs + (need ?? 0)),
    errorTimes: smallestFound(settings, limits, rates, assumed, Math.max(0, stage.soakMs - lostMs) / 1000),
  }
}

/** A look, or without stable the time after which nobody expects it any more. */
function leastOf(settings: PolicySettings, { stable }: Rates): number {
  return 1000 * (stable > 0 ? settings.stepSeconds : patience(settings) + settings.stepSeconds)
}

interface View {
  readonly metric: MetricPlan
  readonly settings: PolicySettings
  readonly rates: Rates
  readonly assumed: Assumed
  readonly everyMs: number
}

/** Evidence that the stake costs: only a part of it rides on the right size. In nats. */
const compareCost = -Math.log(0.45 * tuning.firstStake.health)
const showCost = -Math.log(0.25 * tuning.firstStake.health)

/**
 * Of many events the evidence wanders like a Brownian motion, whose first passage has its median below its mean (inverse
 * Gaussian, shape half of the nats). Of few, as errors are, the lumps make up for it.
 */
const firstPassage = 0.77

function shareCertificates(view: View, own: ShareMetricSettings, limits: ShareLimits): readonly CertificateEstimate[] {
  const { metric, rates, assumed } = view
  const share = shareOf(metric, assumed)
  const isLower = worseOf(metric) === 'lower'
  const found: CertificateEstimate[] = []
  const add = (needMs: number | null): void =>
    void found.push({ metric: metric.name, quantile: null, ...needOf(needMs) })
  if (rates.stable > 0 && limits.ratio?.go != null) {
    // Where less is worse, stable plays the canary.
    const [nc, ns] = isLower ? [rates.stable, rates.canary] : [rates.canary, rates.stable]
    const limit = isLower ? 1 / limits.ratio.go : limits.ratio.go
    const versus = compareMs(view, share, nc, ns, limit, own.floor === null ? 1 : 2, isLower ? firstPassage : 1)
    const floor = own.floor === null ? null : showMs(view, share, own.floor, 2)
    add(sooner(versus, floor))
  }
  if (limits.go !== null) add(showMs(view, isLower ? 1 - share : share, limits.go, 1))
  return found
}

function latencyCertificates(
  view: View,
  own: LatencyMetricSettings,
  limits: LatencyLimits,
): readonly CertificateEstimate[] {
  const { metric, rates, assumed, settings } = view
  const expected = expectedLatency(own, limits, assumed, settings)
  const found: CertificateEstimate[] = []
  if (rates.stable > 0)
    for (const { quantile, index, floor, limits: edge } of expected.edges ?? []) {
      if (edge.go === null) continue
      const slow = slowAt(expected, index)
      const versus = compareMs(view, slow, rates.canary, rates.stable, edge.go, floor === null ? 1 : 2, firstPassage)
      const shown = floor === null ? null : showMs(view, slow, 1 - quantile, 2)
      found.push({ metric: metric.name, quantile, ...needOf(sooner(versus, shown)) })
    }
  for (const { quantile, go } of limits.absolute) {
    if (go === null) continue
    const slow = slowAt(expected, certifyingEdge(expected, go, 1 - quantile))
    found.push({ metric: metric.name, quantile, ...needOf(showMs(view, slow, 1 - quantile, 1)) })
  }
  return found
}

/** The judge's own choice of edges and limits for stable's latencies as they are assumed. */
function expectedLatency(
  { quantiles, absolute }: LatencyMetricSettings,
  limits: LatencyLimits,
  assumed: Assumed,
  settings: PolicySettings,
): Latency {
  const { edges, sigma } = assumed
  const middle = Math.log(quantileAssumed(assumed, 0.5))
  const many = 1e7
  const counts = [...edges.map((edge) => many * normalCdf((Math.log(edge) - middle) / sigma)), many]
  const nobody = counts.map(() => 0)
  const latency = newLatency(absolute)
  useEdges(latency, [...edges, Number.MAX_VALUE])
  learnLatency(latency, settings.stepSeconds, nobody, counts, quantiles, settings.tuning)
  const none = { first: 0, later: 0 }
  warmLatency(latency, nobody, counts, limits, quantiles, {
    seconds: settings.stepSeconds,
    stakes: { damage: none, health: none },
    caps: { damage: 0, health: 0 },
    tuning: settings.tuning,
  })
  return latency
}

function slowAt({ reference }: Latency, index: number): number {
  const all = reference?.at(-1) ?? 0
  return all > 0 ? 1 - (reference?.[index] as number) / all : 1
}

/** `among`: of so many certificates the mean must do, and only one of them does anything. */
function compareMs(
  view: View,
  share: number,
  nc: number,
  ns: number,
  limit: number,
  among: number,
  part = 1,
): number | null {
  if (!(limit > 1) || !(nc > 0 && ns > 0)) return null
  const perSecond = share * nc * natsToCompare(limit, nc / ns)
  return msFor(view, part * (Math.log(among / view.settings.beta) + compareCost), perSecond, share)
}

function showMs(view: View, share: number, limit: number, among: number): number | null {
  if (!(share < limit) || !(limit < 1)) return null
  const perSecond = view.rates.canary * natsToShow(share, limit)
  return msFor(view, Math.log(among / view.settings.beta) + showCost, perSecond, share)
}

/** As the dispersion is learnt while time passes, the time it takes is the fixed point. */
function msFor(view: View, nats: number, perSecond: number, share: number): number | null {
  const cap = capFor(tuning.healthCap, view.settings.stepSeconds) / view.settings.stepSeconds
  if (!(perSecond > 0)) return null
  const first = nats / Math.min(cap, perSecond)
  let seconds = first
  for (let i = 0; i < 12; i += 1)
    seconds = nats / Math.min(cap, perSecond / dispersionAfter(view, seconds / 2, view.rates.canary * share))
  return Math.ceil((seconds * 1000) / view.everyMs) * view.everyMs
}

/** What the judge takes the scatter to be after some time, if the counts are quiet. `events` of the canary per second. */
function dispersionAfter({ metric, assumed }: View, seconds: number, events: number): number {
  const { cluster, own } = assumed.noise
  const blockSeconds = tuning.blockSeconds.at(-1) ?? 180
  const counted = metric.kind === 'histogram' ? 0 : own
  const real =
    Math.max(1, metric.kind === 'histogram' ? 1 : 2 * cluster - 1) + counted * counted * events * blockSeconds
  if (assumed.history) return real
  const { factor, noise, blocks } = tuning.priorWithout
  const kind = metric.kind === 'histogram' ? 'latency' : worseOf(metric) === 'higher' ? 'errors' : 'events'
  const prior = factor + noise[kind] * noise[kind] * events * blockSeconds
  const seen = seconds / Math.max(blockSeconds, 3 / events)
  return (prior * blocks + real * seen) / (blocks + seen)
}

function needOf(needMs: number | null): Pick<CertificateEstimate, 'needMs' | 'never'> {
  return { needMs, never: needMs === null ? 'beyond' : null }
}

function sooner(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}
