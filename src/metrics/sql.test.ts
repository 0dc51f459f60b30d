/** The source that asks a database: parameters, what an answer is worth, and a real SQLite behind it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askDatabase } from '../checks/sql-query/database.ts'
import type { MetricPowers } from '../core/ports/metrics.ts'
import { sql } from './sql.ts'
import { bound, checkQuery } from './sql-query.ts'

const now = Date.parse('2026-11-22T10:00:00Z')
const root = mkdtempSync(join(tmpdir(), 'holdpoint-metric-sql-'))
const powers: MetricPowers = {
  signal: new AbortController().signal,
  clock: { now: () => now, sleep: () => Promise.resolve() },
  http: () => Promise.reject(new Error('nothing is asked over HTTP')),
  database: (name, query, variables, bounds) =>
    askDatabase({ on: name, query }, { kind: 'sqlite', config: { file: 'shop.db' } }, {
      http: () => Promise.reject(new Error('nothing is asked over HTTP')),
      variables,
      root,
      ...bounds,
    } as never),
}
const source = sql.open(sql.config.parse({ database: 'orders', timeout: '30s' }))
const between = 'at >= $from and at < $to'

beforeAll(() => {
  const database = new DatabaseSync(join(root, 'shop.db'))
  database.exec('create table signups (at text, version text, ok integer, ms integer)')
  const insert = database.prepare('insert into signups values (?, ?, ?, ?)')
  // Two a minute over an hour, every tenth bad; none in the last minute.
  for (let i = 2; i <= 120; i += 1)
    insert.run(
      new Date(now - i * 30_000).toISOString(),
      i % 2 === 0 ? "it's 2" : '1',
      i % 10 === 0 ? 0 : 1,
      i % 4 === 0 ? 900 : 90,
    )
  database.close()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('an interval is counted for each arm, by labels that are parameters', async () => {
  const common = { arm: 'canary', labels: { version: "it's 2" }, from: now - 600_000, to: now } as const
  const ofArm = `from signups where ${between} and version = $label_version`
  const buckets = `select 0.5 as le, count(*) ${ofArm} and ms <= 500 union all select '+Inf', count(*) ${ofArm}`
  const bad = `select count(*) ${ofArm} and ok = 0`
  const total = `select count(*) ${ofArm}`
  expect(
    await source.sample(
      [
        { ...common, kind: 'ratio', queries: { bad, total } },
        { ...common, kind: 'histogram', queries: { buckets } },
        { ...common, kind: 'events', queries: { count: bad } },
        { ...common, kind: 'gauge', queries: { query: 'select at, ms from signups' } },
        { ...common, labels: {}, kind: 'events', queries: { count: bad } },
      ],
      powers,
    ),
  ).toEqual([
    { kind: 'ratio', bad: 2, total: 10 },
    { kind: 'histogram', le: [0.5, Number.MAX_VALUE], counts: [5, 10] },
    { kind: 'events', count: 2, total: null },
    { kind: 'gauge', value: 90 },
    { kind: 'no-data', why: 'count: $label_version is no label of what is compared' },
  ])
})

test('the past is counted interval by interval, for a baseline', async () => {
  const question = { arm: 'canary', labels: {}, from: now - 360_000, to: now, everyMs: 120_000 } as const
  const queries = { query: `select count(*) from signups where ${between}` }
  expect(await source.history!([{ ...question, kind: 'gauge', queries }], powers)).toEqual([
    [4, 4, 3].map((value) => ({ kind: 'gauge', value })),
  ])
  const [still] = await source.history!([{ ...question, kind: 'gauge', queries: { query: 'select 1' } }], powers)
  expect(still?.map(({ kind }) => kind)).toEqual(['no-data', 'no-data', 'no-data'])
})

test.each([
  ['select count(*) from signups where at >= $to-5m', { value: 9 }],
  ['select count(*) from signups where at >= $to-5m and at < $to', { value: 9 }],
  ['select sum(ok) from signups where ok > 9', { noData: 'answered null, a finite number expected' }],
  ['select ok from signups where ok > 9', { noData: 'answered without any row' }],
  ['select at, ms from signups', { value: 90 }],
  [
    "select at, ms from signups where at < '2026-11-22T09:30:00'",
    { noData: expect.stringContaining('older than asked for') },
  ],
  ["select 'soon', 5", { noData: 'answered with soon in its first column, a time expected' }],
  ["select '2026-11-23 10:00:00', 5", { noData: expect.stringContaining('in the future') }],
  ['select * from signups', { noData: expect.stringContaining('119 rows of 4 columns') }],
  ["select 'many'", { noData: 'answered "many", a finite number expected' }],
  ['select * from nobody', { noData: expect.stringMatching(/^orders: .*no such table/) }],
  ['delete from signups', { noData: expect.stringContaining('only reads') }],
  ['select 1; select 2', { noData: expect.stringContaining('one statement') }],
  [
    String.raw`select count(*) from signups where version = 'x\' or 1=1 --'`,
    { noData: expect.stringContaining('no backslash') },
  ],
])('a number now: %s', async (query, answer) => expect(await source.value(query, now, powers)).toEqual(answer))

test('what cannot be asked is refused when a document compiles', () => {
  expect(checkQuery('ratio', 'bad', `select count(*) from orders where ${between}`)).toBeNull()
  expect(checkQuery('value', 'query', "select 1 where v = '{{version}}'")?.expected).toContain('no {{ name }}')
  expect(checkQuery('ratio', 'bad', 'select count(*) from o where at > $to-1h')?.expected).toContain(
    'write $from and $to',
  )
  expect(checkQuery('value', 'query', 'select count(*) from o where at > $from')?.expected).toContain('$to-5m')
  expect(checkQuery('gauge', 'query', 'update o set x = 1')?.expected).toContain('only reads')
  expect(bound('select $to, $to-1h, $to_s', { from: null, to: now }, {})).toEqual({
    statement: 'select {{ time_2 }}, {{ time_0 }}, {{ time_1 }}',
    values: { time_0: '2026-11-22T09:00:00.000Z', time_1: String(now / 1000), time_2: '2026-11-22T10:00:00.000Z' },
  })
})

test('it can be probed, and says so where no database can be asked', async () => {
  expect(await source.probe(powers)).toEqual({ ok: true, say: 'orders answers queries' })
  const { database: _none, ...without } = powers
  expect(await source.probe(without)).toEqual({ ok: false, say: 'no database can be asked here' })
  const cancelled = { ...powers, signal: AbortSignal.abort() }
  expect(await source.value('select 1', now, cancelled)).toEqual({ noData: 'cancelled' })
})
