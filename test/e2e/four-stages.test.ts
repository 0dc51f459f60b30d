/** A long checklist with four stages that have steps of their own, run whole: real services, real traffic, minutes as seconds. */
import { cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Deed } from '../../demo/people.ts'
import { startWorld, type World } from '../../demo/world.ts'
import { openRealEngine, type RealEngine, type RealRelease } from '../support/real-engine.ts'

const example = join(import.meta.dirname, '../../examples/four-stages')
let folder: string
let engine: RealEngine
let world: World | null = null

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hp-stages-'))
  cpSync(example, folder, { recursive: true })
  mkdirSync(join(folder, 'backups'))
  writeFileSync(join(folder, 'backups/today.dump'), 'data')
  engine = await openRealEngine()
})
afterEach(async () => {
  await engine.stop()
  await world?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Hours become seconds: the document stays what it is, only its clock runs faster. */
function inSeconds(text: string): string {
  const shorter: readonly [RegExp, string][] = [
    [/soak: \w+/g, 'soak: 3s'],
    [/every: 30s/g, 'every: 500ms'],
    [/every=30s/g, 'every=1s'],
    [/window: 5m/g, 'window: 30s'],
    [/for: 2h/g, 'for: 3s'],
    [/within: 30m/g, 'within: 60s'],
    // Traffic is not sixty times what it was: evidence takes its time.
    [/^( *)no-data:/gm, '$1deadline: 20x\n$1no-data:'],
  ]
  return shorter.reduce((document, [long, short]) => document.replaceAll(long, short), text)
}

const answers = (who: string, step: string, fields: Readonly<Record<string, string>> = {}): Deed => ({
  who,
  step,
  ask: (id) => ({ kind: 'Answer', step: id, answer: 'passed', note: null, fields, evidence: [] }),
})
const signs = (who: string, step: string): Deed => ({
  who,
  step,
  ask: (id) => ({ kind: 'Approve', step: id, role: null, digest: null, typed: null, note: null }),
})

const people: readonly Deed[] = [
  answers('ana', 'search-finds-something'),
  signs('ana', 'two-engineers-have-reviewed-every-change'),
  signs('ben', 'two-engineers-have-reviewed-every-change'),
  answers('cleo', 'the-numbers-of-production-are-written-down', { error_rate: '0.4%', response_time: '120ms' }),
  answers('ana', 'release-notes-are-with-the-team'),
  answers('ana', 'someone-is-on-call-and-knows'),
  answers('ana', 'no-new-kinds-of-errors-in-the-tracker'),
  answers('dora', 'no-complaints-in-the-support-channel'),
  answers('ana', 'partners-systems-still-work'),
  answers('ana', 'cost-is-as-expected'),
  answers('ana', 'sign-ups-and-uploads-look-normal'),
]

async function release(bad: false | 'errors'): Promise<RealRelease> {
  world = await startWorld({ bad })
  const { shop, canary, stable, admin } = world
  const inputs = { api_url: shop, canary_url: canary, stable_url: stable, admin_url: admin, node: process.execPath }
  const text = inSeconds(readFileSync(join(folder, 'release.md'), 'utf8'))
  const { version, previous } = world.settings
  return engine.start({ root: folder, text, version, previous, environment: 'production', inputs, people })
}

const apiWeight = async () => ((await (await fetch(`${world?.admin}/weight`)).json()) as { percent: number }).percent
const webWeight = () => Number(readFileSync(join(folder, 'state/web-weight'), 'utf8'))
const deployed = () => readFileSync(join(folder, 'state/deployed'), 'utf8').trim().split('\n')

test('each stage deploys, soaks, is looked at and left; half the traffic waits for a person', async () => {
  const running = await release(false)
  const halfway = await running.until('a person is asked', ({ asked }) => asked !== null)
  expect(halfway.asked?.role).toBe('release-engineer')
  expect([await apiWeight(), webWeight()]).toEqual([50, 50])
  const go = { kind: 'Promote', stage: 2, role: null, reason: null } as const
  const ben = { id: 'ben', kind: 'scripted', assurance: 'claimed' } as const
  const refused = await engine.app.engine.ask(running.id, go, { ...ben, id: 'ana' }, null)
  expect(refused).toMatchObject({ kind: 'refused', code: 'not-in-role' })
  expect(await engine.app.engine.ask(running.id, go, ben, null)).toMatchObject({ kind: 'accepted' })
  await running.until('the watch has ended', (_, events) => events.some(({ kind }) => kind === 'WatchEnded'))
  const step = 'after-the-release/the-release-is-signed-off'
  await running.until('it waits to be signed off', ({ steps }) => steps.get(step)?.reachedAt != null)
  const signed = { kind: 'Approve', step, role: null, digest: null, typed: null, note: null } as const
  await engine.app.engine.ask(running.id, signed, { ...ben, id: 'cleo' }, null)
  const state = await running.until('closed', ({ phase }) => phase === 'closed' || phase === 'rolled-back')
  expect(state.phase).toBe('closed')
  expect([await apiWeight(), webWeight()]).toEqual([100, 100])
  const calls = deployed().map((line) => line.split(' ').slice(0, -1).join(' '))
  expect(calls).toEqual(['tag', 'api 5', 'web 5', 'api 25', 'api 100'])
  const attempts = deployed().map((line) => line.split(' ').at(-1))
  expect(new Set(attempts).size).toBe(attempts.length)
  expect(state.steps.get('before-the-release/people/support-is-briefed')?.closed?.how).toBe('not-applicable')
}, 180_000)

test('a bad version goes back in its first stage: traffic at once, then the steps of the way back', async () => {
  const running = await release('errors')
  const state = await running.until('ended', ({ phase }) =>
    ['closed', 'rolled-back', 'rollback-failed'].includes(phase),
  )
  expect(state.phase).toBe('rolled-back')
  expect(state.rollback?.cause).toBe('verdict')
  expect(running.events.flatMap((event) => (event.kind === 'StageEntered' ? [event.stage] : []))).toEqual([0])
  expect([await apiWeight(), webWeight()]).toEqual([0, 0])
  const kinds = running.events.map((event) => (event.kind === 'AttemptStarted' ? event.step : event.kind))
  const restored = kinds.lastIndexOf('TrafficRestored')
  expect(restored).toBeLessThan(kinds.findIndex((kind) => kind.includes('the-pages-of-the-version-before')))
  expect(
    deployed()
      .slice(-2)
      .map((line) => line.split(' ')[0]),
  ).toEqual(['web-back', 'api-back'])
  expect(state.steps.get('going-back/the-database-is-as-it-was')?.closed?.how).toBe('not-applicable')
}, 180_000)
