import { execFileSync, spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Client } from '../api/client-types.ts'
import { findClient, openClient } from '../api/open-client.ts'
import { examplePlan, startBody } from '../api/test-support/world.ts'
import { readConfig, type Config } from '../config/config.ts'
import { programBuild, programVersion } from '../config/version.ts'
import { compile } from '../core/plan/compile.ts'
import { kinds } from './app.ts'

let home: string
let config: Config
const clients: Client[] = []

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdpoint-engine-'))
  process.env['HOLDPOINT_ENGINE_IDLE'] = '60s'
  config = readConfig({ HOLDPOINT_HOME: home })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  const left = await findClient(config)
  if (left !== null) {
    const { pid } = await left.health()
    await left.stop()
    left.close()
    await gone(pid)
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 10 })
})

async function open(): Promise<Client> {
  const client = await openClient(config)
  clients.push(client)
  return client
}

async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20)
  // Its connections broke with it; this process hears of that in its next turn.
  await sleep(20)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A first thread that is dead already waits for the others, which still hold the sockets.
    if (readdirSync(`/proc/${pid}/task`).length > 1) return true
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z'
  } catch {
    return false
  }
}

function checklist(): Parameters<Client['start']>[0] {
  const text = [
    '---',
    'holdpoint: 1',
    'name: Test',
    'service: shop',
    '---',
    '## Gate',
    '',
    '- [ ] Somebody says yes',
    '',
  ].join('\n')
  const { plan } = compile({ file: 'release.md', bytes: Buffer.from(text), shared: null }, kinds())
  if (plan === null) throw new Error('the checklist of this test does not compile')
  return startBody({ ...examplePlan(), document: text, digest: plan.digest })
}

async function start(client: Client): Promise<string> {
  const answer = await client.start(checklist())
  if (answer.kind === 'refused') throw new Error(answer.reason)
  return answer.release
}

test('several clients that find no engine make exactly one', async () => {
  const script = `
    const { openClient } = await import(${JSON.stringify(join(import.meta.dirname, '..', 'api', 'open-client.ts'))})
    const { readConfig } = await import(${JSON.stringify(join(import.meta.dirname, '..', 'config', 'config.ts'))})
    const client = await openClient(readConfig())
    process.stdout.write(String((await client.health()).pid))
    client.close()`
  const env = { ...process.env, HOLDPOINT_HOME: home }
  const pids = await Promise.all(
    Array.from(
      { length: 4 },
      () =>
        new Promise<string>((resolve, reject) => {
          const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
            env,
            stdio: ['ignore', 'pipe', 'inherit'],
          })
          let out = ''
          child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
            out += chunk
          })
          child.on('error', reject)
          child.on('close', () => resolve(out))
        }),
    ),
  )
  expect(pids[0]).toMatch(/^\d+$/)
  expect(new Set(pids).size).toBe(1)
})

/** Answers as an engine of another build does, and ends when it is asked to. */
async function olderEngine(open: number): Promise<{ readonly server: Server; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const health = { version: '0.0.9', build: '0.0.9', pid: 4242, home, startedAt: 0, open }
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ ...health, ok: true }))
    if (request.url === '/v1/stop') server.close()
  })
  await new Promise<void>((resolve) => server.listen(config.socket, resolve))
  return { server, asked }
}

test('an idle engine of another build is replaced by one of this build', async () => {
  const { asked } = await olderEngine(0)
  const told: string[] = []
  const client = await openClient(config, { tell: (line) => told.push(line) })
  clients.push(client)
  expect(asked).toContain('/v1/stop')
  expect(await client.health()).toMatchObject({ version: programVersion(), build: programBuild() })
  expect(told).toEqual([])
})

test('an engine of another build with an open release stays, and how to end it is told in one line', async () => {
  const { server, asked } = await olderEngine(1)
  const told: string[] = []
  const client = await openClient(config, { tell: (line) => told.push(line) })
  expect((await client.health()).pid).toBe(4242)
  client.close()
  expect(asked).not.toContain('/v1/stop')
  expect(told).toEqual([expect.stringMatching(/pid 4242, version 0\.0\.9.*another build.*a release open.*`kill 4242`/)])
  expect(told[0]).not.toContain('\n')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('an engine of this build is left alone', async () => {
  const { pid } = await (await open()).health()
  expect((await (await open()).health()).pid).toBe(pid)
})

test('an engine with nothing to do and nobody connected ends by itself and leaves no socket', async () => {
  process.env['HOLDPOINT_ENGINE_IDLE'] = '200ms'
  const client = await open()
  const { pid } = await client.health()
  await sleep(700)
  expect(isAlive(pid)).toBe(true)
  client.close()
  await gone(pid)
  expect(existsSync(config.socket)).toBe(false)
  expect(readFileSync(config.engineLog, 'utf8')).toContain('no release is open')
})

test('an engine with an open release stays though nobody is connected', async () => {
  process.env['HOLDPOINT_ENGINE_IDLE'] = '100ms'
  const client = await open()
  const { pid } = await client.health()
  await start(client)
  client.close()
  await sleep(1_000)
  expect(isAlive(pid)).toBe(true)
})

test('after a kill the next engine finds every open release, and a watching client goes on without a gap', async () => {
  const client = await open()
  const { pid } = await client.health()
  const release = await start(client)
  const stop = new AbortController()
  const versions: number[] = []
  let isDisconnected = false
  const watching = (async () => {
    for await (const item of client.watch(release, { signal: stop.signal })) {
      if (item.kind === 'disconnected') isDisconnected = true
      if (item.kind === 'event') versions.push(item.event.version)
      if (item.kind === 'event' && item.event.event.kind === 'NoteAdded') break
    }
  })()
  process.kill(pid, 'SIGKILL')
  await gone(pid)
  await client.command(release, { kind: 'Note', step: null, note: 'after the kill' })
  await watching
  stop.abort()
  expect(isDisconnected).toBe(true)
  expect(versions).toEqual(versions.map((_, index) => index + 1))
  const health = await client.health()
  expect(health.pid).not.toBe(pid)
  expect(health.open).toBe(1)
  expect(await client.list({ open: true })).toMatchObject([{ id: release }])
})

test('SIGTERM is an orderly end with exit code 0 in the log, and the store is free at once', async () => {
  const client = await open()
  const { pid } = await client.health()
  await start(client)
  client.close()
  process.kill(pid, 'SIGTERM')
  await gone(pid)
  expect(readFileSync(config.engineLog, 'utf8')).toMatch(/ending: SIGTERM[\s\S]*ended/)
  const again = await open()
  expect((await again.health()).open).toBe(1)
})

test('an engine whose socket was removed ends though a release is open, and the next client gets one that answers', async () => {
  const client = await open()
  const { pid } = await client.health()
  await start(client)
  client.close()
  rmSync(config.socket)
  const again = await open()
  expect((await again.health()).pid).not.toBe(pid)
  expect((await again.health()).open).toBe(1)
  await gone(pid)
  expect(readFileSync(config.engineLog, 'utf8')).toContain('nobody can reach this engine')
})

test('an engine that cannot start is told with the end of its log', async () => {
  execFileSync('mkdir', ['-p', join(home, 'holdpoint.sqlite')])
  await expect(openClient(config)).rejects.toMatchObject({
    name: 'ApiFault',
    code: 'engine-did-not-start',
    message: expect.stringContaining('cannot start'),
  })
})
