/** One stream per target and per shared lock: who holds it, what was observed serving, and which starts stand in line for it. */
import type { Actor, Recorded } from '../release/events.ts'
import type { Instant } from '../units.ts'

export type TargetEvent =
  /** `phase` = held for one phase of a release that goes elsewhere, until that phase closes; absent = for as long as it lasts. */
  /** `mandatory` = name of the checklist, which says that nothing else releases here; absent = it says nothing of that. */
  | {
      readonly kind: 'TargetClaimed'
      readonly release: string
      readonly version: string
      readonly phase?: string
      readonly mandatory?: string
    }
  /** The holder let go: it ended, or was superseded while validating. `serving` = what users run now, as far as known. */
  | { readonly kind: 'TargetReleased'; readonly release: string; readonly serving: string | null; readonly why: string }
  | { readonly kind: 'ServingObserved'; readonly version: string; readonly release: string | null }
  /** `release` = the id that it will have. `request` = sha-256 of what was asked, kept as evidence. */
  | {
      readonly kind: 'StartQueued'
      readonly release: string
      readonly version: string
      readonly supersede: boolean
      readonly until: Instant | null
      readonly request: string
    }
  | {
      readonly kind: 'StartWithdrawn'
      readonly release: string
      readonly how: 'left' | 'expired' | 'refused'
      readonly why: string
    }

/** A start that waits until the target is free. It begins by the `TargetClaimed` of its id. */
export interface QueuedStart {
  readonly release: string
  readonly version: string
  readonly by: Actor
  readonly since: Instant
  /** Leaves the line by itself then; null = it stays. */
  readonly until: Instant | null
  readonly supersede: boolean
  readonly request: string
}

export interface WithdrawnStart {
  readonly release: string
  readonly version: string
  readonly by: string
  readonly at: Instant
  readonly how: 'left' | 'expired' | 'refused'
  readonly why: string
}

export interface TargetHolder {
  readonly release: string
  readonly version: string
  readonly since: Instant
  /** Title of the phase that it is held for; null = it is the release's own target. */
  readonly phase: string | null
}

export interface TargetState {
  readonly version: number
  readonly holder: TargetHolder | null
  readonly serving: string | null
  /** Name of the checklist that released here last, where that says that nothing else does; null = it does not. */
  readonly mandatory: string | null
  /** First come, first served. */
  readonly line: readonly QueuedStart[]
  /** The last few starts that left the line without beginning, oldest first. */
  readonly withdrawn: readonly WithdrawnStart[]
}

export const emptyTarget: TargetState = {
  version: 0,
  holder: null,
  serving: null,
  mandatory: null,
  line: [],
  withdrawn: [],
}

/** So many withdrawn starts are remembered. */
const mostWithdrawn = 20
/** A line is looked at this often, whatever its events say. */
const longestRestMs = 60_000

export function targetStream(service: string, environment: string): string {
  return `target/${service}/${environment}`
}

export function evolveTarget(state: TargetState, recorded: Recorded<TargetEvent>): TargetState {
  const { event, version, at, by } = recorded
  switch (event.kind) {
    case 'TargetClaimed': {
      const { release, phase = null } = event
      const holder = { release, version: event.version, since: at, phase }
      // A phase that acts here is of a release of somewhere else.
      const mandatory = event.phase === undefined ? (event.mandatory ?? null) : state.mandatory
      return { ...state, version, holder, mandatory, line: state.line.filter((start) => start.release !== release) }
    }
    case 'TargetReleased':
      return {
        ...state,
        version,
        holder: state.holder?.release === event.release ? null : state.holder,
        serving: event.serving ?? state.serving,
      }
    case 'ServingObserved':
      return { ...state, version, serving: event.version }
    case 'StartQueued': {
      const { kind: _, ...start } = event
      return { ...state, version, line: [...state.line, { ...start, by, since: at }] }
    }
    case 'StartWithdrawn': {
      const start = state.line.find(({ release }) => release === event.release)
      if (!start) return { ...state, version }
      const { how, why, release } = event
      const gone = { release, version: start.version, by: by.id, at, how, why }
      return {
        ...state,
        version,
        line: state.line.filter((each) => each !== start),
        withdrawn: [...state.withdrawn, gone].slice(-mostWithdrawn),
      }
    }
    default:
      // Of a younger program: the version alone has to be right.
      return { ...state, version }
  }
}

/** When somebody should look at the line; null = nobody stands in it. */
export function nextLookAtLine({ line, holder }: TargetState, now: Instant): Instant | null {
  if (line.length === 0) return null
  if (holder === null) return now
  return Math.max(now, Math.min(now + longestRestMs, ...line.flatMap(({ until }) => until ?? [])))
}
