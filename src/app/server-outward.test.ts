/** A server as others meet it: GitHub asks it for a gate, a webhook hears of a release, a runner outside reports a result. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakeGithub, fakeGithub } from '../../test/support/github.ts'
import { kinds } from './app.ts'
import { compile } from '../core/plan/compile.ts'
import { signatureOf } from '../notify/webhook.ts'

const program = join(import.meta.dirname, '..', '..', 'bin', 'holdpoint.js')
const PATIENCE_MS = 60_000
const commit = 'c'.repeat(40)
const checklist = `---
holdpoint: 1
service: shop
---
# Release

- [ ] Load tests hold
  \`\`\`yaml check id=load
  kind: external
  from: load tests in CI
  expect: result.p99_ms < 400
  \`\`\`
- [ ] Go live {#go-live}
`

interface Got {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

let home: string
let server: ChildProcess
let github: FakeGithub
let receiver: Server
let got: Got[]
let address: string
let bearer: string

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'holdpoint-outward-'))
  github = await fakeGithub()
  got = []
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
  receiver.closeAllConnections()
  receiver.close()
  await github.close()
  rmSync(home, { recursive: true, force: true })
})

const receiverPort = () => (receiver.address() as AddressInfo).port

async function start(): Promise<void> {
  const file = (name: string, text: string) => {
    const path = join(home, name)
    writeFileSync(path, `${text}\n`, { mode: 0o600 })
    return path
  }
  server = spawn(process.execPath, [program, 'serve', '--port', '0', '--json'], {
    env: {
      ...process.env,
      HOLDPOINT_HOME: join(home, 'store'),
      XDG_CONFIG_HOME: home,
      HOLDPOINT_SECRET_KEY_FILE: file('secret.key', randomBytes(32).toString('base64')),
      HOLDPOINT_WEBHOOK_HOSTS: `127.0.0.1:${receiverPort()}`,
      HOLDPOINT_GITHUB_APP: github.app,
      HOLDPOINT_GITHUB_API: github.api,
      HOLDPOINT_GITHUB_KEY_FILE: file('github.pem', github.key),
      HOLDPOINT_GITHUB_WEBHOOK_SECRET_FILE: file('github.secret', github.webhookSecret),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  for await (const chunk of server.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString()
    if (text.includes('\n')) break
  }
  const ready = JSON.parse(text) as { address: string; setup: string }
  address = ready.address
  const key = ready.setup.split('#')[1] ?? ''
  const password = 'four words that differ'
  const person = { organisation: 'acme', project: 'shop', person: 'ana', name: 'Ana', email: null, password }
  const { session } = await post<{ session: string }>('/v1/setup', { key, ...person, as: 'token' })
  bearer = `Bearer ${session}`
}

async function post<T>(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> {
  const answer = await fetch(`${address}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
  const told = (await answer.json()) as T
  if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(told)}`)
  return told
}

const mine = <T>(path: string, body: unknown) => post<T>(path, body, { authorization: bearer })

async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('GitHub, a webhook and a runner outside take part in one release', async () => {
  await start()
  const { plan, problems } = compile({ file: 'release.md', bytes: Buffer.from(checklist), shared: null }, kinds())
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const document = {
    file: 'release.md',
    base64: Buffer.from(checklist).toString('base64'),
    shared: null,
    digest: plan?.digest,
  }
  await mine('/v1/machines', {
    machine: 'runner',
    about: 'load tests',
    place: { organisation: 'acme', project: 'shop', environment: null },
  })
  await mine('/v1/grants', {
    holder: 'runner',
    role: 'pipeline',
    place: { organisation: 'acme', project: 'shop', environment: null },
  })
  const hook = await mine<{ secret: string }>('/v1/projects/shop/webhooks', {
    url: `http://127.0.0.1:${receiverPort()}/releases`,
    topics: ['release.started', 'release.closed'],
  })
  const key = await mine<{ id: string; secret: string }>('/v1/projects/shop/result-keys', { machine: 'runner' })
  const { release } = await mine<{ release: string }>('/v1/releases', {
    document,
    version: '1.4.0',
    previous: null,
    environment: 'staging',
    inputs: {},
    workspace: { root: '/', commit, dirty: false },
    artefact: null,
    supersede: false,
    rehearsal: false,
    idempotencyKey: null,
    project: 'shop',
  })
  await mine('/v1/projects/shop/github-gates', {
    repository: 'acme/shop',
    githubEnvironment: 'production',
    service: 'shop',
    environment: 'staging',
    step: 'load',
  })
  const { body, headers } = github.request(7, { sha: commit })
  await post('/v1/gates/github', body, headers)

  await until(async () => {
    const answer = await fetch(`${address}/v1/releases/${release}/awaited-results`, {
      headers: { authorization: bearer },
    })
    return ((await answer.json()) as unknown[])[0]
  })
  expect(github.reviewed).toEqual([])
  const result = JSON.stringify({ release, step: 'load', outcome: 'passed', say: 'p99 210 ms', facts: { p99_ms: 210 } })
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const secret = Buffer.from(key.secret.slice('whsec_'.length), 'base64')
  const mac = createHmac('sha256', secret).update(`message-1.${timestamp}.${result}`).digest('base64')
  await post('/v1/results', result, {
    'x-holdpoint-key': key.id,
    'webhook-id': 'message-1',
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${mac}`,
  })

  const [reviewed] = await until(() => (github.reviewed.length > 0 ? github.reviewed : undefined))
  expect(reviewed).toMatchObject({ run: 7, environment: 'production', state: 'approved' })
  expect(github.refused).toEqual([])
  const first = await until(() => got[0])
  expect(JSON.parse(first.body)).toMatchObject({ type: 'release.started', data: { release: { id: release } } })
  expect(first.headers['webhook-signature']).toBe(
    signatureOf(
      hook.secret,
      String(first.headers['webhook-id']),
      String(first.headers['webhook-timestamp']),
      first.body,
    ),
  )
}, 120_000)
