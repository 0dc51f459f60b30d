/**
 * Does a series grow, jump, fall away or stay as it is? Slope by Theil and Sen, significance by Mann and Kendall, both
 * over medians of blocks: single spikes and the memory that neighbouring samples have of each other weigh little then.
 * What was not seen long enough is `unproven`, never health. docs/trends.md has the formulas and where they are from.
 */
import type { Instant, Millis } from '../units.ts'
import { medianOf, type Point } from './summary.ts'

export type TrendRule = 'stable' | 'no-leak' | 'no-decline' | 'no-spike' | 'no-drop' | 'grows' | 'shrinks'

export interface TrendSettings {
  readonly rule: TrendRule
  /** Greatest change, or of what has to grow or shrink the least: a share of the median, or in the metric's own unit. */
  readonly within: { readonly share: number } | { readonly amount: number }
  /** So long must have been seen without a hole and without a restart. */
  readonly atLeastMs: Millis
  /** Distance of the instants that were asked for; neighbours further apart are a hole. */
  readonly everyMs: Millis
  /** Instants at which whatever is measured began anew: what it had grown before is no part of the trend. */
  readonly restarts?: readonly Instant[]
}

export interface TrendReading {
  readonly is: 'kept' | 'broken' | 'unproven'
  readonly why: string
  /** Values that were judged. */
  readonly samples: number
  readonly seenMs: Millis
  readonly median: number
  readonly highest: number
  readonly lowest: number
  /** Theil and Sen's slope times the time that was seen, in the metric's unit; null where too little was seen. */
  readonly change: number | null
  /** Chance of so clear a rise or fall in a series without any; null likewise. */
  readonly chance: number | null
}

/** What is used where a checklist says nothing. Visible in the plan's words and in the docs. */
export const usualWithin: Readonly<Record<TrendRule, number>> = {
  stable: 0.1,
  'no-leak': 0.1,
  'no-decline': 0.1,
  'no-spike': 1,
  'no-drop': 0.5,
  grows: 0,
  shrinks: 0,
}

/** A trend is believed at this chance of an error. */
export const believedAt = 0.01
const blocks = 30
const fewestBlocks = 8
/** Of the instants asked for; fewer are a series with holes. */
const leastSeen = 0.8

export function readTrend(points: readonly Point[], settings: TrendSettings): TrendReading {
  const part = sinceRestart(points, settings.restarts ?? [])
  const known = part.flatMap(({ at, value }) => (value !== null && Number.isFinite(value) ? [{ at, value }] : []))
  const base = basics(known)
  const doubt = doubtAbout(part, known, settings, base.seenMs)
  if (doubt !== null) return { ...base, is: 'unproven', why: doubt, change: null, chance: null }
  const allowed = 'amount' in settings.within ? settings.within.amount : settings.within.share * Math.abs(base.median)
  return settings.rule === 'no-spike' || settings.rule === 'no-drop'
    ? readExtreme(settings.rule, base, allowed)
    : readSlope(settings.rule, known, base, allowed)
}

interface Known {
  readonly at: Instant
  readonly value: number
}

type Base = Pick<TrendReading, 'samples' | 'seenMs' | 'median' | 'highest' | 'lowest'>

function sinceRestart(points: readonly Point[], restarts: readonly Instant[]): readonly Point[] {
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0]
  const newest = restarts.filter((at) => at > first && at <= last)
  const from = newest.length === 0 ? first : Math.max(...newest)
  return points.filter(({ at }) => at >= from)
}

function basics(known: readonly Known[]): Base {
  const sorted = known.map(({ value }) => value).sort((one, other) => one - other)
  const [first, last] = [known[0], known.at(-1)]
  return {
    samples: known.length,
    seenMs: first && last ? last.at - first.at : 0,
    median: sorted.length === 0 ? Number.NaN : medianOf(sorted),
    highest: sorted.at(-1) ?? Number.NaN,
    lowest: sorted[0] ?? Number.NaN,
  }
}

/** Why nothing can be concluded; null = enough was seen. */
function doubtAbout(
  part: readonly Point[],
  known: readonly Known[],
  { atLeastMs, everyMs }: TrendSettings,
  seenMs: Millis,
): string | null {
  const end = part.at(-1)?.at ?? 0
  const last = known.at(-1)
  if (last === undefined) return 'nothing was seen'
  if (end - last.at > 3 * everyMs) return `nothing was seen for the last ${minutes(end - last.at)}`
  if (seenMs < atLeastMs) return `seen for ${minutes(seenMs)} of ${minutes(atLeastMs)} that are needed`
  if (known.length < fewestBlocks) return `${known.length} of ${fewestBlocks} samples that are needed`
  const share = known.length / Math.max(1, part.length)
  return share < leastSeen ? `${known.length} of ${part.length} samples, the others are missing` : null
}

function minutes(ms: Millis): string {
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`
}

function readExtreme(rule: 'no-spike' | 'no-drop', base: Base, allowed: number): TrendReading {
  const far = rule === 'no-spike' ? base.highest - base.median : base.median - base.lowest
  const none = { change: null, chance: null }
  return far > allowed ? { ...base, ...none, is: 'broken', why: '' } : { ...base, ...none, is: 'kept', why: '' }
}

type SlopeRule = Exclude<TrendRule, 'no-spike' | 'no-drop'>

function readSlope(rule: SlopeRule, known: readonly Known[], base: Base, allowed: number): TrendReading {
  const grouped = inBlocks(known)
  const change = slopeOf(grouped) * base.seenMs
  const { far, chance } = directed(rule, change, chancesOf(grouped.map(({ value }) => value)))
  const found = { ...base, change, chance }
  const isFar = far > allowed
  const isWanted = rule === 'grows' || rule === 'shrinks'
  if (!isFar) return { ...found, is: isWanted ? 'broken' : 'kept', why: '' }
  if (chance <= believedAt) return { ...found, is: isWanted ? 'kept' : 'broken', why: '' }
  return { ...found, is: 'unproven', why: 'the samples scatter too much to tell' }
}

/** How far it went in the direction that the rule is about, and the chance of so clear a way there without any trend. */
function directed(
  rule: SlopeRule,
  change: number,
  { rise, fall }: ReturnType<typeof chancesOf>,
): { readonly far: number; readonly chance: number } {
  if (rule === 'stable') return { far: Math.abs(change), chance: Math.min(1, 2 * Math.min(rise, fall)) }
  return rule === 'no-leak' || rule === 'grows' ? { far: change, chance: rise } : { far: -change, chance: fall }
}

/** Medians of at most thirty parts of equal size. */
function inBlocks(known: readonly Known[]): readonly Known[] {
  const count = Math.min(blocks, known.length)
  return Array.from({ length: count }, (_, index) => {
    const part = known.slice(
      Math.floor((index * known.length) / count),
      Math.floor(((index + 1) * known.length) / count),
    )
    const middle = (values: readonly number[]): number => medianOf(values.toSorted((one, other) => one - other))
    return { at: middle(part.map(({ at }) => at)), value: middle(part.map(({ value }) => value)) }
  })
}

/** Per millisecond: the median of the slopes of all pairs. */
export function slopeOf(points: readonly Known[]): number {
  const slopes: number[] = []
  for (const [index, one] of points.entries())
    for (const other of points.slice(index + 1))
      if (other.at > one.at) slopes.push((other.value - one.value) / (other.at - one.at))
  return slopes.length === 0 ? 0 : medianOf(slopes.sort((one, other) => one - other))
}

/** Mann and Kendall: the chance of at least so many rising, or falling, pairs where there is no trend. With ties, and a correction for continuity. */
export function chancesOf(values: readonly number[]): { readonly rise: number; readonly fall: number } {
  const n = values.length
  let score = 0
  for (const [index, one] of values.entries())
    for (const other of values.slice(index + 1)) score += Math.sign(other - one)
  const ties = [...Map.groupBy(values, (value) => value).values()].map((same) => same.length)
  const tied = ties.reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0)
  const variance = (n * (n - 1) * (2 * n + 5) - tied) / 18
  if (!(variance > 0)) return { rise: 1, fall: 1 }
  const deviation = Math.sqrt(variance)
  return { rise: upperTail((score - 1) / deviation), fall: upperTail((-score - 1) / deviation) }
}

/** Of the normal distribution; Abramowitz and Stegun 26.2.17, off by less than 1e-7. */
function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z)
  const t = 1 / (1 + 0.2316419 * z)
  const sum = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum
}
