/** Schedules: which times a rhythm has, how each time stands, and that everything is told once and nothing silently skipped. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRhythm } from '../plan/schedule.ts'
import type { LedgerRecord } from '../ports/store.ts'
import { noticeNow, noticesOf, occurrencesBetween, standingOf } from './occurrences.ts'
import { timesBetween } from './rhythm.ts'
import type { SchedulePlan } from './schedule.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const at = (text: string): number => Date.parse(text)
const iso = (instant: number): string => new Date(instant).toISOString().slice(0, 16)

function schedule(words: string, more: Partial<SchedulePlan> = {}): SchedulePlan {
  const parsed = parseRhythm(words)
  if (!parsed.ok) throw new Error(parsed.expected)
  const of = { zone: 'UTC', dueWithinMs: 2 * HOUR, remindMs: [], to: ['ops'], escalate: null, owner: null }
  return { every: parsed.value, words, ...of, record: 'restore-test', ...more }
}

const times = (words: string, from: string, to: string, zone = 'UTC'): string[] =>
  timesBetween(schedule(words).every, zone, at(from), at(to)).map(iso)

describe('the times of a rhythm', () => {
  test.each([
    ['day 06:30', '2026-03-01', '2026-03-04', ['2026-03-01T06:30', '2026-03-02T06:30', '2026-03-03T06:30']],
    ['week', '2026-03-01', '2026-03-10', ['2026-03-02T09:00', '2026-03-09T09:00']],
    ['friday 16:00', '2026-03-01', '2026-03-10', ['2026-03-06T16:00']],
    ['first monday 10:00', '2026-01-01', '2026-04-01', ['2026-01-05T10:00', '2026-02-02T10:00', '2026-03-02T10:00']],
    ['last friday of month', '2026-01-01', '2026-03-01', ['2026-01-30T09:00', '2026-02-27T09:00']],
    ['quarter', '2026-01-01', '2026-08-01', ['2026-01-01T09:00', '2026-04-01T09:00', '2026-07-01T09:00']],
    [
      'first monday of quarter 10:00',
      '2026-01-01',
      '2026-08-01',
      ['2026-01-05T10:00', '2026-04-06T10:00', '2026-07-06T10:00'],
    ],
    ['last day of month 23:00', '2026-02-01', '2026-04-01', ['2026-02-28T23:00', '2026-03-31T23:00']],
    ['year', '2026-01-01', '2028-01-01', ['2026-01-01T09:00', '2027-01-01T09:00']],
  ])('%s', (words, from, to, expected) => {
    expect(times(words, from, to)).toEqual(expected)
  })

  test('are those of the wall clock in its zone, also when clocks change', () => {
    expect(times('day 10:00', '2026-03-28', '2026-03-31', 'Europe/Berlin')).toEqual([
      '2026-03-28T09:00',
      '2026-03-29T08:00',
      '2026-03-30T08:00',
    ])
    // 02:30 is never shown on that day, and shown twice in autumn: each day has one time.
    expect(times('day 02:30', '2026-03-28T12:00Z', '2026-03-30T12:00Z', 'Europe/Berlin').length).toBe(2)
    expect(times('day 02:30', '2026-10-24T12:00Z', '2026-10-26T12:00Z', 'Europe/Berlin').length).toBe(2)
  })

  test.each([
    'fortnight',
    'first week',
    'first monday of week',
    'day 25:00',
    'first',
    'every monday',
    'monday of quarter',
  ])('"%s" is refused with an example', (text) => {
    expect(parseRhythm(text)).toMatchObject({ ok: false, example: 'first monday of quarter 10:00' })
  })
})

const anySchedule = fc
  .record({
    words: fc.constantFrom(
      'day 02:30',
      'monday 10:00',
      'first monday',
      'last day of month 23:59',
      'quarter',
      'last friday of quarter',
    ),
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Apia'),
    remind: fc.boolean(),
    escalates: fc.boolean(),
  })
  .map(({ words, zone, remind, escalates }) =>
    schedule(words, {
      zone,
      remindMs: remind ? [10 * HOUR, 2 * HOUR] : [],
      escalate: escalates ? { afterMs: 3 * HOUR, to: ['leads'] } : null,
    }),
  )
const anyTime = fc.integer({ min: at('2020-01-01'), max: at('2030-01-01') })
const runs = { numRuns: 25, seed: 11 } as const

describe('the times of a schedule', () => {
  test('cover all time: each closes where the next opens, and no record counts twice', () => {
    fc.assert(
      fc.property(anySchedule, anyTime, (plan, from) => {
        const found = occurrencesBetween(plan, from, from + 280 * DAY)
        expect(found.length).toBeGreaterThan(2)
        found.slice(1).forEach(({ opens }, index) => expect(found[index]!.closes).toBe(opens))
        for (const { at: time, opens, deadline, closes } of found) {
          expect(opens).toBeLessThanOrEqual(time)
          expect(deadline).toBeGreaterThan(time)
          expect(closes).toBeGreaterThan(opens)
        }
      }),
      runs,
    )
  })

  test('looking from another moment finds the same times', () => {
    fc.assert(
      fc.property(anySchedule, anyTime, fc.nat(200 * DAY), (plan, from, later) => {
        const all = occurrencesBetween(plan, from, from + 280 * DAY)
        const some = occurrencesBetween(plan, from + later, from + 280 * DAY)
        expect(some).toEqual(all.filter((one) => one.at >= from + later))
      }),
      runs,
    )
  })

  test('whenever somebody looks, one that nobody does is told at most once of each kind, and last that it was missed', () => {
    fc.assert(
      fc.property(anySchedule, anyTime, fc.array(fc.nat(40 * DAY), { maxLength: 30 }), (plan, from, looks) => {
        const [one] = occurrencesBetween(plan, from, from + 280 * DAY)
        const told = new Set<string>()
        for (const look of [...looks.map((ms) => one!.opens - DAY + ms), one!.closes].toSorted((a, b) => a - b)) {
          const notice = noticeNow(plan, one!, standingOf(one!, [], null, look), look)
          if (notice === null) continue
          expect(notice.at).toBeLessThanOrEqual(look)
          told.add(notice.id)
        }
        const known = noticesOf(plan, one!).map(({ id }) => id)
        expect([...told].every((id) => known.includes(id))).toBe(true)
        expect([...told].at(-1)).toBe('missed')
      }),
      runs,
    )
  })
})

describe('one time of a schedule', () => {
  const plan = schedule('first monday of quarter 10:00', {
    remindMs: [7 * DAY, DAY],
    dueWithinMs: 14 * DAY,
    escalate: { afterMs: 2 * DAY, to: ['leads'] },
  })
  const [one] = occurrencesBetween(plan, at('2026-04-01'), at('2026-05-01'))
  const record = (when: number, more: Partial<LedgerRecord> = {}): LedgerRecord => ({
    id: 'r',
    name: 'restore-test',
    observedAt: when,
    recordedAt: when,
    by: 'ana',
    note: '',
    evidence: [],
    release: null,
    ...more,
  })
  const state = (now: number, records: LedgerRecord[] = []) => standingOf(one!, records, null, now).state

  test('is upcoming, due, overdue, escalated and in the end missed', () => {
    expect(iso(one!.at)).toBe('2026-04-06T10:00')
    expect(state(one!.opens - 1)).toBe('upcoming')
    expect(state(one!.opens)).toBe('due')
    expect(state(one!.deadline)).toBe('due')
    expect(state(one!.deadline + 1)).toBe('overdue')
    expect(state(one!.deadline + 2 * DAY + 1)).toBe('escalated')
    expect(state(one!.closes)).toBe('missed')
  })

  test('is done by a record of its span: early counts, late is told, and what failed does not count', () => {
    const early = standingOf(one!, [record(one!.opens)], null, one!.at)
    expect(early).toMatchObject({ state: 'done', isLate: false })
    const late = standingOf(one!, [record(one!.deadline + 1)], null, one!.closes + DAY)
    expect(late).toMatchObject({ state: 'done', isLate: true })
    expect(state(one!.at, [record(one!.opens - 1)])).toBe('due')
    expect(state(one!.closes, [record(one!.closes)])).toBe('missed')
    const failed = standingOf(one!, [record(one!.at, { outcome: 'failed' })], null, one!.deadline + 1)
    expect(failed).toMatchObject({ state: 'overdue', failed: { id: 'r' } })
  })

  test('that somebody skipped is told no more, and one that was done is not either', () => {
    const skip = { by: 'ana', role: 'lead', reason: 'the data centre moves', at: one!.at }
    const skipped = standingOf(one!, [], skip, one!.deadline + 1)
    expect(skipped.state).toBe('skipped')
    expect(noticeNow(plan, one!, skipped, one!.deadline + 1)).toBeNull()
    expect(noticeNow(plan, one!, standingOf(one!, [record(one!.at)], null, one!.closes), one!.closes)).toBeNull()
  })

  test('reminds, says that it is due and overdue, and then tells others too', () => {
    expect(noticesOf(plan, one!).map(({ id, to }) => [id, to.join()])).toEqual([
      [`remind ${7 * DAY}`, 'ops'],
      [`remind ${DAY}`, 'ops'],
      ['due', 'ops'],
      ['overdue', 'ops'],
      ['escalate', 'leads,ops'],
      ['missed', 'ops'],
    ])
  })
})
