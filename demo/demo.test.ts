/** The demo's release, as `holdpoint demo` runs it: real services, real requests, the real engine. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRealEngine, type RealEngine, type RealRelease } from '../test/support/real-engine.ts'
import { writeDemoFolder } from './folder.ts'
import { demoPeople } from './people.ts'
import { startWorld, type World } from './world.ts'

let folder: string
let engine: RealEngine
let world: World | null = null

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hp-demo-'))
  engine = await openRealEngine()
})
afterEach(async () => {
  await engine.stop()
  await world?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function release(bad: false | 'errors' | 'latency'): Promise<RealRelease> {
  world = await startWorld({ bad })
  const { checklist, inputs, version, previous, environment } = writeDemoFolder(folder, world, { fast: true })
  const text = readFileSync(checklist, 'utf8')
  return engine.start({ root: folder, text, version, previous, environment, inputs, people: demoPeople })
}

async function weight(): Promise<unknown> {
  return ((await (await fetch(`${world?.admin}/weight`)).json()) as { percent: number }).percent
}

test('a healthy version reaches every customer through all stages, and the watch after it closes the release', async () => {
  const running = await release(false)
  const state = await running.until('closed', ({ phase }) => phase === 'closed' || phase === 'rolled-back')
  expect(state.phase).toBe('closed')
  const left = running.events.flatMap((event) => (event.kind === 'StageLeft' ? [event.stage] : []))
  expect(left).toEqual([0, 1, 2, 3])
  expect(await weight()).toBe(100)
  const messages = (await (await fetch(world?.inbox ?? '')).json()) as { on: string }[]
  expect(messages.map((message) => message.on)).toContain('rollout.finished')
}, 180_000)

for (const [bad, metric] of [
  ['errors', 'errors'],
  ['latency', 'latency'],
] as const)
  test(`a version with worse ${bad} goes back at 5 %, and its action is undone`, async () => {
    const running = await release(bad)
    const state = await running.until('ended', ({ phase }) =>
      ['closed', 'rolled-back', 'rollback-failed'].includes(phase),
    )
    expect(state.phase).toBe('rolled-back')
    expect(state.rollback?.why).toContain(metric)
    const stages = running.events.flatMap((event) => (event.kind === 'StageEntered' ? [event.stage] : []))
    expect(stages).toEqual([0])
    expect(await weight()).toBe(0)
    expect(() => readFileSync(join(folder, 'state', 'prices-1.9.0'))).toThrow(/ENOENT/)
  }, 180_000)
