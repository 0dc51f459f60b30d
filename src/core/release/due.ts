/** What the world owes a release now, and when that answer next changes. Functions of the state alone. */
import type { Instant } from '../units.ts'
import type { Effect } from './effects.ts'
import type { ReleaseState } from './state.ts'

/** Level-triggered: asking twice gives the same effects with the same keys until an event changes the state. */
export function due(_state: ReleaseState, _now: Instant): readonly Effect[] {
  throw new Error('being built')
}

/** The next instant at which `due` changes by time alone; undefined = only an event can change it. */
export function wakeAt(_state: ReleaseState, _now: Instant): Instant | undefined {
  throw new Error('being built')
}
