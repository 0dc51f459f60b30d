/** A server as whoever runs it sees it: its log, its numbers, whether it is ready, and its end. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kinds } from './app.ts'
import { compile } from '../core/plan/compile.ts'

const program = join(import.meta.dirname, '..', '..', 'bin', 'holdpoint.js')
const PATIENCE_MS = 60_000

let home: string
let server: ChildProcess
let errors: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdpoint-life-'))
  errors = ''
})

afterEach(async () => {
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  rmSync(home, { recursive: true, force: true })
})

function start(options: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): void {
  server = spawn(process.execPath, [program, 'serve', '--port', '0', '--json', ...options], {
    env: { ...process.env, HOLDPOINT_HOME: home, XDG_CONFIG_HOME: home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  server.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
}

async function ready(): Promise<{ address: string; setup: string }> {
  let text = ''
  for await (const chunk of server.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString()
    if (text.includes('\n')) return JSON.parse(text) as { address: string; setup: string }
  }
  throw new Error(`the server ended: ${errors}`)
}

async function until<T>(look: () => T | undefined): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`nothing of it in: ${errors}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const logged = () =>
  errors
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('it logs JSON lines without secrets, serves its numbers on a listener of its own, and ends in order', async () => {
  start(['--metrics-port', '0'], { HOLDPOINT_LOG: 'json' })
  const { address, setup } = await ready()
  const numbers = await until(() => /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(errors)?.[0])

  expect((await fetch(`${address}/readyz`)).status).toBe(200)
  const refused = await fetch(`${address}/metrics`, { headers: { authorization: 'Bearer hpt_secret-of-somebody' } })
  expect(refused.status).toBe(401)
  expect(refused.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  const text = await (await fetch(numbers)).text()
  expect(text).toContain('holdpoint_releases_open 0')
  expect(text).toContain('holdpoint_http_request_seconds_count{method="GET",route="/metrics",status="401"} 1')
  const rebound = await fetch(numbers.replace('127.0.0.1', '127.0.0.2')).catch(() => null)
  expect(rebound).toBeNull()

  const line = await until(() => logged().find(({ message }) => message === 'request'))
  expect(line).toMatchObject({ level: 'info', method: 'GET', route: '/metrics', status: 401, caller: 'nobody' })
  expect(line['id']).toBe(refused.headers.get('x-request-id'))
  expect(errors).not.toContain('secret-of-somebody')
  expect(errors).not.toContain(setup.split('#')[1])
  expect(errors.split('\n').filter((each) => each !== '' && !each.startsWith('{'))).toEqual([])

  server.kill('SIGTERM')
  const [code] = (await once(server, 'exit')) as [number | null]
  expect(code).toBe(0)
  expect(logged().at(-1)).toMatchObject({ message: 'ended' })
}, 90_000)

test('settings that make no sense are told and nothing starts', async () => {
  start([], { HOLDPOINT_GITHUB_APP: 'Iv1' })
  const [code] = (await once(server, 'exit')) as [number | null]
  expect(code).toBe(2)
  expect(errors).toContain('HOLDPOINT_GITHUB_KEY_FILE')
}, 90_000)

test('a store that was sealed with a key starts with that key only', async () => {
  const [one, other] = [randomBytes(32).toString('base64'), randomBytes(32).toString('hex')]
  const refusal = async (environment: Readonly<Record<string, string>>) => {
    errors = ''
    start([], environment)
    const [code] = (await once(server, 'exit')) as [number | null]
    expect(code).toBe(2)
    return errors
  }
  start([], { HOLDPOINT_SECRET_KEY: one })
  await ready()
  server.kill('SIGTERM')
  await once(server, 'exit')
  expect(await refusal({ HOLDPOINT_SECRET_KEY: other })).toContain('is not the key that this store was sealed with')
  expect(await refusal({})).toContain('HOLDPOINT_SECRET_KEY_FILE')
  expect(await refusal({ HOLDPOINT_SECRET_KEY: 'short' })).toContain('openssl rand -base64 32')
}, 90_000)

test('an end asked for while somebody watches ends the stream with a hint when to come back, in time', async () => {
  start()
  const { address, setup } = await ready()
  const key = setup.split('#')[1] ?? ''
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${address}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
  const password = 'four words that differ'
  const person = { organisation: 'acme', project: 'shop', person: 'ana', name: 'Ana', email: null, password }
  const { session } = (await (await post('/v1/setup', { key, ...person, as: 'token' })).json()) as { session: string }
  const bearer = { authorization: `Bearer ${session}` }
  const text = '---\nholdpoint: 1\nservice: shop\n---\n# Release\n\n- [ ] ready\n'
  const { digest } = compile({ file: 'release.md', bytes: Buffer.from(text), shared: null }, kinds()).plan ?? {
    digest: '',
  }
  const document = { file: 'release.md', base64: Buffer.from(text).toString('base64'), shared: null, digest }
  const started = await post(
    '/v1/releases',
    {
      document,
      version: '1.4.0',
      previous: null,
      environment: 'staging',
      inputs: {},
      workspace: { root: '/', commit: null, dirty: false },
      artefact: null,
      supersede: false,
      rehearsal: false,
      idempotencyKey: null,
      project: 'shop',
    },
    bearer,
  )
  const { release, detail } = (await started.json()) as { release?: string; detail?: string }
  expect(detail).toBeUndefined()
  const stream = await fetch(`${address}/v1/releases/${release}/stream`, { headers: bearer })
  const reader = stream.body!.getReader()
  await reader.read()
  server.kill('SIGTERM')
  const exit = once(server, 'exit')
  let seen = ''
  for (let part = await reader.read(); !part.done; part = await reader.read())
    seen += Buffer.from(part.value).toString()
  expect(seen).toMatch(/retry: \d{4}\n\n$/)
  expect((await exit)[0]).toBe(0)
}, 90_000)
