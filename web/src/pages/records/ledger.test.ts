/** The ledger: what is still true, what soon is not, what is overdue, and which days of a month say so. */
import { describe, expect, test } from 'vitest'
import type { LedgerRecord, NeededRecord } from '../../../../src/api/wire/web.ts'
import { entriesBetween, ledgerOf, millisOf, weeksOf } from './ledger.ts'

const DAY = 86_400_000
const now = 1_000 * DAY

function record(name: string, daysAgo: number, project = 'shop'): LedgerRecord {
  const observedAt = now - daysAgo * DAY
  const of = { recordedAt: observedAt, by: 'ana', note: '', evidence: [], release: null }
  return { id: `${name} ${daysAgo}`, name, observedAt, project, ...of }
}

/** `observed` = days ago of the record that the server found; absent = none. */
function need(name: string, days: number, observed: number | null = null): NeededRecord {
  const by = { kind: 'checklist', id: 'shop/release', service: 'shop', project: 'shop' } as const
  const end = observed === null ? 0 : now + (days - observed) * DAY
  const stands = { until: end >= now ? end : null, age: `${days}d`, say: 'as it stands' }
  return { name, maxAgeMs: days * DAY, drill: null, step: 's', text: 't', by, ...stands }
}

describe('the ledger', () => {
  test('the strictest of those who ask says until when something is true', () => {
    const [line] = ledgerOf(
      [record('restore', 10), record('restore', 40)],
      [need('restore', 90, 10), need('restore', 30, 10)],
      now,
    )
    expect(line).toMatchObject({ standing: 'fresh', until: now + 20 * DAY, strictestMs: 30 * DAY })
    expect(line?.records.map(({ id }) => id)).toEqual(['restore 10', 'restore 40'])
  })

  test('what is overdue or missing comes first, then what soon is, then what nobody asks for', () => {
    const records = [record('old', 40), record('aging', 27), record('young', 1), record('unasked', 1)]
    const needs = [need('old', 30), need('aging', 30, 27), need('young', 30, 1), need('never', 30)]
    expect(ledgerOf(records, needs, now).map(({ name, standing }) => [name, standing])).toEqual([
      ['old', 'overdue'],
      ['never', 'missing'],
      ['aging', 'soon'],
      ['young', 'fresh'],
      ['unasked', 'kept'],
    ])
  })

  test('a young record that failed, or keeps no limit, is told apart from an old one', () => {
    const failed = { ...record('restore', 1), outcome: 'failed' as const }
    expect(ledgerOf([failed], [need('restore', 30)], now)).toMatchObject([{ standing: 'unfit', until: null }])
  })

  test('a record of another project proves nothing', () => {
    const lines = ledgerOf([record('restore', 1, 'bank')], [need('restore', 30)], now)
    expect(lines.map(({ project, standing }) => [project, standing])).toEqual([
      ['shop', 'missing'],
      ['bank', 'kept'],
    ])
  })

  test('a day of the calendar has what was observed then, and what ends then', () => {
    const lines = ledgerOf([record('restore', 10)], [need('restore', 30, 10)], now)
    expect(entriesBetween(lines, now - 11 * DAY, now + 60 * DAY, now)).toMatchObject([
      { kind: 'observed', at: now - 10 * DAY },
      { kind: 'expires', at: now + 20 * DAY },
    ])
    const late = ledgerOf([record('restore', 40)], [need('restore', 30)], now)
    expect(entriesBetween(late, now - 11 * DAY, now, now)).toMatchObject([{ kind: 'expired', at: now - 10 * DAY }])
  })
})

test('a month has whole weeks that begin on Monday', () => {
  const weeks = weeksOf(2026, 1)
  expect(weeks[0]).toEqual([null, null, null, null, null, null, 1])
  expect(weeks.flat().filter((day) => day !== null).length).toBe(28)
  expect(weeks.every((week) => week.length === 7)).toBe(true)
})

test.each([
  ['14m', 840_000],
  ['1h 30m', 5_400_000],
  ['1h30m', 5_400_000],
  ['14 minutes', 840_000],
  ['0.5 h', 1_800_000],
  ['90', null],
  ['soon', null],
  ['', null],
])('%s is read as a length of time', (words, ms) => {
  expect(millisOf(words)).toBe(ms)
})
