/** The release remembers: state folded from events. Total; never refuses, never judges. */
import type { Recorded, ReleaseEvent } from './events.ts'
import type { ReleaseState } from './state.ts'

export function evolve(_state: ReleaseState | null, _recorded: Recorded<ReleaseEvent>): ReleaseState {
  throw new Error('being built')
}

export function fold(events: Iterable<Recorded<ReleaseEvent>>, from: ReleaseState | null = null): ReleaseState | null {
  let state = from
  for (const recorded of events) state = evolve(state, recorded)
  return state
}
