/** One metric against its limits: the zone it is in, and the sentence that says so. */
import { meets } from '../plan/limit.ts'
import type { Limit, MetricLimits, MetricPlan, RelativeLimit } from '../plan/plan.ts'
import type { Millis } from '../units.ts'
import { type ArmValue, type ArmWindow, hasTotals, valueOf } from './arm-window.ts'
import { baseline, distance, number, quantileName, standing } from './sentences.ts'
import type { MetricReading, Verdict, Zone } from './verdict.ts'

export interface Arms {
  readonly canary: ArmWindow
  readonly stable: ArmWindow
}

/** A reading with what the fold needs to know of it. */
export interface Assessed {
  readonly reading: MetricReading
  /** The author's words of the limit that rolls back, or that keeps it from going. */
  readonly rule: string | null
}

export interface Circumstances {
  /** At 100 % and after it stable has no traffic: what cannot be compared any more does not hold the release. */
  readonly stableMayBeGone: boolean
  /** Observed time a limit has been exceeded, by `ruleKey`; absent = it is not exceeded. */
  readonly beyondMs: Readonly<Record<string, Millis>>
  /** A limit that stable breaks as well is nobody's news: hold, or roll back all the same. */
  readonly sharedBreach: 'hold' | 'rollback'
}

/** Does the value prove the limit broken, prove it kept, or neither? */
export type Beyond = 'beyond' | 'inside' | 'unproven'

export function ruleKey(kind: 'rollback' | 'versus-stable', quantile: number | null, text: string): string {
  return `${kind} ${quantileName(quantile)} ${text}`
}

/** The stage's limits beside the rollout's: with both, the strictest applicable rule wins. */
export function strictest(metric: MetricPlan, override: Partial<MetricLimits> | undefined): MetricLimits {
  return {
    go: [...metric.go, ...(override?.go ?? [])],
    rollback: [...metric.rollback, ...(override?.rollback ?? [])],
    versusStable: [...metric.versusStable, ...(override?.versusStable ?? [])],
    goVersusStable: [...(metric.goVersusStable ?? []), ...(override?.goVersusStable ?? [])],
  }
}

/** The quantiles a histogram is looked at: those its limits name, else p95. Other metrics have one number. */
export function quantilesOf(metric: MetricPlan, limits: MetricLimits): readonly (number | null)[] {
  if (metric.kind !== 'histogram') return [null]
  const { go, rollback, versusStable, goVersusStable = [] } = limits
  const named = [...go, ...rollback, ...versusStable, ...goVersusStable].flatMap((limit) => limit.quantile ?? [])
  return named.length === 0 ? [0.95] : [...new Set(named)].sort((a, b) => a - b)
}

/** Limits without a quantile apply to every quantile that is looked at. */
export function limitsAt(limits: MetricLimits, quantile: number | null): MetricLimits {
  const here = (limit: { readonly quantile: number | null }): boolean =>
    quantile === null || limit.quantile === null || limit.quantile === quantile
  return {
    go: limits.go.filter(here),
    rollback: limits.rollback.filter(here),
    versusStable: limits.versusStable.filter(here),
    goVersusStable: (limits.goVersusStable ?? []).filter(here),
  }
}

/** Is the rollback limit reached? An open last bucket proves only that the value is higher than its edge. */
export function beyondLimit(canary: ArmValue, limit: Limit): Beyond {
  if (canary.kind === 'none') return 'unproven'
  const reached = meets(canary.value, limit)
  if (!canary.atLeast) return reached ? 'beyond' : 'inside'
  const upward = limit.operator === '>' || limit.operator === '>='
  if (upward) return canary.value >= limit.value ? 'beyond' : 'unproven'
  return reached ? 'unproven' : 'inside'
}

/** Is the canary further from stable than allowed? */
export function beyondStable(canary: ArmValue, stable: ArmValue, limit: RelativeLimit, metric: MetricPlan): Beyond {
  if (canary.kind === 'none' || stable.kind === 'none') return 'unproven'
  const worst = worstAllowed(canary, stable, limit, metric)
  if (worst === null) return 'unproven'
  const broken = isLowerWorse(limit, metric) ? canary.value < worst : canary.value > worst
  if (stable.atLeast) return 'unproven'
  if (broken) return 'beyond'
  return canary.atLeast ? 'unproven' : 'inside'
}

/**
 * The worst canary value that stable's allows. For a relative limit on a share, stable counts as having at least one bad
 * request in as many as the canary had: a single bad request against a spotless stable is no proof, two are.
 */
function worstAllowed(
  canary: ArmValue & { kind: 'value' },
  stable: ArmValue & { kind: 'value' },
  limit: RelativeLimit,
  metric: MetricPlan,
): number | null {
  const sign = isLowerWorse(limit, metric) ? -1 : 1
  if (limit.points !== null) return stable.value + sign * Math.abs(limit.points)
  if (limit.relative === null) return null
  // Nothing happens on stable either: fewer than nothing cannot be shown.
  if (sign < 0 && metric.kind !== 'gauge' && stable.value <= 0) return null
  const from = metric.kind === 'ratio' && sign > 0 ? Math.max(stable.value, 1 / canary.samples) : stable.value
  return from + sign * Math.abs(from) * Math.abs(limit.relative)
}

function isLowerWorse(limit: RelativeLimit, metric: MetricPlan): boolean {
  return worseOf(metric) === 'lower' || (limit.relative ?? limit.points ?? 0) < 0
}

/** Plans from before the direction could be said counted what should happen as events. */
export function worseOf(metric: MetricPlan): 'higher' | 'lower' {
  return metric.worse ?? (metric.kind === 'events' ? 'lower' : 'higher')
}

/** Gauges are one number per reading and bare counts may rightly be zero: only requests can be too few. */
export function samplesNeeded(metric: MetricPlan, arm: ArmWindow): number {
  if (metric.kind === 'gauge' || (metric.kind === 'events' && !hasTotals(arm))) return 1
  return Math.max(1, metric.minSamples)
}

export function assess(
  metric: MetricPlan,
  limits: MetricLimits,
  quantile: number | null,
  arms: Arms,
  at: Circumstances,
): Assessed {
  const here = limitsAt(limits, quantile)
  const canary = valueOf(arms.canary, metric, quantile)
  const stable = valueOf(arms.stable, metric, quantile)
  const facts: Facts = { metric, quantile, limits: here, canary, stable, arms }
  if (canary.kind === 'none') return noData(facts, `no data from the canary: ${canary.say}`)
  const needed = samplesNeeded(metric, arms.canary)
  if (Math.floor(canary.samples + 1e-6) < needed) return tooFew(facts, 'canary', canary.samples, needed)

  const broken = here.rollback.find((limit) => isBroken(at, metric, 'rollback', quantile, limit.text))
  const isShared = broken !== undefined && at.sharedBreach === 'hold' && sharesBreach(facts, broken)
  const words = broken && `${standing(canary.value, broken, metric.unit)} rollback`
  if (broken && !isShared) return breach(facts, broken.text, words ?? '')
  const comparison = compare(facts, at)
  if (comparison.kind === 'breach') return comparison.assessed
  if (broken) return grey(facts, broken.text, `${words}, which stable breaks as well`)
  const doubted = here.rollback.find((limit) => beyondLimit(canary, limit) !== 'inside')
  if (doubted)
    return grey(
      facts,
      doubted.text,
      `${standing(canary.value, doubted, metric.unit)} rollback`,
      lasting(facts, at, doubted.text),
    )
  const unmet = here.go.find((limit) => !meets(canary.value, limit) || !isProven(canary, limit))
  if (unmet)
    return grey(facts, unmet.text, `${standing(canary.value, unmet, metric.unit)} go${rollbackBeside(here, metric)}`)
  if (comparison.kind !== 'fine') return comparison.assessed
  return settle(facts, 'go', 'healthy', null, healthyWords(facts) + comparison.say)
}

/** A breach that stable shows alike does not come from the new version. */
function sharesBreach({ stable, metric, arms }: Facts, limit: Limit): boolean {
  const isCounted = stable.samples + 1e-6 >= samplesNeeded(metric, arms.stable)
  return isCounted && beyondLimit(stable, limit) === 'beyond'
}

interface Facts {
  readonly metric: MetricPlan
  readonly quantile: number | null
  readonly limits: MetricLimits
  readonly canary: ArmValue
  readonly stable: ArmValue
  readonly arms: Arms
}

type Comparison =
  | { readonly kind: 'breach' | 'hold'; readonly assessed: Assessed }
  | { readonly kind: 'fine'; readonly say: string }

/** The versus-stable rules. A breach is told apart from what only keeps the release from going. */
function compare(facts: Facts, at: Circumstances): Comparison {
  const { metric, quantile, limits, canary, stable, arms } = facts
  const allowed = [...limits.versusStable, ...(limits.goVersusStable ?? [])]
  if (allowed.length === 0) return { kind: 'fine', say: '' }
  const needed = samplesNeeded(metric, arms.stable)
  const few = Math.floor(stable.samples + 1e-6) < needed
  if (stable.kind === 'none' || few) {
    if (at.stableMayBeGone) return { kind: 'fine', say: ' (stable has no traffic left to compare with)' }
    const held =
      stable.kind === 'none'
        ? noData(facts, `no data from stable: ${stable.say}`)
        : tooFew(facts, 'stable', stable.samples, needed)
    return { kind: 'hold', assessed: held }
  }
  if (metric.kind === 'events' && !(hasTotals(arms.canary) && hasTotals(arms.stable)))
    return { kind: 'hold', assessed: noData(facts, 'counts without `total` cannot be compared with stable') }
  const broken = limits.versusStable.find((limit) => isBroken(at, metric, 'versus-stable', quantile, limit.text))
  if (broken)
    return {
      kind: 'breach',
      assessed: breach(facts, broken.text, `is worse than stable ${distance(broken, metric.unit)}`),
    }
  const open = allowed.find((limit) => beyondStable(canary, stable, limit, metric) !== 'inside')
  if (open === undefined) return { kind: 'fine', say: '' }
  const words =
    beyondStable(canary, stable, open, metric) === 'beyond'
      ? `is worse than stable ${distance(open, metric.unit)}${lasting(facts, at, open.text)}`
      : `cannot be told from stable ${distance(open, metric.unit)}`
  return { kind: 'hold', assessed: grey(facts, open.text, words) }
}

function isBroken(
  at: Circumstances,
  metric: MetricPlan,
  kind: 'rollback' | 'versus-stable',
  quantile: number | null,
  text: string,
): boolean {
  const lasted = at.beyondMs[ruleKey(kind, quantile, text)]
  return lasted !== undefined && lasted >= metric.forMs
}

/** A value of which only the lower bound is known keeps a limit only upwards. */
function isProven(canary: ArmValue, limit: Limit): boolean {
  return canary.kind === 'value' && (!canary.atLeast || limit.operator === '>' || limit.operator === '>=')
}

function lasting(facts: Facts, at: Circumstances, text: string): string {
  if (facts.metric.forMs === 0) return ''
  const key = [ruleKey('rollback', facts.quantile, text), ruleKey('versus-stable', facts.quantile, text)].find(
    (one) => one in at.beyondMs,
  )
  const lasted = key === undefined ? 0 : (at.beyondMs[key] ?? 0)
  return ` for ${Math.round(lasted / 1000)} of ${Math.round(facts.metric.forMs / 1000)} s`
}

function rollbackBeside(limits: MetricLimits, metric: MetricPlan): string {
  const limit = limits.rollback[0]
  return limit === undefined
    ? ''
    : `, ${limit.operator.startsWith('>') ? '<' : '>'} ${number(limit.value, metric.unit)} rollback`
}

function healthyWords(facts: Facts): string {
  const { metric, limits, canary } = facts
  const limit = limits.go[0]
  if (canary.kind === 'none') return ''
  if (limit) return `${standing(canary.value, limit, metric.unit)} go`
  const rollback = limits.rollback[0]
  if (rollback) return `${standing(canary.value, rollback, metric.unit)} rollback`
  const versus = limits.versusStable[0]
  return versus ? `within stable ${distance(versus, metric.unit)}` : 'no limit'
}

function breach(facts: Facts, rule: string, words: string): Assessed {
  return settle(facts, 'rollback', 'breach', rule, words)
}

function grey(facts: Facts, rule: string, words: string, time = ''): Assessed {
  return settle(facts, 'hold', 'grey', rule, words, time)
}

/** `latency p95 1.31 s > 1 s go, < 2 s rollback · stable 0.42 s`. */
function settle(
  facts: Facts,
  zone: Zone,
  why: Verdict['why'],
  rule: string | null,
  comparison: string,
  time = '',
): Assessed {
  const { metric, canary, stable } = facts
  const told = ownWords(facts)
  if (told !== null) return { rule, reading: reading(facts, zone, why, time === '' ? told : `${told},${time}`) }
  const words = comparison + time
  const open = canary.kind === 'value' && canary.atLeast ? '≥ ' : ''
  const value = canary.kind === 'value' ? `${open}${number(canary.value, metric.unit)} ` : ''
  const say = `${nameOf(facts)} ${value}${words} · ${baseline(stable.kind === 'value' ? stable.value : null, metric.unit)}`
  return { rule, reading: reading(facts, zone, why, say) }
}

function noData(facts: Facts, words: string): Assessed {
  const say = ownWords(facts) ?? `${nameOf(facts)} ${words}`
  return { rule: null, reading: reading(facts, 'hold', 'no-data', say) }
}

/** A sample that brings its own sentence, as a check does, is told with it. */
function ownWords(facts: Facts): string | null {
  const { say } = facts.arms.canary
  return say === undefined ? null : `${nameOf(facts)}: ${say}`
}

function tooFew(facts: Facts, arm: 'canary' | 'stable', samples: number, needed: number): Assessed {
  const words = `${Math.floor(samples + 1e-6)} of ${needed} samples${arm === 'stable' ? ' from stable' : ''}`
  return { rule: null, reading: reading(facts, 'hold', 'too-few', `${nameOf(facts)} ${words}`) }
}

function nameOf(facts: Facts): string {
  return facts.quantile === null ? facts.metric.name : `${facts.metric.name} ${quantileName(facts.quantile)}`
}

function reading(facts: Facts, zone: Zone, why: Verdict['why'], say: string): MetricReading {
  const { metric, quantile, limits, canary, stable } = facts
  const texts = (list: readonly { readonly text: string }[]): string | null =>
    list.length === 0 ? null : [...new Set(list.map((limit) => limit.text))].join(', ')
  return {
    metric: metric.name,
    quantile,
    unit: metric.unit,
    canary: canary.kind === 'value' ? canary.value : null,
    stable: stable.kind === 'value' ? stable.value : null,
    samples: Math.floor(canary.samples + 1e-6),
    zone,
    why,
    limits: { go: texts(limits.go), rollback: texts(limits.rollback), versusStable: texts(limits.versusStable) },
    say: metric.dryRun ? `${say} (dry run)` : say,
    ...(metric.dryRun && { dryRun: true }),
  }
}
