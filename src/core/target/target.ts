/** One stream per `target/<service>/<environment>`: who holds it, and what was observed serving. */
import type { Instant } from '../units.ts'
import type { Recorded } from '../release/events.ts'

export type TargetEvent =
  | { readonly kind: 'TargetClaimed'; readonly release: string; readonly version: string }
  /** The holder let go: it ended, or was superseded while validating. `serving` = what users run now, as far as known. */
  | { readonly kind: 'TargetReleased'; readonly release: string; readonly serving: string | null; readonly why: string }
  | { readonly kind: 'ServingObserved'; readonly version: string; readonly release: string | null }

export interface TargetState {
  readonly version: number
  readonly holder: { readonly release: string; readonly version: string; readonly since: Instant } | null
  readonly serving: string | null
}

export const emptyTarget: TargetState = { version: 0, holder: null, serving: null }

export function targetStream(service: string, environment: string): string {
  return `target/${service}/${environment}`
}

export function evolveTarget(state: TargetState, recorded: Recorded<TargetEvent>): TargetState {
  const { event, version, at } = recorded
  switch (event.kind) {
    case 'TargetClaimed':
      return { ...state, version, holder: { release: event.release, version: event.version, since: at } }
    case 'TargetReleased':
      return {
        ...state,
        version,
        holder: state.holder?.release === event.release ? null : state.holder,
        serving: event.serving ?? state.serving,
      }
    case 'ServingObserved':
      return { ...state, version, serving: event.version }
  }
}
