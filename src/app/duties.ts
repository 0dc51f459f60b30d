/** What a process does again and again beside its releases: each duty in a loop of its own, until the process ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Millis } from '../core/units.ts'

export interface Duty {
  readonly name: string
  readonly everyMs: Millis
  /** A rejection is told once, until it has gone well again; the next round comes as usual. */
  readonly run: (ending: AbortSignal) => Promise<void>
}

/** Resolves when the signal has aborted and no round is under way. */
export async function attendDuties(
  duties: readonly Duty[],
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  await Promise.all(duties.map((duty) => attend(duty, signal, log)))
}

async function attend({ name, everyMs, run }: Duty, signal: AbortSignal, log: (line: string) => void): Promise<void> {
  let isFailing = false
  while (!signal.aborted) {
    try {
      await run(signal)
      isFailing = false
    } catch (cause) {
      if (!isFailing) log(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`)
      isFailing = true
    }
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined)
  }
}
