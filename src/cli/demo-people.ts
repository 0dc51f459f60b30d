/** Plays the demo's scripted people: each does their deed as soon as the release waits for it. */
import type { Client, WireCommand } from '../api/client-types.ts'
import type { ReleaseView } from '../report/view.ts'

export interface ScriptedDeed {
  readonly who: string
  /** The step it is for, by the words at the end of its id. */
  readonly step: string
  readonly ask: (step: string) => WireCommand
}

export interface PlayOptions {
  /** A client that speaks as this scripted person. */
  readonly as: (who: string) => Client
  /** How long a person reads before they act. */
  readonly thinkMs: number
  readonly signal: AbortSignal
}

/** Ends when every deed is done or the signal aborts. Throws when a deed is refused: the script would not go on. */
export async function playPeople(
  watcher: Client,
  release: string,
  deeds: readonly ScriptedDeed[],
  options: PlayOptions,
): Promise<void> {
  const left = [...deeds]
  for await (const item of watcher.watch(release, { signal: options.signal })) {
    if (item.kind !== 'live') continue
    for (let next = dueIn(item.view, left); next; next = dueIn(item.view, left)) {
      left.splice(left.indexOf(next.deed), 1)
      await pause(options.thinkMs, options.signal)
      if (options.signal.aborted) return
      const answer = await options.as(next.deed.who).command(release, next.deed.ask(next.step))
      if (answer.kind === 'refused') throw new Error(`${next.deed.who} was refused: ${answer.reason}`)
    }
    if (left.length === 0) return
  }
}

function dueIn(
  view: ReleaseView,
  deeds: readonly ScriptedDeed[],
): { readonly deed: ScriptedDeed; readonly step: string } | null {
  const waiting = view.phases.flatMap((phase) => phase.steps).filter((step) => step.state === 'needs a person')
  for (const deed of deeds) {
    const step = waiting.find((one) => one.id.endsWith(deed.step))
    if (step) return { deed, step: step.id }
  }
  return null
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
