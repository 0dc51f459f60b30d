/** How each time of a schedule stands, and what is to be told of it: functions of the records, the skips and the clock. */
import type { LedgerRecord } from '../ports/store.ts'
import type { Instant } from '../units.ts'
import { timeFrom, timesBetween } from './rhythm.ts'
import type { Occurrence, SchedulePlan } from './schedule.ts'

export type OccurrenceState =
  /** Its time has not come, nor its first reminder. */
  | 'upcoming'
  /** Its first reminder has come, or its time. */
  | 'due'
  | 'overdue'
  /** Overdue for so long that others were told. */
  | 'escalated'
  | 'done'
  | 'skipped'
  /** The next one has opened, and nobody did this one. */
  | 'missed'

export interface Skip {
  readonly by: string
  readonly role: string | null
  readonly reason: string
  readonly at: Instant
}

export interface Standing {
  readonly state: OccurrenceState
  /** The record that says it was done; for one that was missed, the one that came too late, if any. */
  readonly record: LedgerRecord | null
  /** It was tried in its span and did not do. */
  readonly failed: LedgerRecord | null
  /** Done after its deadline. */
  readonly isLate: boolean
}

/** Those whose time lies from `from` (included) to `to` (excluded), in order. */
export function occurrencesBetween(schedule: SchedulePlan, from: Instant, to: Instant): readonly Occurrence[] {
  const times = timesBetween(schedule.every, schedule.zone, from, to)
  return times.map((at, index) => spanOf(schedule, at, times[index + 1] ?? after(schedule, at)))
}

export function occurrenceAt(schedule: SchedulePlan, at: Instant): Occurrence {
  return spanOf(schedule, at, after(schedule, at))
}

function after({ every, zone }: SchedulePlan, at: Instant): Instant {
  return timeFrom(every, zone, at + 1)
}

function spanOf(schedule: SchedulePlan, at: Instant, next: Instant): Occurrence {
  const early = schedule.remindMs[0] ?? 0
  const deadline = at + schedule.dueWithinMs
  return {
    at,
    opens: at - early,
    deadline,
    escalates: schedule.escalate === null ? null : deadline + schedule.escalate.afterMs,
    closes: next - early,
  }
}

/** `records` are those of the schedule's name and project; a record of the future does not count yet. */
export function standingOf(
  { opens, deadline, escalates, closes }: Occurrence,
  records: readonly LedgerRecord[],
  skip: Skip | null,
  now: Instant,
): Standing {
  const inSpan = records
    .filter(({ observedAt }) => observedAt >= opens && observedAt < closes && observedAt <= now)
    .toSorted((one, other) => one.observedAt - other.observedAt)
  const record = inSpan.find(({ outcome }) => outcome !== 'failed') ?? null
  const failed = inSpan.findLast(({ outcome }) => outcome === 'failed') ?? null
  const isLate = record !== null && record.observedAt > deadline
  const state = ((): OccurrenceState => {
    if (record !== null) return 'done'
    if (skip !== null) return 'skipped'
    if (now >= closes) return 'missed'
    if (escalates !== null && now > escalates) return 'escalated'
    if (now > deadline) return 'overdue'
    return now >= opens ? 'due' : 'upcoming'
  })()
  return { state, record, failed, isLate }
}

export interface Notice {
  /** Unique in its occurrence: `remind 604800000`, `due`, `overdue`, `escalate`, `missed`. */
  readonly id: string
  readonly kind: 'remind' | 'due' | 'overdue' | 'escalate' | 'missed'
  /** From then on it is to be told. */
  readonly at: Instant
  readonly to: readonly string[]
}

/** All that will be told of one that nobody does, in the order of their times. */
export function noticesOf(schedule: SchedulePlan, { at, deadline, escalates, closes }: Occurrence): readonly Notice[] {
  const { to, escalate } = schedule
  const notices: Notice[] = [
    ...schedule.remindMs.map((before) => ({ id: `remind ${before}`, kind: 'remind', at: at - before, to }) as const),
    { id: 'due', kind: 'due', at, to },
    { id: 'overdue', kind: 'overdue', at: deadline + 1, to },
    ...(escalates !== null && escalate !== null
      ? [{ id: 'escalate', kind: 'escalate', at: escalates + 1, to: [...new Set([...escalate.to, ...to])] } as const]
      : []),
    { id: 'missed', kind: 'missed', at: closes, to },
  ]
  // What would come when the next one has opened already is said by that it was missed.
  return notices.filter((notice) => notice.at <= closes).toSorted((one, other) => one.at - other.at)
}

/** What is to be told now: of several that are due at once, after a time in which nobody looked, the last says all. */
export function noticeNow(
  schedule: SchedulePlan,
  occurrence: Occurrence,
  { state }: Standing,
  now: Instant,
): Notice | null {
  if (state === 'done' || state === 'skipped') return null
  return noticesOf(schedule, occurrence).findLast(({ at }) => at <= now) ?? null
}
