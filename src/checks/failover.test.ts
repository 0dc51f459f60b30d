/** Faults in real parts: a Redis that is stopped and killed, a proxy that is cut and slowed. Whatever happens, they are mended. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createHttp } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeWith, findProgram, freePort, until } from '../../test/support/programs.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { failover } from './failover.ts'
import { longestGap } from './failover-run/probing.ts'
import { script } from './failover-run/script.ts'
import { ended, evidenceText, runCheck, testPowers } from './parts/powers.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-failover-'))
const cut = join(folder, 'cut')
const slow = join(folder, 'slow')

/** The service: always there. The proxy before it: cut or slow while a file is there. */
const service = createHttp((_, response) => response.writeHead(200, { connection: 'close' }).end('ok'))
const sockets = new Set<Socket>()
const proxy: Server = createServer((socket) => {
  sockets.add(socket)
  socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  if (existsSync(cut)) return void socket.destroy()
  const behind = connect(portOf(service), '127.0.0.1').on('error', () => socket.destroy())
  setTimeout(() => socket.pipe(behind).pipe(socket), existsSync(slow) ? 1_500 : 0)
})
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

beforeAll(async () => {
  for (const server of [service, proxy])
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  proxy.close()
  service.closeAllConnections()
  service.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  for (const file of [cut, slow]) rmSync(file, { force: true })
})

const get = (server: Server, more = ''): Record<string, unknown> => ({
  kind: 'http',
  requests: `${more}GET http://127.0.0.1:${portOf(server)}/`,
})

function check(config: Record<string, unknown>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> {
  const usual = { production: ['db.internal'], 'broken-for': '3s', every: '100ms', 'recovers-within': '20s' }
  return runCheck(failover as never, { ...usual, ...config }, { timeoutMs: 60_000, ...powers })
}

const cutting = { break: `touch ${cut}`, mend: `rm -f ${cut}` }

describe('a connection that is cut', () => {
  test('is survived by what does without it, and what needs it recovers', async () => {
    const result = await check({ ...cutting, survives: [get(service)], recovers: [get(proxy)] })
    expect(result.outcome, result.say).toBe('passed')
    expect(result.say).toMatch(/^broken for [\d.]+(?:ms|s), survived without a gap, well again .* after it was mended$/)
    expect(evidenceText(result)).toContain('not passed')
    expect(existsSync(cut)).toBe(false)
  }, 60_000)

  test('fails who has to live through it, and nothing is proven where nothing went down', async () => {
    const down = await check({ ...cutting, survives: [get(proxy)] })
    expect(down).toMatchObject({ outcome: 'failed', say: expect.stringContaining('did not pass for') })
    expect(existsSync(cut)).toBe(false)
    const nothing = await check({ break: 'true', mend: 'true', 'broken-for': '300ms', recovers: [get(proxy)] })
    expect(nothing).toMatchObject({ outcome: 'inconclusive', say: expect.stringContaining('nothing shows') })
  }, 60_000)

  test('that an earlier run left is mended first, and all of it begins again', async () => {
    writeFileSync(cut, '')
    const again = await check({ ...cutting, recovers: [get(proxy)] })
    expect(again).toMatchObject({ outcome: 'errored', facts: { lost: true } })
    expect(existsSync(cut)).toBe(false)
    // The command of an engine that is gone, which could not mend what it broke.
    let isFirst = true
    const told = { run: 'other', broken: null, brokenAt: 1, mendingAt: 2, mendedAt: null, unmended: 'exit 1' }
    const { command } = testPowers()
    const found: CheckPowers['command'] = (request) => {
      if (!isFirst) return command(request)
      isFirst = false
      writeFileSync(cut, '')
      return Promise.resolve(ended({ stdout: new TextEncoder().encode(JSON.stringify(told)) }))
    }
    const resumed = await check({ ...cutting, recovers: [get(proxy)] }, { command: found })
    expect(resumed).toMatchObject({ outcome: 'errored', facts: { lost: true } })
    expect(existsSync(cut)).toBe(false)
  }, 60_000)

  test('is mended when the program is told to stop, and when breaking it went wrong half-way', async () => {
    const given = { run: 'one', ...cutting, process: null, brokenForMs: 60_000, isMending: false }
    const child = spawn(process.execPath, ['-e', script], {
      env: { PATH: process.env['PATH'], HOLDPOINT_FAULT: JSON.stringify(given) },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let said = ''
    child.stdout.on('data', (text: Buffer) => (said += text.toString()))
    const gone = new Promise((resolve) => child.once('close', resolve))
    await until('it is cut', () => existsSync(cut))
    child.kill('SIGTERM')
    await gone
    expect(JSON.parse(said)).toMatchObject({ broken: 'it was stopped', unmended: null })
    expect(existsSync(cut)).toBe(false)

    const half = await check({ break: `touch ${cut}; echo no >&2; exit 3`, mend: cutting.mend, recovers: [get(proxy)] })
    expect(half).toMatchObject({ outcome: 'errored', say: 'exit 3: no' })
    expect(existsSync(cut)).toBe(false)
  }, 60_000)

  test('that cannot be mended is said aloud', async () => {
    // Before anything is broken it mends; afterwards it does not.
    const mend = `[ ! -e ${cut} ]`
    const result = await check({ break: `touch ${cut}`, mend, 'broken-for': '10ms', recovers: [get(proxy)] })
    expect(result).toMatchObject({ outcome: 'errored', say: expect.stringContaining('IT IS STILL BROKEN') })
  }, 60_000)
})

test('a slow connection is seen by what measures, and is fast again', async () => {
  const fast = { ...get(proxy, '# @expect time < 1s\n'), timeout: '5s' }
  const result = await check({ break: `touch ${slow}`, mend: `rm -f ${slow}`, recovers: [fast] })
  expect(result.outcome, result.say).toBe('passed')
}, 60_000)

describe('production', () => {
  const ran: string[] = []
  const command: CheckPowers['command'] = ({ script: text }) => {
    ran.push(text)
    throw new Error('nothing may be started')
  }

  test.each([
    ['a protected environment', {}, { isProtected: true, variables: { environment: 'live-eu' } }],
    ['an environment of that name', {}, { variables: { environment: 'Production' } }],
    ['a host that is named', { production: ['127.0.0.1'] }, {}],
    ['a host that a variable names', { production: ['{{ db }}'] }, { variables: { db: '127.0.0.1' } }],
    ['a command that speaks of it', { break: 'ssh db.internal reboot' }, {}],
  ])('is never broken: %s', async (_, config, powers) => {
    const result = await check({ ...cutting, recovers: [get(proxy)], ...config }, { ...powers, command })
    expect(result).toMatchObject({ outcome: 'errored', say: expect.stringContaining('nothing was broken') })
    expect(ran).toEqual([])
  })
})

const redisServer = findProgram('/usr/bin/redis-server', '/usr/local/bin/redis-server')
describeWith(
  { 'redis-server': redisServer, 'redis-cli': findProgram('/usr/bin/redis-cli', '/usr/local/bin/redis-cli') },
  'a real Redis',
  () => {
    const pidFile = join(folder, 'redis.pid')
    let port = 0
    let start = ''

    beforeAll(async () => {
      port = await freePort()
      start = `${redisServer} --port ${port} --bind 127.0.0.1 --daemonize yes --pidfile ${pidFile} --dir ${folder} --appendonly yes`
      execFileSync('bash', ['-c', start], { stdio: 'ignore' })
      await until('Redis has written its process id', () => existsSync(pidFile))
    })
    afterAll(() => {
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    })
    const ask = (words: readonly string[]): Record<string, unknown> => ({
      kind: 'redis',
      host: '127.0.0.1',
      port,
      ask: words,
    })

    test('hangs, is gone, and comes back with its data', async () => {
      const redis = { kind: 'redis', host: '127.0.0.1', port, timeout: '1s' }
      const given = { survives: [get(service)], recovers: [redis], unchanged: [ask(['DBSIZE'])] }
      const named = { 'pid-file': pidFile, name: 'redis-server' }
      const stopped = await check({ ...given, process: { ...named, signal: 'STOP' } })
      expect(stopped.outcome, stopped.say).toBe('passed')
      const mend = `redis-cli -p ${port} ping >/dev/null 2>&1 || { rm -f ${pidFile}; ${start}; until [ -s ${pidFile} ]; do sleep 0.1; done; }`
      const killed = await check({ ...given, process: { ...named, signal: 'KILL' }, mend })
      expect(killed.outcome, killed.say).toBe('passed')
      const other = await check({ ...given, process: { ...named, name: 'postgres', signal: 'KILL' }, mend })
      expect(other).toMatchObject({
        outcome: 'errored',
        say: expect.stringContaining('is redis-server, expected postgres'),
      })
    }, 90_000)
  },
)

test('a gap is as long as from the first that failed to the next that passed', () => {
  const probe = (from: number, isPassed: boolean) => ({ title: 'x', from, to: from + 10, isPassed, say: '' })
  const probes = [
    probe(0, false),
    probe(100, true),
    probe(200, false),
    probe(300, false),
    probe(400, true),
    probe(900, false),
  ]
  expect(longestGap(probes, 50, 600)).toBe(210)
  expect(longestGap(probes, 50, 1_500)).toBe(600)
  expect(longestGap([], 0, 10)).toBe(0)
})

const tcp = [{ kind: 'tcp', host: 'a', port: 1 }]
test.each([
  [{ break: 'x', recovers: tcp }, 'expected mend beside break'],
  [{ mend: 'x', recovers: tcp }, 'expected break or process'],
  [{ break: 'x', mend: 'y' }, 'expected survives or recovers'],
  [
    { break: 'x', mend: 'y', survives: [{ kind: 'tcp', host: 'a', port: 1, background: true }] },
    'expected steps without',
  ],
])('%j is refused in words', (config, words) => {
  expect(JSON.stringify(failover.config.safeParse({ production: ['p'], ...config }).error?.issues)).toContain(words)
})
