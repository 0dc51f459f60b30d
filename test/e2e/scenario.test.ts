/** Scenarios and webhook sinks through the real engine, launcher and store: several commands in one check, and a cleanup after an abort. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRealEngine, type RealEngine, type RealRelease } from '../support/real-engine.ts'

const checklist = (service: string, steps: string): string => `---
holdpoint: 1
name: Scenario
service: ${service}
environments: { test: {} }
inputs: { api: { description: where orders go } }
---
# Release

## Verify

- [ ] A session works
  \`\`\`yaml check timeout=90s capture=id
  kind: scenario
  steps:
${steps.trim().replaceAll(/^/gm, '    ')}
  \`\`\`
`

const sink = `
- [ ] A webhook arrives
  \`\`\`yaml check timeout=60s
  kind: webhook-sink
  command: 'curl -fsS -d "{\\"order\\": $HOLDPOINT_VALUE_ID}" "$SINK_URL"'
  match: '"order": 41'
  \`\`\`
`

let folder: string
let engine: RealEngine
let server: Server
const asked: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hp-scenario-'))
  engine = await openRealEngine()
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id": 41}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
}, 60_000)
afterAll(async () => {
  await engine.stop()
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

function release(text: string, version: string): Promise<RealRelease> {
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const given = { root: folder, text, version, previous: '1.0.0', environment: 'test', inputs: { api }, people: [] }
  return engine.start(given)
}

test('requests and several commands share their values, the block gives one to the next, and a webhook arrives', async () => {
  const steps = `
- { kind: http, requests: "# @capture id = body.id\\nPOST {{ input.api }}/orders" }
- { kind: command, script: echo "$HOLDPOINT_VALUE_ID" > order, capture: { word: '"one"' } }
- { kind: command, script: 'grep -q 41 order && echo "$HOLDPOINT_VALUE_WORD" >> order' }
- { kind: file, path: order, contains: one }
- { kind: command, cleanup: true, script: 'mv order "gone-$HOLDPOINT_VALUE_ID"' }
- { kind: http, cleanup: true, requests: "DELETE {{ input.api }}/orders/{{ id }}" }
`
  const running = await release(checklist('shop', steps) + sink, '2.0.0')
  const ended = (events: RealRelease['events']) => events.filter((event) => event.kind === 'AttemptFinished')
  const state = await running.until('both steps have ended, or one has failed', (_state, events) => {
    const outcomes = ended(events).map(({ outcome }) => outcome)
    return outcomes.length === 2 || outcomes.some((outcome) => outcome !== 'passed')
  })
  expect(ended(running.events).map(({ outcome, say }) => `${outcome}: ${say}`)).toEqual([
    expect.stringMatching(/^passed: 4 steps as expected in .*, the last, step 4 \(file\): /) as string,
    expect.stringMatching(/^passed: 1 of 1 delivery came/) as string,
  ])
  expect(state.captures.get('id')).toBe('41')
  expect(readFileSync(join(folder, 'gone-41'), 'utf8')).toBe('41\none\n')
  expect(asked).toEqual(['POST /orders', 'DELETE /orders/41'])
}, 180_000)

test('a release that is aborted in the middle of a scenario ends its command, and what it made is taken away', async () => {
  const steps = `
- { kind: command, script: touch made }
- { kind: command, script: 'touch sleeping; sleep 300' }
- { kind: command, script: touch never }
- { kind: command, cleanup: true, script: rm made }
`
  const running = await release(checklist('desk', steps), '2.1.0')
  await running.until('its second command runs', () => existsSync(join(folder, 'sleeping')))
  const abort = { kind: 'Abort', why: 'smoke', leave: false, typed: null } as const
  const decision = await engine.app.engine.ask(
    running.id,
    abort,
    { id: 'dora', kind: 'scripted', assurance: 'claimed' },
    null,
  )
  expect(decision.kind).toBe('accepted')
  await running.until('it is over', (_state, events) => events.some(({ kind }) => kind === 'RollbackFinished'))
  const [attempt] = running.events.filter((event) => event.kind === 'AttemptFinished')
  expect(attempt).toMatchObject({ outcome: 'errored', say: 'step 2 (command): it was stopped before it ended' })
  expect([existsSync(join(folder, 'made')), existsSync(join(folder, 'never'))]).toEqual([false, false])
}, 180_000)
