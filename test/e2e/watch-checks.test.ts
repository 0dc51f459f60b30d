/** A watch that looks at checks: what begins to fail in it leads back, through the real engine, launcher and store. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ReleaseState } from '../../src/core/release/state.ts'
import { openRealEngine, type RealEngine, type RealRelease } from '../support/real-engine.ts'

const checklist = `---
holdpoint: 1
name: Watched
service: shop
environments: { test: {} }
inputs: { api_url: { description: what customers call } }
---
# Release

## Deploy

- [ ] The new version runs
  \`\`\`sh run
  touch deployed
  \`\`\`
  \`\`\`sh undo
  rm deployed
  \`\`\`

## Watch

\`\`\`yaml phase
kind: watch
\`\`\`

- [ ] It stays well
  \`\`\`yaml watch
  for: FOR
  judge: { every: 1s, no-data: { hold: 30s, then: rollback } }
  checks:
    - { name: health, kind: http, requests: "GET {{ api_url }}/health", fails: 2 }
    - { name: queue, kind: command, script: test ! -e stuck }
  \`\`\`
`

let folder: string
let engine: RealEngine
let server: Server
let status: number
let asked: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hp-watch-'))
  engine = await openRealEngine()
  ;[status, asked] = [200, 0]
  server = createServer((_request, response) => {
    asked += 1
    response.writeHead(status).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await engine.stop()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

function release(forTime: string): Promise<RealRelease> {
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return engine.start({
    root: folder,
    text: checklist.replace('FOR', forTime),
    version: '2.0.0',
    previous: '1.0.0',
    environment: 'test',
    inputs: { api_url: api },
    people: [],
  })
}

const isOver = ({ phase }: ReleaseState): boolean => ['closed', 'rolled-back', 'rollback-failed'].includes(phase)
const isHealthy = (state: ReleaseState): boolean =>
  [...state.observations.values()].some(({ verdict }) => verdict?.zone === 'go')

test('checks that pass are healthy time, and the watch ends', async () => {
  const running = await release('3s')
  const state = await running.until('over', isOver)
  expect(state.phase).toBe('closed')
  expect(asked).toBeGreaterThanOrEqual(3)
  expect(existsSync(join(folder, 'deployed'))).toBe(true)
}, 120_000)

test('a check that begins to fail leads back at the second failure, and the cause is in its own words', async () => {
  const running = await release('10m')
  await running.until('healthy', isHealthy)
  expect(existsSync(join(folder, 'deployed'))).toBe(true)
  status = 503
  const before = asked
  const state = await running.until('over', isOver)
  expect(state.phase).toBe('rolled-back')
  expect(asked - before).toBeGreaterThanOrEqual(2)
  expect(state.rollback?.why).toContain('health: ')
  expect(state.rollback?.why).toContain('503')
  expect(existsSync(join(folder, 'deployed'))).toBe(false)
}, 120_000)

test('a command that begins to fail leads back at once', async () => {
  const running = await release('10m')
  await running.until('healthy', isHealthy)
  writeFileSync(join(folder, 'stuck'), '')
  const state = await running.until('over', isOver)
  expect(state.phase).toBe('rolled-back')
  expect(state.rollback?.why).toBe('queue: exit 1, expected 0')
}, 120_000)
