/** A scenario whose engine is killed: the next run takes away what the first made, with the values that the first captured. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../src/api/client.ts'
import type { ReleaseView } from '../../src/api/client-types.ts'
import { isAnswering } from '../../src/api/http-call.ts'
import { kinds } from '../../src/app/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { compile } from '../../src/core/plan/compile.ts'
import { until } from '../support/programs.ts'

const engineProgram = join(import.meta.dirname, '..', 'support', 'engine-with-crash.ts')
const home = mkdtempSync(join(tmpdir(), 'hp-after-crash-'))
const config = readConfig({ HOLDPOINT_HOME: home })
const engines: ChildProcess[] = []
const asked: string[] = []
let made = 40
let server: Server
let api = ''

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.method === 'POST') made += 1
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: made }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  const last = engines.at(-1)
  if (last !== undefined && last.exitCode === null && last.signalCode === null) {
    last.kill('SIGTERM')
    await new Promise((resolve) => last.once('exit', resolve))
  }
  server.closeAllConnections()
  server.close()
  rmSync(home, { recursive: true, force: true, maxRetries: 10 })
})

async function startEngine(): Promise<void> {
  const env = { ...process.env, HOLDPOINT_HOME: home, HOLDPOINT_ENGINE_IDLE: '60s' }
  engines.push(spawn(process.execPath, [engineProgram], { env, stdio: 'ignore' }))
  await until('the engine answers', () => isAnswering(config.socket))
}

const checklist = (): string => `---
holdpoint: 1
name: After a crash
service: shop
---
## Verify
- [ ] An order goes through
  \`\`\`yaml check timeout=90s
  kind: scenario
  steps:
    - { kind: http, requests: "# @capture id = body.id\\nPOST ${api}/orders" }
    - { kind: command, script: 'touch waiting; until [ -e go ]; do sleep 0.1; done' }
    - { kind: http, cleanup: true, requests: "DELETE ${api}/orders/{{ id }}" }
  \`\`\`
`

test('what a run made that did not live to take it away is taken away by the next, before it makes its own', async () => {
  await startEngine()
  const bytes = Buffer.from(checklist())
  const { plan, problems } = compile({ file: 'release.md', bytes, shared: null }, kinds())
  if (plan === null) throw new Error(JSON.stringify(problems))
  const client = createClient({ socketPath: config.socket, revive: startEngine })
  try {
    const started = await client.start({
      document: { file: 'release.md', base64: bytes.toString('base64'), shared: null, digest: plan.digest },
      version: '2.0.0',
      previous: null,
      environment: 'production',
      inputs: {},
      workspace: { root: home, commit: null, dirty: false },
      artefact: null,
      supersede: false,
      rehearsal: false,
      idempotencyKey: 'the-one-start',
    })
    if (started.kind === 'refused') throw new Error(started.reason)
    await until('the order is made', () => existsSync(join(home, 'waiting')))
    const [first] = engines
    const isGone = new Promise((resolve) => first?.once('exit', resolve))
    first?.kill('SIGKILL')
    await isGone
    writeFileSync(join(home, 'go'), '')
    let view: ReleaseView | null = null
    await until('the release has ended', async () => {
      view = await client.show(started.release)
      return view?.phase === 'closed' || view?.bar.now.includes('failed') === true
    })
    const story = (await client.events(started.release)).flatMap(({ event }) =>
      event.kind === 'AttemptFinished' ? [`${event.outcome}: ${event.say}`] : [],
    )
    expect(asked, story.join('\n')).toEqual(['POST /orders', 'DELETE /orders/41', 'POST /orders', 'DELETE /orders/42'])
    expect(story.at(-1)).toMatch(/^passed: 2 steps as expected/)
    expect(view).toMatchObject({ phase: 'closed' })
  } finally {
    client.close()
  }
}, 240_000)
