/** Reads and judges one window of stable's past after another, within a budget: the source serves other people too. */
import type { ReplayWindow } from '../core/judge/calibration/windows.ts'
import {
  partsOf,
  type Replay,
  replay,
  replayedJudge,
  type StagePart,
  type StageRead,
} from '../core/judge/calibration/replay.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import type { RolloutBlock } from '../core/plan/plan.ts'
import type { HistoryRequest } from '../core/ports/engine.ts'
import type { Instant, Millis } from '../core/units.ts'

export interface Replaying {
  readonly step: string
  readonly block: RolloutBlock
  readonly splitBy: string
  readonly historyMs: Millis
  readonly windows: readonly ReplayWindow[]
  /** No window begins after this. */
  readonly endsBy: Instant
  readonly signal: AbortSignal
  readonly read: (request: HistoryRequest, signal: AbortSignal) => Promise<readonly SampleBatch[]>
  /** Why the source does not answer at all; null = it does. Asked after several windows in vain. */
  readonly unreachable: () => Promise<string | null>
  readonly told: (done: number, last: Replay) => void
}

export interface Replayed {
  readonly replays: readonly Replay[]
  /** Why not all windows were looked at; null = they were. */
  readonly stopped: string | null
  readonly isUnreachable: boolean
}

/** So many windows over the whole period, none of which can be read, and the others cannot either. */
const mostInVain = 10
const askAgainAfter = 3
const budgetMs: Millis = 30_000

export async function replayWindows(replaying: Replaying, now: () => Instant): Promise<Replayed> {
  const { windows, signal, endsBy } = replaying
  const replays: Replay[] = []
  for (const window of windows) {
    if (now() > endsBy) return ended(replays, 'the time for it was over')
    const read = await readWindow(replaying, window)
    // What was being read when somebody interrupted says nothing.
    if (signal.aborted) return ended(replays, 'interrupted')
    const one = replay(replaying.block, replaying.step, window.startsAt, read)
    replays.push(one)
    replaying.told(replays.length, one)
    if (replays.length >= mostInVain && replays.length < windows.length && replays.every(isUnread))
      return ended(replays, `none of the first ${mostInVain} could be read`)
    if (replays.length >= askAgainAfter && replays.slice(-askAgainAfter).every(isUnread)) {
      const why = await replaying.unreachable()
      if (why !== null) return { ...ended(replays, why), isUnreachable: true }
    }
  }
  return ended(replays, null)
}

function ended(replays: readonly Replay[], stopped: string | null): Replayed {
  return { replays, stopped, isUnreachable: false }
}

function isUnread({ kind }: Replay): boolean {
  return kind === 'unread'
}

async function readWindow(replaying: Replaying, window: ReplayWindow): Promise<readonly StageRead[]> {
  const reads: StageRead[] = []
  for (const part of partsOf(replaying.block)) {
    if (replaying.signal.aborted) return reads
    reads.push(await readPart(replaying, window, part))
  }
  return reads
}

/** The same seed draws the instances of all stages: whoever plays the canary at 5 % also does at 25 %. */
async function readPart(
  { step, block, splitBy, historyMs, signal, read }: Replaying,
  { startsAt, seed }: ReplayWindow,
  { index, stage, fromMs, lengthMs }: StagePart,
): Promise<StageRead> {
  const canary = new Set<string>()
  const batches = await read(
    {
      step,
      stage: index,
      judge: replayedJudge(block.judge),
      endsAt: startsAt + fromMs + lengthMs,
      forMs: lengthMs + (index === 0 ? historyMs : 0),
      splitBy,
      weightPercent: stage.weightPercent >= 100 ? 50 : stage.weightPercent,
      seed,
      budgetMs,
      onSplit: (split) => split.canary.forEach((member) => canary.add(member)),
    },
    signal,
  )
  return { batches, canary: [...canary].sort() }
}
