import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SourcePlan } from '../core/plan/plan.ts'
import { postgresPrograms, startPostgres, type TestPostgres } from './parts/postgres.fixture.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { parseStatement } from './sql-query/statement.ts'
import { sql as definition } from './sql.ts'

const check = definition as never
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-sql-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Overrides = Parameters<typeof runCheck>[2]

function asking(
  source: () => SourcePlan,
): (query: string, expectation: string | null, overrides?: Overrides, more?: object) => ReturnType<typeof runCheck> {
  return (query, expectation, overrides = {}, more = {}) =>
    runCheck(check, { on: 'db', query, ...more }, { expectation, source, root: folder, ...overrides })
}

const programs = postgresPrograms()
if (programs === null && process.env['CI'] === 'true') throw new Error('PostgreSQL is needed in CI')
if (programs === null) console.warn('PostgreSQL is not installed: its part of the sql check is not tested here')

const schema = `create table orders (id int primary key, state text, amount numeric, big bigint);
insert into orders values (1, 'paid', 10.5, 9007199254740993), (2, 'stuck', null, 2);`

interface Database {
  readonly ask: ReturnType<typeof asking>
  readonly count: () => Promise<number>
}

function suite(name: string, database: () => Database): void {
  describe(name, () => {
    test('expect decides on value, row, rows and count', async () => {
      const { ask } = database()
      expect((await ask('select count(*) from orders', 'value == 2')).outcome).toBe('passed')
      expect(
        (await ask('select state, id from orders order by id', 'row.state == "paid" && count == 2 && rows[1].id == 2'))
          .outcome,
      ).toBe('passed')
      expect((await ask('select amount from orders where id = 1;', 'value < 11')).outcome).toBe('passed')
      const failed = await ask("select count(*) from orders where state = 'stuck'", 'value == 0')
      expect(failed).toMatchObject({ outcome: 'failed', say: 'value 1, expected value == 0' })
      expect(evidenceText(failed).trim().endsWith('1')).toBe(true)
    })

    test('several values of one answer are held to their limits, beside `expect` or without it', async () => {
      const { ask } = database()
      const query =
        "select count(*) as orders, (select count(*) from orders where state = 'stuck') as stuck from orders"
      const held = (limits: unknown, expectation: string | null = null): ReturnType<typeof runCheck> =>
        ask(query, expectation, {}, { limits })
      expect(await held({ orders: '>= 2', stuck: '< 5' })).toMatchObject({
        outcome: 'passed',
        say: 'orders 2 (>= 2); stuck 1 (< 5)',
      })
      expect((await held('orders >= 2, stuck <= 0')).say).toBe('stuck is 1, expected <= 0')
      expect((await held({ orders: '>= 2' }, 'row.stuck == 0')).outcome).toBe('failed')
    })

    test('one that is asked for its value needs no expectation, and a value', async () => {
      const { ask } = database()
      const forItsValue = { forItsValue: true }
      expect(await ask('select count(*) from orders', null, forItsValue)).toMatchObject({
        outcome: 'passed',
        facts: { value: 2 },
      })
      expect((await ask('select amount from orders where id = 2', null, forItsValue)).outcome).toBe('inconclusive')
    })

    test('NULL, no row and a missing expectation are never a pass', async () => {
      const { ask } = database()
      expect((await ask('select amount from orders where id = 2', 'value < 11')).outcome).toBe('inconclusive')
      expect((await ask('select amount from orders where id = 2', '!(value > 11)')).outcome).toBe('inconclusive')
      expect((await ask('select amount from orders where id = 9', 'value < 11')).outcome).toBe('inconclusive')
      expect((await ask('select 1', null)).outcome).toBe('errored')
    })

    test('a value is bound, never pasted', async () => {
      const { ask, count } = database()
      const variables = { state: "x' or '1'='1", id: '1; drop table orders' }
      expect(
        (await ask('select count(*) from orders where state = {{ state }}', 'value == 0', { variables })).outcome,
      ).toBe('passed')
      expect(
        (await ask("select count(*) from orders where state = '{{ state }}'", 'value == 0', { variables })).outcome,
      ).toBe('passed')
      expect(
        (await ask('select count(*) from orders where state = {{ nobody }}', 'value == 0', { variables })).outcome,
      ).toBe('errored')
      expect(await count()).toBe(2)
    })

    test('nothing is written, whatever the query says', async () => {
      const { ask, count } = database()
      for (const query of [
        'delete from orders',
        'select 1; delete from orders',
        'with gone as (delete from orders returning 1) select * from gone',
        'drop table orders',
        'commit; delete from orders',
        'create table other (id int)',
      ]) {
        expect(await runCheckOrRefuse(() => ask(query, 'true')), query).not.toBe('passed')
      }
      expect(await count()).toBe(2)
    })

    test('an answer of too many rows is an error of the query', async () => {
      const { ask } = database()
      const result = await ask(
        'with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) select i from n',
        'count > 0',
      )
      expect(result).toMatchObject({ outcome: 'errored' })
      expect(result.say).toContain('1000 rows')
    })

    test('a query without end is stopped with the time of the check', async () => {
      const { ask } = database()
      const result = await ask(
        'with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n',
        'value > 0',
        { signal: AbortSignal.timeout(300) },
      )
      expect(result).toMatchObject({ outcome: 'errored', say: 'db: no answer in time' })
    })

    test('a wrong query is an error with the words of the database', async () => {
      const result = await database().ask('select nonsense from orders', 'value == 1')
      expect(result.outcome).toBe('errored')
      expect(result.say).toContain('nonsense')
    })

    test('whole numbers too large for a double stay exact text', async () => {
      expect((await database().ask('select big from orders order by id', 'value == "9007199254740993"')).outcome).toBe(
        'passed',
      )
    })
  })
}

async function runCheckOrRefuse(run: () => ReturnType<typeof runCheck>): Promise<string> {
  try {
    return (await run()).outcome
  } catch {
    return 'refused by the schema'
  }
}

const sqliteFile = join(folder, 'orders.db')
beforeAll(() => {
  const database = new DatabaseSync(sqliteFile)
  database.exec(schema)
  database.close()
})

suite('SQLite', () => ({
  ask: asking(() => ({ kind: 'sqlite', config: { file: 'orders.db' } })),
  count: () => {
    const database = new DatabaseSync(sqliteFile, { readOnly: true })
    const row = database.prepare('select count(*) as n from orders').get()
    database.close()
    return Promise.resolve(Number(row?.['n']))
  },
}))

test('a SQLite file that is not there is not made', async () => {
  const ask = asking(() => ({ kind: 'sqlite', config: { file: 'missing.db' } }))
  expect((await ask('select 1', 'value == 1')).outcome).toBe('errored')
  expect(() => readFileSync(join(folder, 'missing.db'))).toThrow()
})

test('a source of another kind is refused', async () => {
  const ask = asking(() => ({ kind: 'prometheus', config: { url: 'http://127.0.0.1:9090' } }))
  expect((await ask('select 1', 'value == 1')).say).toContain('expected postgres, sqlite, clickhouse, mysql')
})

describe.skipIf(programs === null)('with a server', () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startPostgres(programs ?? '')
    await postgres.query(schema)
  }, 60_000)
  afterAll(() => postgres?.stop())

  const ask = asking(() => ({ kind: 'postgres', config: { url: postgres.url } }))
  suite('PostgreSQL', () => ({
    ask,
    count: async () => Number((await postgres.query('select count(*) from orders'))[0]?.[0]),
  }))

  test('the read-only transaction cannot be left', async () => {
    for (const query of [
      "select set_config('transaction_read_only', 'off', true)",
      "select nextval('s')",
      'select pg_advisory_lock(1), txid_current()',
    ]) {
      await postgres.query('create sequence if not exists s')
      const result = await ask(query, 'true')
      if (query.includes('advisory')) expect(result.outcome).toBe('passed')
      else expect(result.outcome, query).toBe('errored')
    }
  })

  test('NaN is no value', async () => {
    expect((await ask("select 'NaN'::float8", 'value < 1')).outcome).toBe('inconclusive')
    expect((await ask("select 'NaN'::numeric", '!(value > 1)')).outcome).toBe('inconclusive')
  })

  test('the time limit is also given to the server', async () => {
    const result = await ask('select pg_sleep(60)', 'true', { timeoutMs: 2_000 })
    expect(result.outcome).toBe('errored')
    expect(result.say).toContain('statement timeout')
  })

  test('a wrong password or address is said without the address', async () => {
    const elsewhere = asking(() => ({ kind: 'postgres', config: { url: 'postgres://u:hunter2@127.0.0.1:1/db' } }))
    const result = await elsewhere('select 1', 'value == 1')
    expect(result.outcome).toBe('errored')
    expect(result.say).not.toContain('hunter2')
  })
})

test('a server that accepts and says nothing ends with the time of the check', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const ask = asking(() => ({ kind: 'postgres', config: { url: `postgres://u@127.0.0.1:${port}/db` } }))
  expect((await ask('select 1', 'value == 1', { signal: AbortSignal.timeout(200) })).outcome).toBe('errored')
  silent.close()
})

describe('statements', () => {
  test('names become parameters, once each', () => {
    expect(parseStatement("select {{ a }}, '{{b}}', {{ a }} -- {{ c }}\nfrom t /* {{ d }} */", 'postgres')).toEqual({
      text: 'select $1, $2, $1  \nfrom t',
      names: ['a', 'b'],
    })
    expect(parseStatement('select {{ a }}', 'sqlite')).toEqual({ text: 'select ?1', names: ['a'] })
  })

  test('a name inside of a text, a dollar quote or an identifier is refused', () => {
    for (const query of [
      "select 'v{{ a }}'",
      'select $$v{{ a }}$$',
      'select "{{ a }}" from t',
      "select E'\\'{{ a }}'",
    ]) {
      expect(parseStatement(query, 'postgres'), query).toHaveProperty('problem')
    }
  })

  test('only one reading statement is accepted', () => {
    for (const query of [
      'select 1; select 2',
      'insert into t values (1)',
      '',
      '-- nothing',
      "select 'open",
      'select /* open',
      'set role x',
      'copy t to stdout',
      'begin',
    ]) {
      expect(parseStatement(query, 'postgres'), query).toHaveProperty('problem')
    }
    for (const query of [
      "select ';--'",
      'select 1;',
      ' (select 1)',
      'with a as (select 1) select * from a',
      'show server_version',
      'select $a$;$a$ -- ;\n;',
    ]) {
      expect(parseStatement(query, 'postgres'), query).not.toHaveProperty('problem')
    }
  })
})
