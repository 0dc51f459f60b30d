/** What every judge keeps alike: which part of a batch is news, the verdict before anything was seen, and since when one holds. */
import type { JudgeSubject } from '../ports/judge.ts'
import type { Instant } from '../units.ts'
import type { Interval } from './arm-window.ts'
import { span } from './sentences.ts'
import type { SampleBatch, Verdict } from './verdict.ts'

export interface Standing {
  /** End of the last interval that was folded; null = none yet. */
  readonly upTo: Instant | null
  readonly verdict: Verdict
}

export function firstVerdict({ startedAt, judge }: JudgeSubject): Verdict {
  const warm = judge.warmUpMs > 0
  return {
    zone: 'hold',
    why: warm ? 'warm-up' : 'no-data',
    say: warm ? `hold: warming up, ${span(judge.warmUpMs)} left` : 'hold: nothing observed yet',
    rule: null,
    metrics: [],
    since: startedAt,
    upTo: startedAt,
  }
}

/** The part of the batch that is news; null = late, repeated, empty, or from before the stage or the rollout began. */
export function fresh({ upTo }: Standing, batch: SampleBatch, { startedAt }: JudgeSubject): Interval | null {
  const { from, to } = batch
  if (batch.history === true) return null
  if (!Number.isFinite(from) || !Number.isFinite(to) || to <= from) return null
  if (to <= (upTo ?? startedAt)) return null
  return { from: Math.max(from, upTo ?? startedAt), to }
}

/** Since when this zone and why hold without a break; a gap begins it anew. */
export function since(
  { upTo, verdict: before }: Standing,
  found: Pick<Verdict, 'zone' | 'why'>,
  interval: Interval,
  isGap: boolean,
  { startedAt }: JudgeSubject,
): Instant {
  if (before.zone === found.zone && before.why === found.why && !isGap) return before.since
  return upTo === null && !isGap ? startedAt : interval.from
}
