/** What all replays of one rollout say together, beside what its judge promises. */
import type { RolloutBlock } from '../../plan/plan.ts'
import type { Instant, Millis } from '../../units.ts'
import { adviceFor } from './advice.ts'
import { chanceBounds } from './chance.ts'
import { type Dispersion, type FalseRollback, judgeDigest, partsOf, type Replay } from './replay.ts'
import type { Period } from './windows.ts'

/**
 * `within` = turned back no more often than promised; `doubtful` = more often, which may still be chance; `above` = more
 * often, and hardly by chance; `nothing` = not one window could be judged.
 */
export type Standing = 'within' | 'doubtful' | 'above' | 'nothing'

/** Kept as JSON: it only grows. */
export interface Calibration {
  readonly format: 1
  readonly service: string
  readonly environment: string
  readonly rollout: string
  readonly text: string
  readonly planDigest: string
  readonly judgeDigest: string
  readonly at: Instant
  readonly from: Instant
  readonly to: Instant
  readonly historyMs: Millis
  readonly windowMs: Millis
  readonly splitBy: string
  readonly standing: Standing
  /** Chance of turning back a healthy version that the checklist sets. */
  readonly promise: number
  /** Windows judged, and how many of them were turned back. */
  readonly runs: number
  readonly rolledBack: number
  /** null = nothing was judged. */
  readonly rate: number | null
  /** Each with 95 % confidence, one-sided. */
  readonly low: number
  readonly high: number
  readonly wanted: number
  /** How many windows the period has room for. */
  readonly fits: number
  readonly unread: readonly { readonly why: string; readonly count: number; readonly newest: Instant }[]
  readonly withoutHistory: number
  readonly rollbacks: readonly FalseRollback[]
  /** Windows of which every stage could go in its time. */
  readonly certified: number
  readonly stages: readonly StageTally[]
  readonly dispersion: readonly DispersionTally[]
  /** Declared, and without a past that could be replayed. */
  readonly leftOut: readonly string[]
  readonly advice: readonly string[]
  /** Why fewer windows were looked at than wanted; null = all were. */
  readonly stopped: string | null
}

export interface StageTally {
  readonly title: string
  readonly weightPercent: number
  readonly timeMs: Millis
  readonly certified: number
  /** Over all windows; null = in half of them there was no go in its time. */
  readonly medianGoMs: Millis | null
  readonly canaryShare: number | null
}

export interface DispersionTally {
  readonly metric: string
  readonly quantile: number | null
  readonly median: number
  readonly worst: number
}

export interface Calibrated {
  readonly service: string
  readonly environment: string
  readonly planDigest: string
  readonly rollout: string
  readonly text: string
  readonly block: RolloutBlock
  readonly at: Instant
  readonly period: Period
  readonly historyMs: Millis
  readonly splitBy: string
  readonly wanted: number
  readonly fits: number
  readonly stopped: string | null
}

type Judged = Extract<Replay, { kind: 'judged' }>

export function tally(of: Calibrated, replays: readonly Replay[]): Calibration {
  const { service, environment, planDigest, rollout, text, block, at, period } = of
  const judged = replays.filter((one): one is Judged => one.kind === 'judged')
  const rollbacks = judged.flatMap(({ rollback }) => rollback ?? []).toSorted((a, b) => a.at - b.at)
  const promise = block.judge.falseAlarm
  const bounds = chanceBounds(rollbacks.length, judged.length)
  const parts = partsOf(block)
  const found = {
    format: 1 as const,
    service,
    environment,
    rollout,
    text,
    planDigest,
    judgeDigest: judgeDigest(block),
    at,
    from: period.from,
    to: period.to,
    historyMs: of.historyMs,
    windowMs: parts.reduce((sum, { lengthMs }) => sum + lengthMs, 0),
    splitBy: of.splitBy,
    standing: standingOf(rollbacks.length, judged.length, promise, bounds.low),
    promise,
    runs: judged.length,
    rolledBack: rollbacks.length,
    rate: judged.length === 0 ? null : rollbacks.length / judged.length,
    ...bounds,
    wanted: of.wanted,
    fits: of.fits,
    unread: unreadIn(replays),
    withoutHistory: judged.filter(({ withoutHistory }) => withoutHistory !== null).length,
    rollbacks,
    certified: judged.filter(({ goMs, rollback }) => rollback === null && !goMs.includes(null)).length,
    stages: parts.map(({ stage, index, lengthMs }) => ({
      title: stage.title,
      weightPercent: stage.weightPercent,
      timeMs: lengthMs,
      certified: judged.filter(({ goMs }) => goMs[index] != null).length,
      medianGoMs: finite(median(judged.map(({ goMs }) => goMs[index] ?? Number.POSITIVE_INFINITY))),
      canaryShare: median(judged.flatMap(({ canaryShare }) => canaryShare[index] ?? [])),
    })),
    dispersion: dispersionOver(judged),
    leftOut: block.judge.metrics.filter(({ kind }) => kind === 'gauge').map(({ name }) => name),
    stopped: of.stopped,
  }
  return { ...found, advice: adviceFor(found, block.judge) }
}

/** An observed rate above the promise is never called calibrated, however few the windows. */
function standingOf(events: number, trials: number, promise: number, low: number): Standing {
  if (trials === 0) return 'nothing'
  if (events / trials <= promise) return 'within'
  return low > promise ? 'above' : 'doubtful'
}

function unreadIn(replays: readonly Replay[]): Calibration['unread'] {
  const unread = replays.filter((one) => one.kind === 'unread')
  return [...Map.groupBy(unread, ({ why }) => why)]
    .map(([why, group]) => ({ why, count: group.length, newest: Math.max(...group.map(({ startsAt }) => startsAt)) }))
    .toSorted((a, b) => b.count - a.count)
}

function dispersionOver(judged: readonly Judged[]): readonly DispersionTally[] {
  const all: readonly Dispersion[] = judged.flatMap(({ dispersion }) => dispersion)
  return [...Map.groupBy(all, ({ metric, quantile }) => `${metric} ${quantile ?? ''}`).values()].flatMap((group) => {
    const [first] = group
    const values = group.map(({ value }) => value)
    const middle = median(values)
    if (first === undefined || middle === null) return []
    return [{ metric: first.metric, quantile: first.quantile, median: middle, worst: Math.max(...values) }]
  })
}

/** The lower one of two in the middle. */
function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? null
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null
}
