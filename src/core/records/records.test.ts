/** How old a record may be, and whether what was recorded satisfies who asks: at the boundaries, in every zone. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRecordAge } from '../plan/record-age.ts'
import type { LedgerRecord } from '../ports/store.ts'
import { calendarUnits, freshUntil, isFresh, type RecordAge, unitStart } from './age.ts'
import { fitOf } from './fit.ts'

const DAY = 86_400_000
const runs = { numRuns: 150, seed: 7 } as const
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'Pacific/Apia'] as const
const anyZone = fc.constantFrom(...zones)
const anyTime = fc.integer({ min: Date.UTC(2012, 0, 3), max: Date.UTC(2040, 0, 1) })

function age(text: string, zone = 'UTC'): RecordAge {
  const parsed = parseRecordAge(text, zone)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.expected}`)
  return parsed.value
}

const at = (text: string): number => Date.parse(text)

describe('the age of a record', () => {
  test.each([
    ['30d', 30],
    ['last 30 days', 30],
    ['30 days', 30],
    ['2 weeks', 14],
    ['1 month', 31],
    ['1 quarter', 92],
    ['2 quarters', 184],
    ['1 year', 366],
  ])('%s slides with the clock, %i days long', (text, days) => {
    expect(age(text)).toEqual({ maxAgeMs: days * DAY })
  })

  test.each([
    'quarter',
    'last quarter',
    'a month',
    '0 days',
    '30',
    '-1d',
    'next calendar quarter',
    'last calendar fortnight',
    '99 years',
  ])('"%s" is refused with an example', (text) => {
    expect(parseRecordAge(text, 'UTC')).toMatchObject({ ok: false, example: 'last calendar quarter' })
  })

  test('an age that is exactly reached still counts, and a millisecond later it does not', () => {
    fc.assert(
      fc.property(anyTime, fc.integer({ min: 1, max: 400 }), (observed, days) => {
        const allowed = age(`last ${days} days`)
        expect(isFresh(allowed, observed, observed + days * DAY)).toBe(true)
        expect(isFresh(allowed, observed, observed + days * DAY + 1)).toBe(false)
        expect(isFresh(allowed, observed, observed - 1)).toBe(false)
      }),
      runs,
    )
  })

  test('a quarter of 92 days and a calendar quarter are two things', () => {
    const observed = at('2026-04-01T00:00:00Z')
    const look = at('2026-07-02T12:00:00Z')
    expect(isFresh(age('1 quarter'), observed, look)).toBe(false)
    expect(isFresh(age('last calendar quarter'), observed, look)).toBe(true)
    expect(isFresh(age('this calendar quarter'), observed, look)).toBe(false)
    expect(isFresh(age('last calendar quarter'), at('2026-03-31T23:59:59Z'), look)).toBe(false)
    expect(freshUntil(age('last calendar quarter'), observed)).toBe(at('2026-09-30T23:59:59.999Z'))
  })

  test('the calendar is that of the zone, also over the day on which clocks change', () => {
    const observed = at('2026-03-31T22:30:00Z')
    expect(freshUntil(age('this calendar quarter', 'Europe/Berlin'), observed)).toBe(at('2026-06-30T21:59:59.999Z'))
    expect(freshUntil(age('this calendar quarter'), observed)).toBe(at('2026-03-31T23:59:59.999Z'))
    expect(freshUntil(age('this calendar day', 'Europe/Berlin'), at('2026-10-25T00:30:00Z'))).toBe(
      at('2026-10-25T22:59:59.999Z'),
    )
  })

  test('in every zone a piece of the calendar ends where the next begins, and counts from its first instant on', () => {
    fc.assert(
      fc.property(anyTime, anyZone, fc.constantFrom(...calendarUnits), (observed, zone, unit) => {
        const start = unitStart({ unit, zone }, observed, 0)
        const next = unitStart({ unit, zone }, observed, 1)
        expect(start).toBeLessThanOrEqual(observed)
        expect(next).toBeGreaterThan(observed)
        const running = age(`this calendar ${unit}`, zone)
        expect(isFresh(running, start, next - 1)).toBe(true)
        expect(isFresh(running, start, next)).toBe(false)
        expect(isFresh(age(`last calendar ${unit}`, zone), start, next)).toBe(true)
      }),
      runs,
    )
  })

  test('what is fresh once stays fresh until its end and never becomes fresh again', () => {
    const texts = [
      '30d',
      '1 quarter',
      ...calendarUnits.flatMap((unit) => [`this calendar ${unit}`, `last calendar ${unit}`]),
    ]
    fc.assert(
      fc.property(anyTime, anyZone, fc.constantFrom(...texts), fc.nat(2 * 366 * DAY), (observed, zone, text, later) => {
        const allowed = age(text, zone)
        expect(isFresh(allowed, observed, observed + later)).toBe(observed + later <= freshUntil(allowed, observed))
        expect(freshUntil(allowed, observed) - observed).toBeLessThanOrEqual(allowed.maxAgeMs + DAY)
      }),
      runs,
    )
  })
})

describe('what satisfies who asks for a record', () => {
  const now = at('2026-11-21T12:00:00Z')
  const record = (daysAgo: number, more: Partial<LedgerRecord> = {}): LedgerRecord => {
    const observedAt = now - daysAgo * DAY
    const of = { recordedAt: observedAt, by: 'ana', note: 'seen', evidence: [], release: null }
    return { id: `r${daysAgo}`, name: 'restore-test', observedAt, ...of, ...more }
  }
  const wish = { name: 'restore-test', ...age('30d') }

  test('the newest record decides, however late it was written down', () => {
    const late = record(40, { recordedAt: now })
    expect(fitOf([late], wish, now)).toMatchObject({
      record: null,
      say: 'restore-test: the newest record is 40 d old, at most 30 d allowed',
    })
    expect(fitOf([late, record(3)], wish, now)).toMatchObject({ record: { id: 'r3' }, until: now + 27 * DAY })
  })

  test('a newer record that failed shuts the gate that an older one had opened', () => {
    const failed = record(1, { outcome: 'failed', note: 'rows are missing' })
    expect(fitOf([record(3), failed], wish, now)).toMatchObject({
      record: null,
      say: expect.stringContaining('rows are missing'),
    })
    expect(fitOf([record(0), failed], wish, now).record?.id).toBe('r0')
  })

  test('a record from the future proves nothing', () => {
    expect(fitOf([record(-1)], wish, now).say).toBe('restore-test: there is no record yet')
  })

  test('only a record of that environment, and with evidence where it is asked for, counts', () => {
    const rehearsed = { ...wish, environment: 'staging', evidence: 'required' } as const
    expect(fitOf([record(1, { environment: 'staging' })], rehearsed, now).say).toBe(
      'restore-test: there is no record yet of staging with evidence',
    )
    expect(fitOf([record(1, { environment: 'demo', evidence: ['a'] })], rehearsed, now).record).toBeNull()
    expect(fitOf([record(1, { environment: 'staging', evidence: ['a'] })], rehearsed, now).record?.id).toBe('r1')
  })

  test('a rehearsal that took too long, or does not say how long, opens nothing', () => {
    const quick = { ...wish, limits: { took: '<= 15m', data_age: '< 24h' } }
    const took = (ms: number, facts: LedgerRecord['facts'] = { data_age: 3600 }) =>
      record(1, { tookMs: ms, facts: facts ?? {} })
    expect(fitOf([took(15 * 60_000)], quick, now).record?.id).toBe('r1')
    expect(fitOf([took(16 * 60_000)], quick, now).say).toBe(
      'restore-test: observed 1 d ago, but took was 16 min, allowed is <= 15m',
    )
    expect(fitOf([took(60_000, {})], quick, now).say).toBe(
      'restore-test: observed 1 d ago, but it does not say data_age, which is to be < 24h',
    )
  })
})
