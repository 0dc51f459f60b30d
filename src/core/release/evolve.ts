/** The release remembers: state folded from events. Total; never refuses, never judges. */
import type { Recorded } from './events.ts'
import { startedState } from './evolve-start.ts'
import { evolveIncident, withPieceOfRollback } from './evolve-incident.ts'
import { evolveRelease } from './evolve-release.ts'
import { evolveRollout } from './evolve-rollout.ts'
import { evolveStep } from './evolve-step.ts'
import { evolveTime } from './evolve-time.ts'
import { withLock } from './phase-lock.ts'
import type { ReleaseState } from './state.ts'

export function evolve(state: ReleaseState | null, recorded: Recorded): ReleaseState {
  if (recorded.event.kind === 'ReleaseStarted') return startedState(recorded.event, recorded)
  if (state === null) throw new Error(`bug: a release cannot begin with ${recorded.event.kind}`)
  const moment = { at: recorded.at, version: recorded.version }
  const next =
    evolveStep(state, recorded.event, moment) ??
    evolveRollout(state, recorded.event, moment) ??
    evolveRelease(state, recorded.event, moment) ??
    evolveIncident(state, recorded.event, moment) ??
    evolveTime(state, recorded.event, moment) ??
    state
  const whole = withLock(withPieceOfRollback(next, recorded.event, recorded.at), recorded.event, recorded.at)
  return { ...whole, version: recorded.version, lastEventAt: recorded.at }
}

export function fold(events: Iterable<Recorded>, from: ReleaseState | null = null): ReleaseState | null {
  let state = from
  for (const recorded of events) state = evolve(state, recorded)
  return state
}
