/** A phase that acts in another environment than its release's own holds that target while it is open: asked for, waited for, let go. */
import type { PhaseId, PhasePlan, Plan } from '../plan/plan.ts'
import { nameOfStream, streamsToHold } from '../target/locks.ts'
import type { Instant } from '../units.ts'
import { accept, refuse, type Rule } from './decision.ts'
import type { Effect } from './effects.ts'
import type { ReleaseEvent } from './events.ts'
import { goesForward } from './standing.ts'
import type { ReleaseState } from './state.ts'

export interface PhaseLock {
  readonly phase: PhaseId
  readonly status: 'awaited' | 'held'
  /** Streams of targets and locks, as `core/target/locks.ts` names them. */
  readonly streams: readonly string[]
  readonly since: Instant
  /** Who is in the way; empty = nobody has looked yet. */
  readonly say: string
}

/** Phases that change something and wait their turn. One that watches acts on nothing, and no way back waits for anybody. */
function holdsWhatItActsOn({ kind }: PhasePlan): boolean {
  return kind === 'gate' || kind === 'rollout'
}

/** What the phase has to hold besides what its release holds all along; empty = nothing. */
export function streamsOfPhase(
  plan: Plan,
  { environment, project }: Pick<ReleaseState, 'environment' | 'project'>,
  phase: PhasePlan,
): readonly string[] {
  if (phase.environment === null || !holdsWhatItActsOn(phase)) return []
  if (plan.drill !== undefined) return streamsOfDrill(plan, phase.environment, project)
  if (phase.environment === environment) return []
  const own = new Set<string>(streamsToHold(plan, environment, project))
  return streamsToHold(plan, phase.environment, project).filter((stream) => !own.has(stream))
}

/** Nothing where it disturbs nobody: there a release may be waiting for just the record that the drill makes. */
function streamsOfDrill(plan: Plan, environment: string, project: string | null): readonly string[] {
  return plan.environments[environment]?.protected === true ? streamsToHold(plan, environment, project) : []
}

/** What phases that have not closed will want, in document order. */
export function streamsToCome(state: ReleaseState): readonly string[] {
  if (state.rehearsal) return []
  const coming = state.plan.phases.filter(({ id }) =>
    ['waiting', 'open'].includes(state.phases.get(id)?.status ?? 'waiting'),
  )
  return [...new Set(coming.flatMap((phase) => streamsOfPhase(state.plan, state, phase)))]
}

/** Whether the phase may open; else what to ask for, once. */
export function askingForLock(
  state: ReleaseState,
  phase: PhasePlan,
): { readonly mayOpen: boolean; readonly events: readonly ReleaseEvent[] } {
  const streams = state.rehearsal ? [] : streamsOfPhase(state.plan, state, phase)
  const { lock } = state
  if (streams.length === 0 || (lock?.phase === phase.id && lock.status === 'held')) return { mayOpen: true, events: [] }
  if (lock?.phase === phase.id) return { mayOpen: false, events: [] }
  return { mayOpen: false, events: [{ kind: 'LockAwaited', phase: phase.id, streams, say: '' }] }
}

export function lockEffects(state: ReleaseState): readonly Effect[] {
  const { lock } = state
  if (lock?.status !== 'awaited' || !goesForward(state)) return []
  return [{ kind: 'TakeLock', key: `lock ${lock.phase}`, phase: lock.phase, streams: lock.streams }]
}

export const takeLock: Rule<'TakeLock'> = (state, { phase }) => {
  const { lock } = state
  if (lock?.phase !== phase || lock.status !== 'awaited' || !goesForward(state))
    return refuse('not-due', 'No phase waits for that.')
  return accept({ kind: 'LockTaken', phase, streams: lock.streams })
}

export const reportLock: Rule<'ReportLock'> = (state, { phase, say }) => {
  const { lock } = state
  if (lock?.phase !== phase || lock.status !== 'awaited') return refuse('not-due', 'No phase waits for that.')
  return lock.say === say ? accept() : accept({ kind: 'LockAwaited', phase, streams: lock.streams, say })
}

/** Total: what an event does to the lock, whatever else it does. */
export function withLock(state: ReleaseState, event: ReleaseEvent, at: Instant): ReleaseState {
  const { lock } = state
  if (event.kind === 'LockAwaited') {
    const since = lock?.phase === event.phase ? lock.since : at
    const { phase, streams, say } = event
    return { ...state, lock: { phase, streams, say, status: 'awaited', since } }
  }
  if (event.kind === 'LockTaken') {
    const { phase, streams } = event
    return { ...state, lock: { phase, streams, status: 'held', since: at, say: '' } }
  }
  return lock !== null && isOver(state, lock, event) ? { ...state, lock: null } : state
}

function isOver(state: ReleaseState, lock: PhaseLock, event: ReleaseEvent): boolean {
  if (state.endedAt !== null) return true
  // What the phase began is taken back while its target is still held; what it only waited for is not wanted any more.
  if (event.kind === 'RollbackStarted') return lock.status === 'awaited'
  if (event.kind === 'PhaseClosed') return event.phase === lock.phase
  if (event.kind !== 'ReleaseAmended') return false
  const phase = state.plan.phases.find(({ id }) => id === lock.phase)
  return phase === undefined || streamsOfPhase(state.plan, state, phase).join() !== lock.streams.join()
}

/** `checkout in staging and the lock shop-cluster`. */
export function lockWords({ streams }: Pick<PhaseLock, 'streams'>): string {
  return streams.map(nameOfStream).join(' and ')
}
