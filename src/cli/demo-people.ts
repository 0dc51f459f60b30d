/** Plays the demo's scripted people: each does their deed when the release waits for it; what a busy machine spoils is tried again. */
import type { Client, WireCommand } from '../api/client-types.ts'
import type { ReleaseView, StepView } from '../report/view.ts'

export interface ScriptedDeed {
  readonly who: string
  /** The step it is for, by the words at the end of its id. */
  readonly step: string
  readonly ask: (step: string) => WireCommand
}

export interface PlayOptions {
  /** A client that speaks as this scripted person. */
  readonly as: (who: string) => Client
  /** Who tries inconclusive checks again, and ends a release that the script knows no way out of. */
  readonly lead: Client
  /** Whether somebody who is not scripted took part: then it is theirs to go on. */
  readonly isTaken: () => Promise<boolean>
  /** How long a person reads before they act. */
  readonly thinkMs: number
  readonly signal: AbortSignal
}

const MOST_TRIES = 10
const LOOK_EVERY_MS = 200
const BETWEEN_TRIES_MS = 500
/** A release that stands still for this long will not go on by the script. */
const STANDSTILL_MS = 20_000

/** Plays until the signal aborts or the release is decided. */
export async function playPeople(
  watcher: Client,
  release: string,
  deeds: readonly ScriptedDeed[],
  options: PlayOptions,
): Promise<void> {
  const { lead, signal, thinkMs } = options
  const tries = new Map<string, number>()
  const done = new Set<ScriptedDeed>()
  let movedAt = Date.now()
  // Looked at again and again, not followed: a release that stands still tells nothing.
  for (; !signal.aborted; await pause(LOOK_EVERY_MS, signal)) {
    const view = await watcher.show(release)
    if (!view || view.decision || view.rollback) return
    const due = nextDeed(view, deeds, done, tries)
    if (due) {
      await pause(due.isAgain ? BETWEEN_TRIES_MS : thinkMs, signal)
      if (signal.aborted) return
      tries.set(due.step, (tries.get(due.step) ?? 0) + 1)
      const client = due.deed ? options.as(due.deed.who) : lead
      const answer = await client.command(release, due.deed?.ask(due.step) ?? { kind: 'Retry', step: due.step })
      if (due.deed && answer.kind === 'accepted') done.add(due.deed)
    }
    if (due || view.busy) movedAt = Date.now()
    else if (view.waitsFor.some((wait) => wait.kind !== 'time') && Date.now() - movedAt > STANDSTILL_MS) {
      movedAt = Date.now()
      if (await options.isTaken()) continue
      const why = `the script of the demo has no answer to: ${view.bar.now}`
      await lead.command(release, { kind: 'Abort', why, leave: false, typed: null })
      return
    }
  }
}

interface Due {
  /** null = a check to be tried again. */
  readonly deed: ScriptedDeed | null
  readonly step: string
  readonly isAgain: boolean
}

function nextDeed(
  view: ReleaseView,
  deeds: readonly ScriptedDeed[],
  done: ReadonlySet<ScriptedDeed>,
  tries: ReadonlyMap<string, number>,
): Due | null {
  const steps = view.phases.flatMap((phase) => phase.steps)
  const left = (step: StepView) => (tries.get(step.id) ?? 0) < MOST_TRIES
  for (const deed of deeds) {
    const step = steps.find((one) => one.id.endsWith(deed.step) && one.state === 'needs a person')
    if (step && !done.has(deed) && left(step)) return { deed, step: step.id, isAgain: tries.has(step.id) }
  }
  const spoiled = steps.find(
    (step) => (step.state === 'inconclusive' || step.state === 'errored') && step.blocks && step.word === 'check',
  )
  return spoiled && left(spoiled) ? { deed: null, step: spoiled.id, isAgain: true } : null
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
