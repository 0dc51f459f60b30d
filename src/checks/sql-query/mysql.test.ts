import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
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

const programs = {
  mariadbd: findProgram('/usr/sbin/mariadbd', '/usr/libexec/mariadbd'),
  'mariadb-install-db': findProgram('/usr/bin/mariadb-install-db'),
  openssl: findProgram('/usr/bin/openssl'),
}
const password = "s3'cret/%"
type Overrides = Parameters<typeof runCheck>[2]

describeWith(programs, 'a real MariaDB', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-mysql-'))
  let server: Running | null = null
  let port = 0
  const ask = (query: string, expectation: string | null, more: Overrides & { who?: string; with_?: string } = {}) => {
    const { who = `reader:${encodeURIComponent(password)}`, with_ = '', ...overrides } = more
    const source = () => ({ kind: 'mysql', config: { url: `mysql://${who}@127.0.0.1:${port}/shop${with_}` } })
    return runCheck(sql as never, { on: 'shop', query }, { expectation, source, root, ...overrides })
  }

  beforeAll(async () => {
    port = await freePort()
    const data = join(root, 'data')
    const [key, certificate] = [join(root, 'key.pem'), join(root, 'cert.pem')]
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
    const form = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate]
    execFileSync(programs.openssl ?? '', ['req', '-x509', ...form, ...subject], { stdio: 'ignore' })
    const user = `--user=${userInfo().username}`
    const install = [
      '--no-defaults',
      `--datadir=${data}`,
      '--skip-test-db',
      '--auth-root-authentication-method=normal',
      user,
    ]
    execFileSync(programs['mariadb-install-db'] ?? '', install, { stdio: 'ignore' })
    writeFileSync(
      join(root, 'init.sql'),
      `create database shop;
create table shop.orders (id int primary key, state varchar(20), amount decimal(10,2), big bigint, bytes blob) default charset utf8mb4;
insert into shop.orders values (1, 'paid', 10.5, 9007199254740993, X'ff00'), (2, 'stuck', null, 2, null);
create user reader@'127.0.0.1' identified by 's3''cret/%';
grant all on shop.* to reader@'127.0.0.1';
create user modern@'127.0.0.1' identified via unix_socket;\n`,
    )
    chmodSync(root, 0o755)
    const own = [`--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(root, 's')}`, user]
    const tls = [`--ssl-cert=${certificate}`, `--ssl-key=${key}`]
    server = startProgram(programs.mariadbd ?? '', [
      '--no-defaults',
      ...own,
      ...tls,
      `--init-file=${join(root, 'init.sql')}`,
    ])
    await until('it answers', async () => (await ask('select count(*) from orders', 'value == 2')).outcome === 'passed')
  }, 120_000)
  afterAll(async () => {
    await server?.stop('SIGKILL')
    rmSync(root, { recursive: true, force: true })
  })

  test('expect decides on numbers, texts and rows; NULL is no value, whole numbers stay exact, bytes are hex', async () => {
    const rows = await ask(
      'select state, id, amount, big, bytes from orders order by id',
      'row.state == "paid" && row.amount < 11 && row.big == "9007199254740993" && row.bytes == "ff00" && rows[1].id == 2',
    )
    expect(rows, rows.say).toMatchObject({ outcome: 'passed' })
    expect(evidenceText(rows)).toContain('paid\t1\t10.5\t9007199254740993')
    const failed = await ask("select count(*) from `orders` where state = 'stuck' -- all", 'value == 0')
    expect(failed).toMatchObject({ outcome: 'failed', say: 'value 1, expected value == 0' })
    for (const query of ['select amount from orders where id = 2', 'select id from orders where id = 9'])
      expect([query, (await ask(query, 'value < 11')).outcome]).toEqual([query, 'inconclusive'])
  })

  test('a value is a text whatever is in it, and nothing is written whatever the query says', async () => {
    for (const state of ["x' or '1'='1", "\\' or 1=1 -- ", '\\', "'; drop table orders; #", '{{1}}', 'ä€😀', '']) {
      const result = await ask('select count(*) from orders where state = {{ state }}', 'value == 0', {
        variables: { state },
      })
      expect([state, result.outcome, result.say]).toEqual([state, 'passed', 'value 0'])
      const told = await ask('select {{ state }} as told', 'value.size() >= 0', { variables: { state } })
      expect(told.facts?.['value']).toBe(state)
    }
    for (const query of [
      'with x as (select 1) delete from orders',
      `select 1 into outfile '${root}/never'`,
      'explain delete from orders where 1 = 1 /*! ; delete from orders */ procedure analyse(',
    ])
      expect([query, (await ask(query, 'true')).outcome]).toEqual([query, 'errored'])
    expect(await ask('select count(*) from orders', 'value == 2')).toMatchObject({ outcome: 'passed' })
  })

  test('over TLS with a certificate that is trusted, and not with another', async () => {
    const result = await ask("show session status like 'Ssl_cipher'", 'row.Value.size() > 3', { with_: '?ca=cert.pem' })
    expect(result, result.say).toMatchObject({ outcome: 'passed' })
    const untrusted = await ask('select 1', 'value == 1', { with_: '?tls=true' })
    expect(untrusted, untrusted.say).toMatchObject({ outcome: 'errored' })
  })

  test('a wrong password, a way in that is not known, and a wrong query are said in words', async () => {
    const wrong = await ask('select 1', 'value == 1', { who: 'reader:open' })
    expect(wrong).toMatchObject({
      outcome: 'errored',
      say: expect.stringContaining("Access denied for user 'reader'") as string,
    })
    const other = await ask('select 1', 'value == 1', { who: 'modern:x' })
    expect(other, other.say).toMatchObject({ outcome: 'errored' })
    expect((await ask('select nonsense from orders', 'value == 1')).say).toContain('nonsense')
  })

  test('a query without end and one with too many rows are errors of the query', async () => {
    const late = await ask('select sleep(60)', 'value == 0', { timeoutMs: 500 })
    expect([late.outcome, late.say]).toEqual([
      'errored',
      expect.stringContaining('max_statement_time exceeded') as string,
    ])
    expect(await ask('select sleep(60)', 'value == 0', { signal: AbortSignal.timeout(300) })).toMatchObject({
      say: 'shop: no answer in time',
    })
    const many = await ask(
      'with recursive n(i) as (select 1 union all select i + 1 from n where i < 1001) select i from n',
      'count > 0',
    )
    expect(many.say).toContain('more than 1000 rows')
  })
})

/** MySQL's own way in, which MariaDB has not: asked for the whole password, which goes over TLS only. */
test('caching_sha2_password: the digest is right, and the whole password is told to nobody in the clear', async () => {
  const salt = Buffer.from('0123456789abcdefghij')
  const packet = (sequence: number, ...parts: readonly Buffer[]): Buffer => {
    const body = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([body.length, 0, 0, sequence]), body])
  }
  const sha = (...parts: readonly (Buffer | string)[]): Buffer =>
    parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
  const once = sha('open')
  const proof = Buffer.from(once.map((byte, at) => byte ^ (sha(sha(once), salt)[at] ?? 0)))
  let told = Buffer.alloc(0)
  const server = createServer((socket) => {
    socket.on('error', () => {})
    const flags = Buffer.from([0x09, 0xa2, 45, 2, 0, 0x08, 0, 21])
    socket.write(
      packet(
        0,
        Buffer.from('\n8.4.0\0'),
        Buffer.alloc(4),
        salt.subarray(0, 8),
        Buffer.from([0]),
        flags,
        Buffer.alloc(10),
        salt.subarray(8),
        Buffer.from('\0caching_sha2_password\0'),
      ),
    )
    socket.on('data', (chunk: Buffer) => {
      const isFirst = told.length === 0
      told = Buffer.concat([told, chunk])
      if (isFirst) socket.write(packet(2, Buffer.from([1, 4])))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `mysql://reader:open@127.0.0.1:${(server.address() as AddressInfo).port}/shop`
  const source = () => ({ kind: 'mysql', config: { url } })
  const result = await runCheck(sql as never, { on: 'shop', query: 'select 1' }, { expectation: 'value == 1', source })
  server.close()
  expect(result).toMatchObject({
    outcome: 'errored',
    say: expect.stringContaining('add ?tls=true to the url') as string,
  })
  expect(told.includes(proof)).toBe(true)
  expect(told.includes('open')).toBe(false)
})

test('a statement is read as MySQL reads it in the mode that the session sets', () => {
  expect(parseStatement('select 5--3, {{ a }} # all', 'mysql')).toEqual({ text: 'select 5--3, {{1}}', names: ['a'] })
  expect(parseStatement("select 1 into dumpfile '/tmp/x'", 'mysql')).toMatchObject({
    problem: expect.stringContaining('into') as string,
  })
  expect(parseStatement('select /*!50000 1; */ 2', 'mysql')).toEqual({ text: 'select   2', names: [] })
})
