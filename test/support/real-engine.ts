/** The real engine of this program in this process: SQLite in a temporary folder, the real launcher, every real kind. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, openApp } from '../../src/app/app.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Plan } from '../../src/core/plan/plan.ts'
import type { Actor, ReleaseEvent } from '../../src/core/release/events.ts'
import type { ReleaseState } from '../../src/core/release/state.ts'
import type { Deed } from '../../demo/people.ts'
import { until } from './programs.ts'

export interface RealEngine {
  readonly app: App
  readonly home: string
  readonly log: readonly string[]
  start(given: ReleaseGiven): Promise<RealRelease>
  stop(): Promise<void>
}

export interface ReleaseGiven {
  /** Folder of the checklist: commands start here. */
  readonly root: string
  readonly text: string
  readonly version: string
  readonly previous: string | null
  readonly environment: string
  readonly inputs: Readonly<Record<string, string>>
  readonly people: readonly Deed[]
  /** A rehearsal of the way back. */
  readonly andBack?: true
}

export interface RealRelease {
  readonly id: string
  /** Everything recorded so far. */
  readonly events: readonly ReleaseEvent[]
  state(): Promise<ReleaseState>
  /** Resolves with the state once it is so. What was recorded so far is in the message when it never is. */
  until(
    what: string,
    isSo: (state: ReleaseState, events: readonly ReleaseEvent[]) => boolean,
    mostMs?: number,
  ): Promise<ReleaseState>
}

export async function openRealEngine(): Promise<RealEngine> {
  const home = mkdtempSync(join(tmpdir(), 'hp-e2e-'))
  const log: string[] = []
  const app = await openApp(readConfig({ ...process.env, HOLDPOINT_HOME: home }), (line) => log.push(line))
  const attending = app.engine.attend()
  const ended = new AbortController()
  return {
    app,
    home,
    log,
    start: (given) => startRelease(app, given, log, ended.signal),
    async stop() {
      ended.abort()
      await app.engine.stop()
      await attending
      await app.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

const starter: Actor = { id: 'dora', kind: 'scripted', assurance: 'claimed' }

async function startRelease(
  app: App,
  given: ReleaseGiven,
  log: readonly string[],
  signal: AbortSignal,
): Promise<RealRelease> {
  const plan = planOf(app, given)
  const started = await app.engine.start(
    {
      plan,
      version: given.version,
      previous: given.previous,
      environment: given.environment,
      inputs: given.inputs,
      workspace: { root: given.root, commit: null, dirty: false },
      artefact: null,
      rehearsal: false,
      supersede: false,
      idempotencyKey: null,
      ...(given.andBack && { andBack: true as const }),
    },
    starter,
  )
  if (started.kind === 'refused') throw new Error(`${started.code}: ${started.reason}`)
  const { release: id } = started
  const events: ReleaseEvent[] = []
  const following = follow(app, id, events, signal)
  following.catch(() => undefined)
  void peopleAct(app, id, given.people, signal)
  const state = async (): Promise<ReleaseState> => {
    const now = await app.engine.state(id)
    if (!now) throw new Error(`release ${id} is gone`)
    return now
  }
  return {
    id,
    events,
    state,
    async until(what, isSo, mostMs = 120_000) {
      try {
        await until(what, async () => isSo(await state(), events), mostMs)
      } catch (error) {
        throw new Error(`${String(error)}\n${story(events)}\n${log.join('\n')}`, { cause: error })
      }
      return state()
    },
  }
}

function planOf(app: App, given: ReleaseGiven): Plan {
  const document = { file: 'release.md', bytes: new TextEncoder().encode(given.text), shared: null }
  const { plan, problems } = app.compile(document)
  const wrong = problems.filter((problem) => problem.severity === 'error')
  if (!plan || wrong.length > 0) throw new Error(JSON.stringify(problems, null, 2))
  return plan
}

async function follow(app: App, id: string, events: ReleaseEvent[], signal: AbortSignal): Promise<void> {
  for await (const stored of app.engine.follow(id, 0, signal)) events.push(stored.event as ReleaseEvent)
}

/** Each deed is tried until the release takes it: a step waits for a person only when it is reached. */
async function peopleAct(app: App, id: string, people: readonly Deed[], signal: AbortSignal): Promise<void> {
  let left = [...people]
  while (left.length > 0 && !signal.aborted) {
    const state = await app.engine.state(id)
    const done: Deed[] = []
    for (const deed of left) {
      const step = state?.plan.steps.find((each) => each.id.endsWith(deed.step))
      if (!step || !state?.steps.get(step.id)?.reachedAt) continue
      const actor: Actor = { id: deed.who, kind: 'scripted', assurance: 'claimed' }
      const decision = await app.engine.ask(id, deed.ask(step.id), actor, null).catch(() => null)
      if (decision?.kind === 'accepted') done.push(deed)
    }
    left = left.filter((deed) => !done.includes(deed))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** The events in a line each, without what is long. */
export function story(events: readonly ReleaseEvent[]): string {
  const short = (key: string, value: unknown): unknown =>
    key === 'plan' || key === 'metrics' || key === 'evidence' || key === 'facts' || key === 'body' ? undefined : value
  return events.map((event) => JSON.stringify(event, short).slice(0, 400)).join('\n')
}
