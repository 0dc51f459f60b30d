/**
 * Faults in real parts, through the real engine: the primary of a PostgreSQL is lost, a Redis is killed, a connection is cut and
 * slowed; and the engine is killed while something is broken. Whatever happens, it is mended.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client as Postgres } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client, ReleaseView } from '../../src/api/client-types.ts'
import { findClient, openClient } from '../../src/api/open-client.ts'
import { kinds } from '../../src/app/app.ts'
import { type Config, readConfig } from '../../src/config/config.ts'
import { compile } from '../../src/core/plan/compile.ts'
import { postgresPrograms } from '../support/postgres.ts'
import { type PostgresPair, startPostgresPair } from '../support/postgres-pair.ts'
import { launchersOf, signalAll, treeOf } from '../support/process-trees.ts'
import { describeWith, findProgram, freePort, programs, until } from '../support/programs.ts'
import { startSupervisor, type Supervisor } from '../support/supervisor.ts'
import { startToxiproxy, type Toxiproxy } from '../support/toxiproxy.ts'

const needed = {
  haproxy: programs.haproxy,
  'redis-server': findProgram('/usr/bin/redis-server', '/usr/local/bin/redis-server'),
  curl: findProgram('/usr/bin/curl', '/usr/local/bin/curl'),
  postgres: postgresPrograms(),
}

describeWith(needed, 'a shop with a database in two places and a cache', () => {
  const home = mkdtempSync(join(tmpdir(), 'holdpoint-faults-'))
  const pidFile = join(home, 'redis.pid')
  let config: Config
  let pair: PostgresPair
  let toxiproxy: Toxiproxy
  let supervisor: Supervisor
  let redisPort = 0
  let databasePort = 0
  const shop = createServer((request, response) => {
    const tell = (status: number, body: object): void =>
      void response.writeHead(status, { connection: 'close' }).end(JSON.stringify(body))
    const answer = request.url === '/menu' ? menu() : orders()
    answer.then(
      (body) => tell(200, body),
      (fault: Error) => tell(503, { why: fault.message }),
    )
  })

  /** From the cache, and without one all the same. */
  async function menu(): Promise<object> {
    const cached = (await redis('GET menu').catch(() => '')).startsWith('$4')
    if (!cached) await redis('SET menu soup').catch(() => '')
    return { dish: 'soup', cached }
  }

  function redis(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(redisPort, '127.0.0.1', () => socket.write(`${line}\r\n`))
      socket.setTimeout(300, () => socket.destroy(new Error('no answer')))
      socket.on('error', reject)
      socket.on('data', (bytes) => {
        resolve(bytes.toString())
        socket.destroy()
      })
    })
  }

  async function orders(): Promise<object> {
    const client = new Postgres({ host: '127.0.0.1', port: databasePort, user: 'holdpoint', database: 'postgres' })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return (await client.query<{ count: number }>('select count(*)::int from orders')).rows[0] ?? {}
    } finally {
      void client.end().catch(() => undefined)
    }
  }

  beforeAll(async () => {
    config = readConfig({ HOLDPOINT_HOME: join(home, 'store'), HOLDPOINT_ENGINE_IDLE: '60s' })
    ;[pair, toxiproxy, supervisor, redisPort] = await Promise.all([
      startPostgresPair(needed.postgres ?? '', needed.haproxy ?? ''),
      startToxiproxy(),
      startSupervisor(),
      freePort(),
    ])
    databasePort = await toxiproxy.add('db', pair.port)
    await pair.query('create table orders as select n from generate_series(1, 500) n')
    execFileSync('bash', ['-c', startRedis()], { stdio: 'ignore' })
    await until('Redis has written its process id', () => existsSync(pidFile))
    await new Promise<void>((resolve) => void shop.listen(0, '127.0.0.1', resolve))
  }, 120_000)

  afterAll(async () => {
    const left = await findClient(config)
    await left?.stop()
    left?.close()
    shop.closeAllConnections()
    shop.close()
    supervisor?.end()
    await toxiproxy?.end()
    await pair?.end()
    if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }, 60_000)

  function startRedis(): string {
    return `${needed['redis-server']} --port ${redisPort} --bind 127.0.0.1 --daemonize yes --pidfile ${pidFile} --dir ${home} --save ''`
  }

  const redisIsUp = (): string =>
    `redis-cli -p ${redisPort} ping >/dev/null 2>&1 || { rm -f ${pidFile}; ${startRedis()}; until [ -s ${pidFile} ]; do sleep 0.1; done; }`

  const get = (path: string): string => `GET http://127.0.0.1:${(shop.address() as AddressInfo).port}${path}`
  const common = ['production: [db.internal]', 'every: 200ms', 'recovers-within: 30s']

  /** A document with these drills, one after another. */
  function document(drills: readonly { readonly title: string; readonly settings: readonly string[] }[]): string {
    const steps = drills.flatMap(({ title, settings }, index) => [
      `${index + 1}. [ ] ${title}`,
      '   ```yaml check timeout=5m',
      ...['kind: failover', ...common, ...settings].map((line) => `   ${line}`),
      '   ```',
    ])
    const source = `sources: { db: { kind: postgres, url: "postgres://holdpoint@127.0.0.1:${pair.port}/postgres" } }`
    return ['---', 'holdpoint: 1', 'name: Faults', 'service: shop', source, '---', '## Faults', '', ...steps, ''].join(
      '\n',
    )
  }

  const primaryLost = (how: { readonly brokenFor: string; readonly gap: string }) => ({
    title: 'The primary is lost, and its replica takes over',
    settings: [
      `break: ${supervisor.order(`bash ${pair.stopPrimary}`)}`,
      `mend: ${supervisor.order(`bash ${pair.mend}`)}`,
      `broken-for: ${how.brokenFor}`,
      `gap: ${how.gap}`,
      `survives: [{ kind: http, requests: ${get('/orders')} }]`,
      `recovers: [{ kind: command, title: both run, script: bash ${pair.isWhole} }]`,
      'unchanged: [{ kind: sql, on: db, query: select count(*) from orders, expect: value > 0 }]',
    ],
  })

  const cut = (brokenFor: string) => ({
    title: 'The database cannot be reached',
    settings: [
      `break: "curl -fsS ${toxiproxy.api}/proxies/db -d '{\\"enabled\\": false}'"`,
      `mend: curl -fsS -X POST ${toxiproxy.api}/reset`,
      `broken-for: ${brokenFor}`,
      `survives: [{ kind: http, requests: ${get('/menu')} }]`,
      `recovers: [{ kind: http, requests: ${get('/orders')} }]`,
    ],
  })

  async function start(text: string): Promise<{ readonly client: Client; readonly release: string }> {
    const bytes = Buffer.from(text)
    const { plan, problems } = compile({ file: 'faults.md', bytes, shared: null }, kinds())
    if (plan === null) throw new Error(`it does not compile: ${JSON.stringify(problems)}`)
    const client = await openClient(config)
    const started = await client.start({
      document: { file: 'faults.md', base64: bytes.toString('base64'), shared: null, digest: plan.digest },
      version: '2.0.0',
      previous: null,
      environment: 'staging',
      inputs: {},
      workspace: { root: home, commit: null, dirty: false },
      artefact: null,
      supersede: false,
      rehearsal: false,
      idempotencyKey: null,
    })
    if (started.kind === 'refused') throw new Error(started.reason)
    return { client, release: started.release }
  }

  const stepsOf = ({ phases }: ReleaseView) => phases.flatMap(({ steps }) => steps)

  const bad = new Set(['failed', 'inconclusive', 'errored'])

  /** As soon as each step has ended, well or not. */
  async function ended(client: Client, release: string): Promise<ReleaseView> {
    let view: ReleaseView | null = null
    const isOver = async (): Promise<boolean> => {
      view = await client.show(release)
      return view !== null && (view.phase === 'closed' || stepsOf(view).some(({ state }) => bad.has(state)))
    }
    await until('all of it has ended', isOver, 240_000)
    return view as unknown as ReleaseView
  }

  test('lives through all four faults: stopped, killed, cut and slow; and no row is lost', async () => {
    const text = document([
      primaryLost({ brokenFor: '15s', gap: '14s' }),
      {
        title: 'The cache is killed: everything works without it, and it fills again',
        settings: [
          `process: { pid-file: ${pidFile}, name: redis-server, signal: KILL }`,
          `mend: ${supervisor.order(redisIsUp())}`,
          'broken-for: 3s',
          `survives: [{ kind: http, requests: ${get('/menu')} }]`,
          'recovers:',
          '  - kind: http',
          '    requests: |',
          '      # @expect body.cached == true',
          `      ${get('/menu')}`,
        ],
      },
      cut('3s'),
      {
        title: 'The database is slow',
        settings: [
          `break: "curl -fsS ${toxiproxy.api}/proxies/db/toxics -d '{\\"type\\": \\"latency\\", \\"attributes\\": {\\"latency\\": 3000}}'"`,
          `mend: curl -fsS -X POST ${toxiproxy.api}/reset`,
          'broken-for: 5s',
          'recovers:',
          '  - kind: http',
          '    timeout: 30s',
          '    requests: |',
          '      # @expect time < 2s',
          `      ${get('/orders')}`,
        ],
      },
    ])
    // The first look at the menu fills the cache.
    await menu()
    const { client, release } = await start(text)
    try {
      const view = await ended(client, release)
      expect(stepsOf(view).map(({ state, say }) => `${state}: ${say}`)).toEqual([
        expect.stringMatching(/^passed: broken for .* survived with a gap of /),
        expect.stringMatching(/^passed: .* survived without a gap/),
        expect.stringMatching(/^passed: .* survived without a gap/),
        expect.stringMatching(/^passed: /),
      ])
    } finally {
      client.close()
    }
    expect(pair.primary()).toBe('b')
    expect(await pair.query('select count(*)::int from orders')).toEqual([[500]])
  }, 300_000)

  test('fails where nobody takes over, and the primary is started again all the same', async () => {
    pair.watch(false)
    const { client, release } = await start(document([primaryLost({ brokenFor: '4s', gap: '1s' })]))
    try {
      const view = await ended(client, release)
      expect(stepsOf(view).map(({ state, say }) => `${state}: ${say}`)).toEqual([
        expect.stringMatching(/^failed: step 1 \(http\) did not pass for .* while it was broken, at most 1s/),
      ])
      // The next release of the shop would stand in line behind it.
      await client.command(release, { kind: 'Abort', why: 'it does not survive', leave: false, typed: null })
      await until('it has ended', async () => (await client.show(release))?.phase === 'rolled-back')
    } finally {
      client.close()
      pair.watch(true)
    }
    expect(await pair.query('select count(*)::int from orders')).toEqual([[500]])
  }, 300_000)

  /** Of the engine; and with the launcher all that it has started, as when the machine goes down. */
  async function kill(how: 'the engine' | 'everything'): Promise<void> {
    const engine = await findClient(config)
    const { pid } = (await engine?.health()) ?? { pid: 0 }
    engine?.close()
    expect(pid).toBeGreaterThan(1)
    const launchers = how === 'everything' ? launchersOf(config.launcherHome).flatMap((one) => treeOf(one)) : []
    signalAll([...launchers, pid], 'SIGKILL')
    await until('the engine is gone', async () => (await findClient(config)) === null)
  }

  test.each(['the engine', 'everything'] as const)(
    'what is broken while %s is killed is mended, by the launcher or by the next engine, and the drill begins again',
    async (victim) => {
      const { cuts } = toxiproxy.state('db')
      const first = await start(document([cut('6s')]))
      await until('it is cut', () => !toxiproxy.state('db').enabled)
      await kill(victim)
      first.client.close()
      // Nobody is left who could mend it, until the next engine; the launcher does it by itself.
      if (victim === 'the engine') await until('the launcher has mended it', () => toxiproxy.state('db').enabled)
      else expect(toxiproxy.state('db').enabled).toBe(false)
      const client = await openClient(config)
      try {
        const view = await ended(client, first.release)
        expect(stepsOf(view).map(({ state, say }) => `${state}: ${say}`)).toEqual([
          expect.stringMatching(/^passed: broken for .* survived without a gap/),
        ])
      } finally {
        client.close()
      }
      expect(toxiproxy.state('db')).toEqual({ enabled: true, toxics: [], cuts: cuts + 2 })
    },
    300_000,
  )
})
