/** Asks the same steps again and again, and keeps when each passed and when it did not. */
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Instant, Millis } from '../../core/units.ts'
import { runOnce, type Step } from '../scenario-steps/run.ts'
import { titleOf } from '../scenario-steps/settings.ts'

export interface Probe {
  readonly title: string
  readonly from: Instant
  readonly to: Instant
  readonly isPassed: boolean
  readonly say: string
}

/** Whoever hangs is asked again soon: a step that names no time has this. */
const probeTimeout = '2s'

export async function probeOnce(step: Step, powers: CheckPowers): Promise<Probe> {
  const from = powers.clock.now()
  const given = { ...step.given, timeout: step.given.timeout ?? probeTimeout }
  const { outcome, say } = await runOnce({ ...step, given }, powers)
  return {
    title: titleOf(step.given, step.index),
    from,
    to: powers.clock.now(),
    isPassed: outcome === 'passed',
    say,
  }
}

/** Each beside the others, until the answer to `end` is known; the last round of each is in it. */
export async function probeUntil(
  steps: readonly Step[],
  everyMs: Millis,
  end: Promise<unknown>,
  powers: CheckPowers,
): Promise<readonly Probe[]> {
  const over = new AbortController()
  const ended = end.then(
    () => over.abort(),
    () => over.abort(),
  )
  const lists = await Promise.all(
    steps.map(async (step) => {
      const probes: Probe[] = []
      while (!over.signal.aborted && !powers.signal.aborted) {
        probes.push(await probeOnce(step, powers))
        await powers.clock.sleep(everyMs, AbortSignal.any([over.signal, powers.signal]))
      }
      return probes
    }),
  )
  await ended
  return lists.flat()
}

/** All of them again, until each has passed once or the time is over. The last probe of each. */
export async function probeUntilPassed(
  steps: readonly Step[],
  everyMs: Millis,
  until: Instant,
  powers: CheckPowers,
): Promise<readonly Probe[]> {
  return Promise.all(
    steps.map(async (step) => {
      for (;;) {
        const probe = await probeOnce(step, powers)
        if (probe.isPassed || powers.signal.aborted || powers.clock.now() + everyMs > until) return probe
        await powers.clock.sleep(everyMs, powers.signal)
      }
    }),
  )
}

/** The longest time in which it did not pass between two instants: from the first that failed to the next that passed. */
export function longestGap(probes: readonly Probe[], from: Instant, to: Instant): Millis {
  let longest = 0
  let failing: Instant | null = null
  for (const probe of probes) {
    if (probe.to < from || probe.from > to) continue
    if (!probe.isPassed) failing ??= Math.max(probe.from, from)
    else if (failing !== null) {
      longest = Math.max(longest, Math.min(probe.to, to) - failing)
      failing = null
    }
  }
  return failing === null ? longest : Math.max(longest, to - failing)
}
