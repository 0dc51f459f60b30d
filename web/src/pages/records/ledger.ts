/** Records by name: what is still true, until when, who asks for it, and what is overdue. */
import type { LedgerRecord, NeededRecord, Schedule, ScheduleTime } from '../../../../src/api/wire/web.ts'

export type Standing =
  /** Asked for, and never observed. */
  | 'missing'
  /** Older than somebody allows. */
  | 'overdue'
  /** Young enough, and not as somebody asks: it failed, or does not keep a limit. */
  | 'unfit'
  /** True, and soon no more. */
  | 'soon'
  | 'fresh'
  /** Nobody asks for it. */
  | 'kept'

export interface LedgerLine {
  readonly key: string
  readonly name: string
  /** null = of no project. */
  readonly project: string | null
  /** Newest first. */
  readonly records: readonly LedgerRecord[]
  readonly needs: readonly NeededRecord[]
  readonly standing: Standing
  /** When the first of those who ask is not satisfied any more; null = nobody asks, or there is no record. */
  readonly until: number | null
  /** Greatest age that all who ask allow; null = nobody asks. */
  readonly strictestMs: number | null
}

const DAY = 86_400_000
/** A warning comes in the last fifth of the allowed age, a fortnight before at most. */
const SOON_SHARE = 0.2
const SOON_MOST_MS = 14 * DAY

const order: readonly Standing[] = ['overdue', 'unfit', 'missing', 'soon', 'fresh', 'kept']

export function ledgerOf(
  records: readonly LedgerRecord[],
  needs: readonly NeededRecord[],
  now: number,
): readonly LedgerLine[] {
  const keyOf = (project: string | null | undefined, name: string): string => JSON.stringify([project ?? null, name])
  const recordsOf = Map.groupBy(records, ({ project, name }) => keyOf(project, name))
  const needsOf = Map.groupBy(needs, ({ by, name }) => keyOf(by.project, name))
  return [...new Set([...recordsOf.keys(), ...needsOf.keys()])]
    .map((key) => lineOf(key, recordsOf.get(key) ?? [], needsOf.get(key) ?? [], now))
    .toSorted(
      (one, other) =>
        order.indexOf(one.standing) - order.indexOf(other.standing) ||
        (one.until ?? Infinity) - (other.until ?? Infinity) ||
        one.name.localeCompare(other.name),
    )
}

function lineOf(
  key: string,
  records: readonly LedgerRecord[],
  needs: readonly NeededRecord[],
  now: number,
): LedgerLine {
  const [project, name] = JSON.parse(key) as [string | null, string]
  const sorted = records.toSorted((one, other) => other.observedAt - one.observedAt)
  const observedAt = sorted[0]?.observedAt ?? null
  const strictestMs = needs.length === 0 ? null : Math.min(...needs.map(({ maxAgeMs }) => maxAgeMs))
  const ends = observedAt === null ? [] : needs.map((need) => endOf(need, observedAt, now))
  const until = ends.length === 0 || ends.includes(null) ? null : Math.min(...ends.map((end) => end ?? now))
  return {
    key,
    name,
    project,
    records: sorted,
    needs,
    strictestMs,
    until,
    standing: observedAt !== null && until === null && needs.length > 0 ? 'unfit' : standingOf(needs, until, now),
  }
}

/** When what was observed stops to satisfy one who asks, as the server says; in the past where it is too old; null = it never did. */
function endOf({ until, maxAgeMs, calendar }: NeededRecord, observedAt: number, now: number): number | null {
  if (until !== null) return until
  const slid = observedAt + maxAgeMs
  if (slid < now) return slid
  return calendar === undefined ? null : now - 1
}

function standingOf(needs: readonly NeededRecord[], until: number | null, now: number): Standing {
  if (needs.length === 0) return 'kept'
  if (until === null) return 'missing'
  if (until < now) return 'overdue'
  const warnMs = needs.map((need) => need.warnMs ?? Math.min(SOON_MOST_MS, need.maxAgeMs * SOON_SHARE))
  return until - now <= Math.max(...warnMs) ? 'soon' : 'fresh'
}

export interface DayEntry {
  readonly at: number
  readonly kind: 'observed' | 'expires' | 'expired' | ScheduleTime['state']
  readonly name: string
  readonly project: string | null
}

/** What was observed, and what ends, between two moments; in order. */
export function entriesBetween(
  lines: readonly LedgerLine[],
  from: number,
  to: number,
  now: number,
): readonly DayEntry[] {
  const isIn = (at: number): boolean => at >= from && at < to
  return lines
    .flatMap(({ name, project, records, until }): readonly DayEntry[] => [
      ...records
        .filter(({ observedAt }) => isIn(observedAt))
        .map(({ observedAt }) => ({ at: observedAt, kind: 'observed' as const, name, project })),
      ...(until !== null && isIn(until)
        ? [{ at: until, kind: until < now ? ('expired' as const) : ('expires' as const), name, project }]
        : []),
    ])
    .toSorted((one, other) => one.at - other.at)
}

/** Times of schedules between two moments, under the names of their checklists. */
export function timesBetween(schedules: readonly Schedule[], from: number, to: number): readonly DayEntry[] {
  return schedules.flatMap(({ title, project, times }) =>
    times
      .filter(({ at }) => at >= from && at < to)
      .map(({ at, state }): DayEntry => ({ at, kind: state, name: title, project })),
  )
}

/** Days of a month by weeks, Monday first; null = a day of another month. */
export function weeksOf(year: number, month: number): readonly (readonly (number | null)[])[] {
  const days = new Date(year, month + 1, 0).getDate()
  const before = (new Date(year, month, 1).getDay() + 6) % 7
  const cells = [...Array.from({ length: before }, () => null), ...Array.from({ length: days }, (_, at) => at + 1)]
  while (cells.length % 7 !== 0) cells.push(null)
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7))
}

/** `1h 30m`, `14 min`, `90s`; null = no length of time. */
export function millisOf(words: string): number | null {
  const text = words.trim().toLowerCase()
  const part = /(\d+(?:\.\d+)?)\s*(days?|d|hours?|h|minutes?|mins?|m|seconds?|secs?|s)/y
  let [sum, at] = [0, 0]
  while (at < text.length) {
    part.lastIndex = at
    const found = part.exec(text)
    if (found === null) return null
    sum += Number(found[1]) * (units[found[2]?.[0] ?? ''] ?? Number.NaN)
    at = part.lastIndex
    while (text[at] === ' ') at += 1
  }
  return text === '' || Number.isNaN(sum) ? null : Math.round(sum)
}

const units: Readonly<Record<string, number>> = { d: DAY, h: 3_600_000, m: 60_000, s: 1_000 }
