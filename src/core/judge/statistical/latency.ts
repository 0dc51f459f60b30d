/**
 * Latency histograms as shares of slow requests: at an edge b the canary that is r times slower has S(b/r) requests above
 * b, S being stable's own share above a point. So the limit "r times slower" is the ratio S(b/r) / S(b), which a
 * comparison judges. Stable's distribution is learnt before an interval is judged, never from it.
 */
import {
  type Comparison,
  compare,
  copyComparison,
  dispersionOf,
  enterStage,
  learnScatter,
  newComparison,
  type Pair,
  type RatioLimits,
  type Turn,
  watchPersistence,
} from './comparison.ts'
import { betAbove, betBelow, copyLevel, enterLevelStage, type Level, newLevel } from './level.ts'
import { shareAbove } from './survival.ts'
import type { Tuning } from './tuning.ts'

/**
 * `ratio`: how many times slower than stable, by quantile (null = all of them); null = not compared. `absolute`: a
 * quantile that must stay under so many seconds.
 */
export interface LatencyLimits {
  readonly ratio: readonly (RatioLimits & { readonly quantile: number | null })[] | null
  readonly absolute: readonly {
    readonly quantile: number
    readonly go: number | null
    readonly rollback: number | null
  }[]
}

/** Plain JSON. */
export interface Latency {
  /** Edges of the buckets; the last one is open (kept as null). */
  le: number[] | null
  /** Cumulative counts of stable, fading with time. */
  reference: number[] | null
  edges: Edge[] | null
  /** Quantiles whose nearest edge is that of another one. */
  shared: number[]
  levels: LevelAt[]
  /** Seconds since the limits of the edges were read off the reference. */
  age: number
}

export interface Edge {
  readonly quantile: number
  readonly index: number
  comparison: Comparison
  /**
   * The canary's own share above the edge, against the share that follows from the go limit and from what is known of
   * stable: where stable hardly ever passes the edge there is nothing to compare, and this alone can certify.
   */
  floor: Level
  /** null = no go limit is declared. */
  floorLimit: number | null
  /** The limits on the ratio of slow requests, as they follow from the reference. */
  limits: RatioLimits
}

export interface LevelAt {
  readonly quantile: number
  level: Level
}

/** Cumulative counts of one interval, the last one all requests. */
export type Buckets = readonly number[]

const fewestRequests = 500
const fewestSlow = 20
/** With so many slow requests in the reference an edge is chosen for good. */
const plentySlow = 100
const limitsLastSeconds = 60
/** Of logarithms: an edge with more than five times the slow requests of the quantile, or less than a fifth, tells little of it. */
const farthest = Math.log(5)

export function newLatency(absolute: readonly { readonly quantile: number }[]): Latency {
  const levels = absolute.map(({ quantile }) => ({ quantile, level: newLevel() }))
  return { le: null, reference: null, edges: null, shared: [], levels, age: 0 }
}

export function copyLatency(one: Latency): Latency {
  return {
    le: one.le,
    reference: one.reference === null ? null : one.reference.slice(),
    edges: one.edges === null ? null : one.edges.map(copyEdge),
    shared: one.shared,
    levels: one.levels.map(({ quantile, level }) => ({ quantile, level: copyLevel(level) })),
    age: one.age,
  }
}

function copyEdge(edge: Edge): Edge {
  return { ...edge, comparison: copyComparison(edge.comparison), floor: copyLevel(edge.floor) }
}

export function enterLatencyStage(one: Latency, tuning: Tuning): void {
  for (const { comparison, floor } of one.edges ?? []) {
    enterStage(comparison, tuning)
    enterLevelStage(floor)
  }
  // Limits may be other ones from here on.
  one.age = limitsLastSeconds
  for (const { level } of one.levels) enterLevelStage(level)
}

/** Other edges (a new build of the service, other settings) cannot be compared with the old ones: learning begins again. */
export function useEdges(one: Latency, le: readonly number[]): void {
  if (one.le !== null && one.le.length === le.length && le.every((edge, i) => edge === (one.le as number[])[i])) return
  one.le = [...le]
  one.reference = null
  one.edges = null
  one.shared = []
}

/** An interval from before the rollout, in which a part of stable played the canary. */
export function learnLatency(
  one: Latency,
  seconds: number,
  canary: Buckets,
  stable: Buckets,
  quantiles: readonly number[],
  tuning: Tuning,
): void {
  absorb(one, stable, 1)
  chooseEdges(one, quantiles, plentySlow, tuning)
  for (const { comparison, index } of one.edges ?? [])
    learnScatter(comparison, seconds, pairAt(index, canary, stable), tuning)
}

/** One interval of the warm-up: nothing is judged, but damage that stays is noticed. In place. */
export function warmLatency(
  one: Latency,
  canary: Buckets | null,
  stable: Buckets | null,
  limits: LatencyLimits,
  quantiles: readonly number[],
  turn: Turn,
): void {
  chooseEdges(one, quantiles, plentySlow, turn.tuning)
  if (canary !== null && stable !== null && limits.ratio !== null) {
    refreshLimits(one, limits.ratio, turn.seconds)
    for (const edge of one.edges ?? [])
      watchPersistence(edge.comparison, pairAt(edge.index, canary, stable), edge.limits.rollback, turn)
  }
  if (stable !== null) fade(one, stable, turn)
}

/** One judged interval, in place. `alone`: there is no stable arm any more. */
export function judgeLatency(
  one: Latency,
  canary: Buckets | null,
  stable: Buckets | null,
  limits: LatencyLimits,
  quantiles: readonly number[],
  turn: Turn,
): void {
  chooseEdges(one, quantiles, fewestSlow, turn.tuning)
  if (canary !== null) {
    const factor = scatterOf(one, canary, stable, turn)
    if (stable !== null && limits.ratio !== null) compareEdges(one, canary, stable, limits.ratio, turn)
    for (const level of one.levels) betOnLevel(one, level, canary, limits, factor, turn)
  }
  // After it was used: what an interval is judged by was known before it.
  if (stable !== null) fade(one, stable, turn)
}

/** Of the edge with the most slow requests. */
function scatterOf(one: Latency, canary: Buckets, stable: Buckets | null, { seconds, tuning }: Turn): number {
  const edge = one.edges?.[0]
  if (edge === undefined) return tuning.priorWithout.factor
  const nobody = canary.map(() => 0)
  return dispersionOf(edge.comparison, pairAt(edge.index, canary, stable ?? nobody), seconds, tuning)
}

function compareEdges(
  one: Latency,
  canary: Buckets,
  stable: Buckets,
  ratio: NonNullable<LatencyLimits['ratio']>,
  turn: Turn,
): void {
  refreshLimits(one, ratio, turn.seconds)
  for (const edge of one.edges ?? []) {
    const pair = pairAt(edge.index, canary, stable)
    compare(edge.comparison, pair, edge.limits, turn)
    if (edge.floorLimit !== null)
      betBelow(
        edge.floor,
        pair.xc,
        pair.nc,
        edge.floorLimit,
        dispersionOf(edge.comparison, pair, turn.seconds, turn.tuning),
        turn,
      )
    watchPersistence(edge.comparison, pair, edge.limits.rollback, turn)
  }
}

function betOnLevel(
  one: Latency,
  { quantile, level }: LevelAt,
  canary: Buckets,
  limits: LatencyLimits,
  factor: number,
  turn: Turn,
): void {
  const limit = limits.absolute.find((each) => each.quantile === quantile)
  if (limit === undefined || one.le === null) return
  const all = canary.at(-1) as number
  const slow = 1 - quantile
  const above = (index: number): number => Math.max(0, all - (canary[index] as number))
  if (limit.rollback !== null)
    betAbove(level, above(edgeAtOrAbove(one.le, limit.rollback)), all, slow, factor, turn, turn.caps.damage)
  if (limit.go !== null) betBelow(level, above(certifyingEdge(one, limit.go, slow)), all, slow, factor, turn)
}

/** What is above the first edge at or beyond the limit is beyond the limit for sure. */
function edgeAtOrAbove(le: readonly number[], seconds: number): number {
  const found = le.findIndex((edge) => edge >= seconds)
  return found < 0 ? le.length - 2 : Math.min(le.length - 2, found)
}

/** What is above the last edge within the limit may be beyond it; where stable itself has too much there, the edge above must do. */
export function certifyingEdge(one: Latency, seconds: number, slow: number): number {
  const le = one.le as number[]
  const up = edgeAtOrAbove(le, seconds)
  if (up === 0 || le[up] === seconds || (le[up] as number) < seconds) return up
  const { reference } = one
  const all = reference?.at(-1) ?? 0
  if (reference === null || !(all > 0)) return up - 1
  return 1 - (reference[up - 1] as number) / all > 0.5 * slow ? up : up - 1
}

/**
 * For each quantile one edge, chosen once, from what was seen before any interval is judged by it. A quantile that is
 * passed rarely has to wait until enough slow requests of stable are known.
 */
function chooseEdges(one: Latency, quantiles: readonly number[], fewest: number, tuning: Tuning): void {
  if ((one.edges?.length ?? 0) + one.shared.length >= quantiles.length) return
  const { le, reference } = one
  const all = reference?.at(-1) ?? 0
  if (le === null || reference === null || all < fewestRequests) return
  for (const quantile of quantiles) {
    if (all * (1 - quantile) < fewest || isChosen(one, quantile)) continue
    const index = nearestEdge(reference, quantile, le.length - 2)
    if (index === null || isTooRare(reference, index)) continue
    const found = (one.edges ??= [])
    if (found.some((edge) => edge.index === index)) one.shared = [...one.shared, quantile]
    else found.push(newEdge(quantile, index, tuning))
    one.age = limitsLastSeconds
  }
}

/** Every quantile has its edge, or shares one. */
export function isChosen({ edges, shared }: Latency, quantile: number): boolean {
  return shared.includes(quantile) || (edges ?? []).some((edge) => edge.quantile === quantile)
}

function newEdge(quantile: number, index: number, tuning: Tuning): Edge {
  return {
    quantile,
    index,
    comparison: newComparison(tuning, 'latency'),
    floor: newLevel(),
    floorLimit: null,
    limits: { rollback: null, go: null },
  }
}

/**
 * The edge whose share of slow requests is nearest to that of the quantile; the first edge has none below it to read off.
 * Where none is near (stable is always faster than the next edge), the first that the quantile lies below.
 */
function nearestEdge(reference: readonly number[], quantile: number, last: number): number | null {
  const all = reference.at(-1) as number
  let best: number | null = null
  let least = farthest
  for (let k = 1; k <= last; k += 1) {
    const distance = Math.abs(Math.log((all - (reference[k] as number)) / all / (1 - quantile)))
    if (distance < least) {
      least = distance
      best = k
    }
  }
  if (best !== null) return best
  for (let k = 1; k <= last; k += 1) if (all - (reference[k] as number) <= all * (1 - quantile)) return k
  return null
}

/** Passed by a few: how many is not known well enough yet. Passed by nobody is known. */
function isTooRare(reference: readonly number[], index: number): boolean {
  const slow = (reference.at(-1) as number) - (reference[index] as number)
  return slow >= 1 && slow < fewestSlow
}

function refreshLimits(one: Latency, ratio: NonNullable<LatencyLimits['ratio']>, seconds: number): void {
  one.age += seconds
  if (one.age < limitsLastSeconds || one.le === null || one.reference === null) return
  one.age = 0
  for (const edge of one.edges ?? []) {
    const own = ratio.find(({ quantile }) => quantile === edge.quantile || quantile === null)
    readLimits(edge, own?.rollback ?? null, own?.go ?? null, one.le, one.reference)
  }
}

/** Of a canary that is so many times slower, from what is known of stable. */
function readLimits(
  edge: Edge,
  rollback: number | null,
  go: number | null,
  le: readonly number[],
  reference: readonly number[],
): void {
  const slow = 1 - edge.quantile
  // An edge that stable never passes: a few slow requests are taken for granted.
  const usual = Math.max(slow / 10, 1 - (reference[edge.index] as number) / (reference.at(-1) as number))
  const shareAt = (times: number): number | null => {
    const x = (le[edge.index] as number) / times
    // Below the first edge stable may be as fast as it likes: nobody knows.
    return x < (le[0] as number) ? null : shareAbove(le, reference, x)
  }
  const ratioOf = (share: number): number => Math.max(1.02, share / usual)
  const damage = rollback === null ? null : ratioOf(shareAt(rollback) ?? 0.5)
  const health = go === null ? null : shareAt(go)
  edge.limits = { rollback: damage, go: health === null ? null : ratioOf(health) }
  edge.floorLimit = go === null ? null : health === null ? slow : Math.min(slow, usual * ratioOf(health))
}

function pairAt(index: number, canary: Buckets, stable: Buckets): Pair {
  const nc = canary.at(-1) as number
  const ns = stable.at(-1) as number
  return { xc: Math.max(0, nc - (canary[index] as number)), nc, xs: Math.max(0, ns - (stable[index] as number)), ns }
}

function fade(one: Latency, stable: Buckets, { seconds, tuning }: Turn): void {
  absorb(one, stable, one.reference === null ? 1 : 2 ** (-seconds / tuning.referenceHalfLife))
}

function absorb(one: Latency, cumulative: Buckets, keep: number): void {
  const sum = (one.reference ??= Array.from({ length: cumulative.length }, () => 0))
  for (let k = 0; k < sum.length; k += 1) sum[k] = (sum[k] as number) * keep + (cumulative[k] as number)
}
