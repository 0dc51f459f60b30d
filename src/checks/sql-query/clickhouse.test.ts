import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  describeWith,
  findProgram,
  freePort,
  type Running,
  startProgram,
  until,
} from '../../../test/support/programs.ts'
import { evidenceText, runCheck } from '../parts/powers.fixture.ts'
import { sql } from '../sql.ts'
import { parseStatement } from './statement.ts'

const program = findProgram('/usr/sbin/clickhouse-server', '/usr/bin/clickhouse-server')
const password = 's3 cret/%'

describeWith({ 'clickhouse-server': program }, 'a real ClickHouse', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-clickhouse-'))
  let server: Running | null = null
  let port = 0

  const tell = async (query: string): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: query })
    const text = await answer.text()
    if (!answer.ok) throw new Error(text)
    return text.trim()
  }
  const ask = (
    query: string,
    expectation: string | null,
    more: Parameters<typeof runCheck>[2] & { user?: string } = {},
  ) => {
    const { user = '', ...overrides } = more
    const source = () => ({ kind: 'clickhouse', config: { url: `http://${user}127.0.0.1:${port}/?database=default` } })
    return runCheck(sql as never, { on: 'events', query }, { expectation, source, ...overrides })
  }

  beforeAll(async () => {
    port = await freePort()
    const network = '<networks><ip>127.0.0.1</ip></networks><quota>default</quota>'
    for (const folder of ['data', 'tmp']) mkdirSync(join(root, folder))
    writeFileSync(
      join(root, 'users.xml'),
      `<yandex><profiles><default/><reader><readonly>1</readonly></reader></profiles><quotas><default/></quotas><users>
        <default><password/>${network}<profile>default</profile></default>
        <reader><password>${password}</password>${network}<profile>reader</profile></reader></users></yandex>`,
    )
    writeFileSync(
      join(root, 'config.xml'),
      `<yandex><logger><level>warning</level><console>1</console></logger><listen_host>127.0.0.1</listen_host>
        <http_port>${port}</http_port><tcp_port>${await freePort()}</tcp_port><mark_cache_size>5368709</mark_cache_size>
        <path>${root}/data/</path><tmp_path>${root}/tmp/</tmp_path><users_config>users.xml</users_config>
        <default_profile>default</default_profile><default_database>default</default_database></yandex>`,
    )
    server = startProgram(program ?? '', [`--config-file=${join(root, 'config.xml')}`], { cwd: root })
    await until('it answers', async () => (await tell('select 1')) === '1')
    await tell('create table orders (id UInt64, state String, amount Nullable(Float64), big UInt64) engine = Memory')
    await tell("insert into orders values (1, 'paid', 10.5, 9007199254740993), (2, 'stuck', null, 2)")
  }, 90_000)
  afterAll(async () => {
    await server?.stop('SIGKILL')
    rmSync(root, { recursive: true, force: true })
  })

  test('expect decides on numbers, texts and rows, whole numbers too large for a double stay exact', async () => {
    const count = await ask('select count() from orders', 'value == 2')
    expect(count, count.say).toMatchObject({ outcome: 'passed', say: 'value 2' })
    const rows = await ask(
      'select state, id, big from orders order by id',
      'row.state == "paid" && rows[1].id == 2 && row.big == "9007199254740993"',
    )
    expect(rows, rows.say).toMatchObject({ outcome: 'passed' })
    expect(evidenceText(rows)).toContain('paid\t1\t9007199254740993')
    const failed = await ask("select count() from orders where state = 'stuck'", 'value == 0')
    expect(failed).toMatchObject({ outcome: 'failed', say: 'value 1, expected value == 0' })
    for (const query of [
      'select amount from orders where id = 2',
      'select 0 / 0',
      'select id from orders where id = 9',
    ])
      expect([query, (await ask(query, 'value < 11')).outcome]).toEqual([query, 'inconclusive'])
  })

  test('a value is a text whatever is in it, and nothing is written whatever the query says', async () => {
    for (const state of ["x' or '1'='1", "\\' or 1=1 --", '\\', "'; drop table orders; --", '{{1}}']) {
      const result = await ask('select count() from orders where state = {{ state }}', 'value == 0', {
        variables: { state },
      })
      expect([state, result.outcome, result.say]).toEqual([state, 'passed', 'value 0'])
      const told = await ask('select {{ state }} as told', 'value.size() > 0', { variables: { state } })
      expect(told.facts?.['value']).toBe(state)
    }
    for (const query of [
      "select * from (insert into orders values (3, 'new', 1, 1))",
      "with 1 as x insert into orders values (3, 'new', 1, 1)",
      "select 1 into outfile '/tmp/never' union all select 2 settings readonly = 0",
    ])
      expect([query, (await ask(query, 'true')).outcome]).toEqual([query, 'errored'])
    expect(await tell('select count() from orders')).toBe('2')
  })

  test('a user who may only read gets in by a password that stands encoded, a wrong one is told in words', async () => {
    const user = `reader:${encodeURIComponent(password)}@`
    const result = await ask('select count() from orders', 'value == 2', { user })
    expect(result, result.say).toMatchObject({ outcome: 'passed' })
    const wrong = await ask('select 1', 'value == 1', { user: 'reader:open@' })
    expect(wrong).toMatchObject({ outcome: 'errored' })
    expect(wrong.say).toContain('Wrong password for user reader')
  })

  test('a query without end, one with too many rows and one in another format are errors of the query', async () => {
    const endless = await ask('select count() from system.numbers', 'value > 0', { signal: AbortSignal.timeout(300) })
    expect(endless).toMatchObject({ outcome: 'errored', say: 'events: no answer in time' })
    const late = await ask('select count() from system.numbers', 'value > 0', { timeoutMs: 1_000 })
    expect(late.say).toContain('Timeout exceeded')
    const many = await ask('select number from system.numbers limit 1001', 'count > 0')
    expect(many.say).toContain('more than 1000 rows')
    const format = await ask('select 1 format TSV', 'value == 1')
    expect(format.say).toContain('leave FORMAT out of the query')
  })
})

test('what would end a text of ClickHouse early is read as ClickHouse reads it', () => {
  expect(parseStatement("select '\\' {{ a }} '", 'clickhouse')).toMatchObject({
    problem: expect.stringContaining('pasted') as string,
  })
  expect(parseStatement("select 'a\\'b', {{ a }}", 'clickhouse')).toEqual({
    text: "select 'a\\'b', {{1}}",
    names: ['a'],
  })
  expect(parseStatement('select `a\\`, {{ a }} from `b`', 'clickhouse')).toMatchObject({
    problem: expect.stringContaining('backslash') as string,
  })
})
