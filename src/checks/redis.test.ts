import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, findProgram, freePort, type Running, startProgram, until } from '../../test/support/programs.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { evidenceText, runCheck, testPowers } from './parts/powers.fixture.ts'
import { redis } from './redis.ts'

const server = findProgram('/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server')
const secret = (): string => 'open-sesame'
const check = (config: Readonly<Record<string, unknown>>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
  runCheck(redis as never, { host: '127.0.0.1', ...config }, { secret, ...powers })

describeWith({ 'redis-server': server }, 'a real Redis', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-redis-'))
  const started: Running[] = []
  const ports = { open: 0, locked: 0, replica: 0, lost: 0 }

  async function start(...args: readonly string[]): Promise<number> {
    const port = await freePort()
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', root]
    started.push(startProgram(server ?? '', [...own, ...args]))
    return port
  }

  beforeAll(async () => {
    ports.open = await start()
    ports.locked = await start('--requirepass', 'open-sesame')
    ports.replica = await start('--replicaof', `127.0.0.1 ${ports.open}`)
    ports.lost = await start('--replicaof', '127.0.0.1 1')
    await until('all answer', async () => {
      const open = await check({ port: ports.open, role: 'master' })
      const locked = await check({ port: ports.locked, password: '{{ secret.REDIS }}' })
      const replica = await check({ port: ports.replica, role: 'replica' })
      return [open, locked, replica].every(({ outcome }) => outcome === 'passed')
    })
  }, 90_000)
  afterAll(async () => {
    await Promise.all(started.map((one) => one.stop()))
    rmSync(root, { recursive: true, force: true })
  })

  test('answers a ping, and its numbers stand beside their limits', async () => {
    const result = await check(
      { port: ports.open },
      { expectation: 'info.connected_clients < 100 && role == "master"' },
    )
    expect(result).toMatchObject({
      outcome: 'passed',
      say: expect.stringMatching(/answers PING after \d+ms$/) as string,
    })
    expect(evidenceText(result)).toContain('redis_version:')
    const many = await check({ port: ports.open }, { expectation: 'info.connected_clients > 100' })
    expect(many).toMatchObject({ outcome: 'failed' })
    const unknown = await check({ port: ports.open }, { expectation: 'info.no_such_number > 100' })
    expect(unknown).toMatchObject({ outcome: 'inconclusive' })
  })

  test('a command that only reads gives a value', async () => {
    const powers = { expectation: 'value == 0', variables: { queue: 'jobs of today' } }
    const result = await check({ port: ports.open, ask: ['LLEN', '{{ queue }}'], database: 3 }, powers)
    expect(result).toMatchObject({ outcome: 'passed', facts: { value: 0 } })
    expect(result.say).toContain('LLEN jobs of today is 0')
    const policy = await check(
      { port: ports.open, ask: ['CONFIG', 'GET', 'maxmemory-policy'] },
      { expectation: 'value[1] == "noeviction"' },
    )
    expect(policy.outcome, policy.say).toBe('passed')
    const pong = await check({ port: ports.open, ask: ['ping'] }, { expectation: 'value == "PONG"' })
    expect(pong.outcome, pong.say).toBe('passed')
    const usage = await check({ port: ports.open, ask: ['MEMORY', 'USAGE', 'nothing'] })
    expect(usage).toMatchObject({ outcome: 'passed', facts: { value: null } })
    const missing = await check({ port: ports.open, ask: ['GET', 'nothing'] }, { expectation: 'value == "x"' })
    expect(missing).toMatchObject({ outcome: 'inconclusive' })
    const wrong = await check({ port: ports.open, ask: ['GET'] })
    expect(wrong).toMatchObject({
      outcome: 'errored',
      say: expect.stringContaining('wrong number of arguments') as string,
    })
  })

  test('a password is asked for, taken, and a wrong one is no verdict on the release', async () => {
    const without = await check({ port: ports.locked })
    expect(without).toMatchObject({ outcome: 'errored', say: expect.stringContaining('NOAUTH') as string })
    const right = await check({ port: ports.locked, user: 'default', password: '{{ secret.REDIS }}' })
    expect(right).toMatchObject({ outcome: 'passed' })
    const wrong = await check({ port: ports.locked, password: '{{ secret.REDIS }}' }, { secret: () => 'guess' })
    expect(wrong).toMatchObject({ outcome: 'errored', say: expect.stringContaining('WRONGPASS') as string })
  })

  test('who has no password is refused, or that is a failure', async () => {
    expect(await check({ port: ports.locked, refused: true })).toMatchObject({
      outcome: 'passed',
      say: expect.stringContaining('refuses who has no password: NOAUTH') as string,
    })
    expect(await check({ port: ports.open, refused: true })).toMatchObject({
      outcome: 'failed',
      say: expect.stringContaining('answers PING with "PONG" to who has no password, expected NOAUTH') as string,
    })
  })

  test('the role is the one it says, and a replica is in touch with its master', async () => {
    expect((await check({ port: ports.replica, role: 'master' })).say).toContain('is a replica, expected a master')
    const lost = await check({ port: ports.lost, role: 'replica' })
    expect(lost).toMatchObject({
      outcome: 'failed',
      say: expect.stringContaining('link to its master is down') as string,
    })
  })

  test('doctor asks no more than to be let in', async () => {
    const config = redis.config.parse({ host: '127.0.0.1', port: ports.locked, password: '{{ secret.REDIS }}' })
    expect(await redis.probe?.(config, testPowers({ secret }))).toMatchObject({ ok: true })
  })
})

/** Says one thing to whoever comes. */
async function saying(words: string, ask: (port: number) => Promise<CheckResult>): Promise<CheckResult> {
  const odd = createServer((socket) => {
    socket.on('error', () => {})
    socket.end(words)
  })
  await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
  try {
    return await ask((odd.address() as AddressInfo).port)
  } finally {
    odd.close()
  }
}

test('what is no answer of Redis never passes', async () => {
  for (const words of [
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    '$99999999999\r\n',
    '*-7\r\n',
    ':x\r\n',
    '$4\r\nPO',
    '+PANG\r\n',
    '',
  ]) {
    const result = await saying(words, async (port) => check({ port }))
    expect([words, result.outcome]).toEqual([words, 'failed'])
  }
  const loading = await saying('-LOADING Redis is loading the dataset in memory\r\n', async (port) => check({ port }))
  expect(loading).toMatchObject({ outcome: 'failed', say: expect.stringContaining('LOADING') as string })
  const http = await saying('HTTP/1.1 400 Bad Request\r\n\r\n', async (port) => check({ port, refused: true }))
  expect(http).toMatchObject({ outcome: 'failed' })
})

test('a command that writes and a password in the document are refused when it compiles', () => {
  const problems = (more: unknown): string =>
    JSON.stringify(redis.config.safeParse({ host: 'x', ...(more as object) }).error?.issues)
  for (const ask of [
    ['FLUSHALL'],
    ['CONFIG', 'GET', 'requirepass'],
    ['CONFIG', 'GET', '*'],
    ['CONFIG', 'SET', 'maxmemory'],
    ['memory', 'purge'],
    ['CLUSTER', '{{ word }}'],
  ])
    expect(problems({ ask })).toContain('expected a command that only reads')
  expect(problems({ password: 'hunter2' })).toContain('expected the name of a secret')
  expect(problems({ refused: true, role: 'master' })).toContain('who is refused can ask nothing')
})
