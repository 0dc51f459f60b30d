/**
 * The promise of the engine, with real processes: killed before and after every append of a release, alone, with the
 * launcher, or only the launcher, the release ends as if nothing had happened and no action starts twice.
 */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client, ReleaseView, WireCommand } from '../../src/api/client-types.ts'
import { createClient } from '../../src/api/client.ts'
import { isAnswering } from '../../src/api/http-call.ts'
import { kinds } from '../../src/app/app.ts'
import { type Config, readConfig } from '../../src/config/config.ts'
import { compile } from '../../src/core/plan/compile.ts'

type StepView = ReleaseView['phases'][number]['steps'][number]
type Victim = 'engine' | 'launcher' | 'both'
type Side = 'before' | 'after'
interface Crash {
  readonly victim: Victim
  readonly at: number
  readonly side: Side
}

/** All of them take some minutes on two slow cores: they run in CI, and every third anywhere else. */
const isFull = process.env['CI'] === 'true' || process.env['HOLDPOINT_CRASH_MATRIX'] === 'full'
const LANES = 3
const PATIENCE_MS = 30_000
const engineProgram = join(import.meta.dirname, '..', 'support', 'engine-with-crash.ts')

const targets = ['first', 'second'] as const

const checklist = [
  '---',
  'holdpoint: 1',
  'name: Crash matrix',
  'service: shop',
  '---',
  '## Ready',
  '',
  '- [ ] The folder is there',
  '  ```sh check',
  '  test -d .',
  '  ```',
  '- [ ] Is the team ready?',
  '',
  '## Deploy',
  '',
  ...targets.flatMap((target, index) => [
    `${index + 1}. [ ] The ${target} target is changed`,
    `   \`\`\`sh run probe="test -s ${target}"`,
    '   sleep 0.05',
    `   echo "$HOLDPOINT_ATTEMPT" >> ${target}`,
    '   sleep 0.05',
    '   ```',
    '   ```sh undo',
    `   rm -f ${target}`,
    '   ```',
  ]),
  '',
  '## Afterwards',
  '',
  '- [ ] Both targets are changed',
  '  ```sh check',
  '  test -s first && test -s second',
  '  ```',
  '',
].join('\n')

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'holdpoint-crash-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }))

test('a release ends the same, whatever is killed before or after each of its appends', {
  timeout: 900_000,
}, async () => {
  const calm = await runRelease('calm', null)
  expect(calm.story).toEqual([])
  expect(calm.view.phase).toBe('closed')
  const appends = lines(join(calm.home, 'appends')).length
  expect(appends).toBeGreaterThan(8)

  const crashes = (['engine', 'launcher', 'both'] as const)
    .flatMap((victim) =>
      (['before', 'after'] as const).flatMap((side) =>
        Array.from({ length: appends }, (_, index): Crash => ({ victim, at: index + 1, side })),
      ),
    )
    .filter(({ at, victim }) => isFull || at % 3 === victim.length % 3)
  if (!isFull) console.warn(`notice: ${crashes.length} crashes, every third; HOLDPOINT_CRASH_MATRIX=full makes all`)
  const wrong: string[] = []
  let crashed = 0
  await inLanes(crashes, async (crash) => {
    const name = `${crash.victim}-${crash.side}-${crash.at}`
    const story = await runRelease(name, crash).then(
      (run) => [...run.story, ...differences(calm.view, run.view)],
      (cause: Error) => [cause.message],
    )
    if (existsSync(join(root, name, 'crashed'))) crashed += 1
    wrong.push(...story.map((line) => `${name}: ${line}`))
    rmSync(join(root, name), { recursive: true, force: true, maxRetries: 10 })
  })
  expect(wrong).toEqual([])
  // A run may need an append less than the calm one did; nearly all of them must have met their crash.
  expect(crashed).toBeGreaterThan(crashes.length * 0.9)
})

interface Run {
  readonly home: string
  readonly view: ReleaseView
  /** What is wrong with it, in sentences. */
  readonly story: readonly string[]
}

async function runRelease(name: string, crash: Crash | null): Promise<Run> {
  const home = join(root, name)
  const work = join(home, 'work')
  mkdirSync(work, { recursive: true })
  const config = readConfig({ HOLDPOINT_HOME: home, HOLDPOINT_ENGINE_IDLE: '60s' })
  const engines = new Engines(config)
  await engines.start(crash)
  const client = createClient({ socketPath: config.socket, revive: () => engines.start(null) })
  const seen = new Map<number, string>()
  try {
    const view = await drive(client, work, seen)
    const events = await persist(() => client.events(view.release))
    return { home, view, story: [...targetStory(work), ...streamStory(events, seen)] }
  } finally {
    client.close()
    await engines.end()
  }
}

/** Plays the person: starts, answers, and looks until the release has ended. */
async function drive(client: Client, work: string, seen: Map<number, string>): Promise<ReleaseView> {
  const started = await persist(() => client.start(startBody(work)))
  if (started.kind === 'refused') throw new Error(`not started: ${started.reason}`)
  const { release } = started
  const giveUpAt = performance.now() + PATIENCE_MS
  let last: ReleaseView | null = null
  while (performance.now() < giveUpAt) {
    for (const { version, hash } of await persist(() => client.events(release, seen.size))) seen.set(version, hash)
    last = await persist(() => client.show(release))
    if (last === null) throw new Error(`${release} is not known any more`)
    if (last.phase === 'closed') return last
    const owed = new Set(last.waitsFor.map((wait) => wait.step))
    for (const step of last.phases.flatMap((phase) => phase.steps))
      if (owed.has(step.id)) await act(client, release, step, work)
    await sleep(15)
  }
  const attempts = (await client.events(release)).filter(({ event }) => event.kind.startsWith('Attempt'))
  const told = attempts.map(({ event }) => JSON.stringify({ ...event, evidence: undefined })).join('\n')
  throw new Error(`the release does not end: ${last?.bar.now}\n${told}`)
}

/** Does what a person owes: says yes to a question, tries again what a probe found undone, looks where nobody knows. */
async function act(client: Client, release: string, step: StepView, work: string): Promise<void> {
  const order = orderFor(step, work)
  if (order === null) return
  const said = await persist(() => client.command(release, order))
  // It may have been recorded although its confirmation was lost.
  const isHeard = said.kind === 'accepted' || ['already-closed', 'not-due', 'nothing-unknown'].includes(said.code)
  if (!isHeard) throw new Error(`${said.code}: ${said.reason}`)
}

function orderFor(step: StepView, work: string): WireCommand | null {
  if (step.word === 'answer')
    return { kind: 'Answer', step: step.id, answer: 'passed', note: null, fields: {}, evidence: [] }
  if (step.word === 'run' && step.state === 'failed') return { kind: 'Retry', step: step.id }
  if (step.word !== 'run' || step.state !== 'unknown') return null
  const target = targets.find((name) => step.text.includes(name)) ?? ''
  const as = lines(join(work, target)).length > 0 ? 'done' : 'retry'
  return { kind: 'Settle', step: step.id, as, why: `somebody looked at the ${target} target` }
}

/** Asks again until somebody answers: a person would, too. */
async function persist<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await ask()
    } catch (cause) {
      if (performance.now() > giveUpAt) throw cause
      await sleep(20)
    }
  }
}

class Engines {
  readonly #config: Config
  readonly #children: ReturnType<typeof spawn>[] = []
  #starting: Promise<void> | null = null

  constructor(config: Config) {
    this.#config = config
  }

  start(crash: Crash | null): Promise<void> {
    this.#starting ??= this.#spawnAndWait(crash).finally(() => (this.#starting = null))
    return this.#starting
  }

  /** Orderly, so that the launcher goes too. */
  async end(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGTERM')
      await new Promise((resolve) => child.once('exit', resolve))
    }
  }

  async #spawnAndWait(crash: Crash | null): Promise<void> {
    const env = {
      ...process.env,
      HOLDPOINT_HOME: this.#config.home,
      HOLDPOINT_ENGINE_IDLE: '60s',
      HOLDPOINT_CRASH: crash?.victim,
      HOLDPOINT_CRASH_AT: String(crash?.at ?? 0),
      HOLDPOINT_CRASH_SIDE: crash?.side,
    }
    const log = openSync(join(this.#config.home, 'engine.log'), 'a')
    const child = spawn(process.execPath, [engineProgram], { env, stdio: ['ignore', log, log] })
    closeSync(log)
    this.#children.push(child)
    while (!(await isAnswering(this.#config.socket))) {
      if (child.exitCode !== null || child.signalCode !== null) return
      await sleep(10)
    }
  }
}

function startBody(work: string): Parameters<Client['start']>[0] {
  const bytes = Buffer.from(checklist)
  const { plan, problems } = compile({ file: 'release.md', bytes, shared: null }, kinds())
  if (plan === null) throw new Error(`the checklist does not compile: ${JSON.stringify(problems)}`)
  return {
    document: { file: 'release.md', base64: bytes.toString('base64'), shared: null, digest: plan.digest },
    version: '2.0.0',
    previous: null,
    environment: 'production',
    inputs: {},
    workspace: { root: work, commit: null, dirty: false },
    artefact: null,
    supersede: false,
    rehearsal: false,
    idempotencyKey: 'the-one-start',
  }
}

/** The targets count: every attempt came at most once, and with its probe each action took effect exactly once. */
function targetStory(work: string): string[] {
  return targets.flatMap((target) => {
    const attempts = lines(join(work, target))
    return attempts.length === 1
      ? []
      : [`the ${target} target was changed by ${attempts.length}: ${attempts.join(', ')}`]
  })
}

/** Whatever a client was shown is still there; nothing is missing between; no attempt ended twice. */
function streamStory(
  events: readonly { readonly version: number; readonly hash: string; readonly event: { readonly kind: string } }[],
  seen: ReadonlyMap<number, string>,
): string[] {
  const story: string[] = []
  events.forEach(({ version }, index) => {
    if (version !== index + 1) story.push(`event ${index + 1} has version ${version}`)
  })
  for (const [version, hash] of seen)
    if (events[version - 1]?.hash !== hash) story.push(`event ${version} was shown and is lost or changed`)
  for (const kind of ['AttemptStarted', 'AttemptFinished']) {
    const attempts = events.filter(({ event }) => event.kind === kind).map(({ event }) => attemptOf(event))
    if (new Set(attempts).size !== attempts.length) story.push(`an attempt has ${kind} twice`)
  }
  return story
}

function attemptOf(event: { readonly kind: string }): string {
  return 'attempt' in event ? String(event.attempt) : ''
}

/** Same end: phase, and how each step stands. How many attempts it took may differ. */
function differences(calm: ReleaseView, other: ReleaseView): string[] {
  const told = ({ phase, phases }: ReleaseView) => [
    `phase ${phase}`,
    ...phases.flatMap((one) => [
      `${one.id} ${one.status}`,
      ...one.steps.map((step) => `${step.id} ${step.state} ${step.undo ?? ''}`),
    ]),
  ]
  const expected = told(calm)
  return told(other).flatMap((line, index) =>
    line === expected[index] ? [] : [`${line}, expected ${expected[index]}`],
  )
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

function lines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  } catch {
    return []
  }
}
