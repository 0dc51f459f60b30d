/** A rehearsal of the way back: what is out is taken back at once, and how long that took is a record. */
import { wayBackDigest } from '../plan/way-back.ts'
import { rehearsalRecord } from '../records/rehearsal-record.ts'
import type { Millis } from '../units.ts'
import type { ReleaseEvent } from './events.ts'
import { leftToPhase } from './rollback.ts'
import { servingOf } from './serving.ts'
import { anythingBegun, goesForward, isForwardPhase, isRollbackStep } from './standing.ts'
import type { AttemptState, ReleaseState } from './state.ts'
import type { MadeRecord, Owed } from './record-making.ts'

/** Whatever ships has shipped: nobody waits for watches and signatures of a version that goes back anyway. */
export function thereAndBackConsequence(state: ReleaseState): readonly ReleaseEvent[] {
  if (!state.andBack || state.rollback !== null || !goesForward(state) || !isOut(state)) return []
  const why = `${state.releaseVersion} is out; the way back to ${state.previous ?? 'what served'} is rehearsed`
  return [{ kind: 'RollbackStarted', cause: 'rehearsal', by: 'engine', why, serving: state.previous }]
}

function isOut(state: ReleaseState): boolean {
  const acting = new Set(
    state.plan.steps.flatMap(({ block, phase }) => (block.word === 'run' || block.word === 'rollout' ? [phase] : [])),
  )
  const shipping = state.plan.phases.filter((phase) => isForwardPhase(phase) && acting.has(phase.id))
  return shipping.every(({ id }) => {
    const status = state.phases.get(id)?.status
    if (status === 'closed' || status === 'not-applicable') return true
    const steps = state.index.stepsOfPhase.get(id) ?? []
    return (
      status === 'open' &&
      steps
        .filter(({ block }) => ['run', 'rollout', 'check'].includes(block.word))
        .every((step) => state.steps.get(step.id)?.closed != null)
    )
  })
}

export interface TimedStep {
  readonly text: string
  readonly tookMs: Millis
  readonly ok: boolean
}

/** Every piece of the way back that ended, in the order in which they began. */
export function wayBackTimes(state: ReleaseState): readonly TimedStep[] {
  const { rollback } = state
  if (rollback === null) return []
  const pieces = state.plan.steps.flatMap((plan) => {
    const isBack = isRollbackStep(state, plan)
    const attempts = state.steps.get(plan.id)?.attempts ?? []
    const own = attempts.filter(({ purpose, startedAt }) =>
      isBack ? purpose === 'action' || purpose === 'check' : purpose === 'undo' && startedAt >= rollback.startedAt,
    )
    return own.length === 0 || own.at(-1)?.finishedAt == null ? [] : [timed(plan.text, isBack, own)]
  })
  return pieces.toSorted((one, other) => one.at - other.at).map(({ text, tookMs, ok }) => ({ text, tookMs, ok }))
}

/** From the first try to the end of the last. */
function timed(text: string, isBack: boolean, attempts: readonly AttemptState[]): TimedStep & { readonly at: number } {
  const [first, last] = [attempts[0]!, attempts.at(-1)!]
  return {
    at: first.startedAt,
    text: isBack ? text : `taken back: ${text}`,
    tookMs: Math.max(0, (last.finishedAt ?? last.startedAt) - first.startedAt),
    ok: last.outcome === 'passed' || last.settled === 'done',
  }
}

const mostSteps = 30

/** Owed once the way back has ended; one that never began because nothing was out proves nothing. */
export function rehearsalToWrite(state: ReleaseState): readonly Owed[] {
  const { rollback } = state
  const isOver = state.phase === 'rolled-back' || state.phase === 'rollback-failed'
  if (!state.andBack || rollback?.cause !== 'rehearsal' || !isOver || !anythingBegun(state)) return []
  const carrier =
    state.plan.steps.find((plan) => isRollbackStep(state, plan)) ??
    state.plan.steps.findLast(({ block }) => block.word === 'run' || block.word === 'rollout')
  const id = `${state.id}/way-back`
  if (carrier === undefined || state.steps.get(carrier.id)?.written?.includes(id) === true) return []
  const endedAt = rollback.finishedAt ?? state.endedAt ?? state.lastEventAt
  const times = wayBackTimes(state)
  const record: MadeRecord = {
    id,
    attempt: null,
    name: rehearsalRecord,
    environment: state.environment,
    release: state.id,
    ...(state.project !== null && { project: state.project }),
    ...((state.phase === 'rollback-failed' || times.some(({ ok }) => !ok)) && { outcome: 'failed' }),
    observedAt: endedAt,
    by: state.startedBy.id,
    note: noteOf(state),
    evidence: [],
    tookMs: Math.max(0, endedAt - rollback.startedAt),
    facts: {
      from: state.previous ?? '',
      to: state.releaseVersion,
      way_back: wayBackDigest(state.plan),
      ...Object.fromEntries(servingOf(state).map(({ component, version }) => [`before ${component}`, version ?? ''])),
      // Only the phase moved it, if it did: no weight was set.
      ...(leftToPhase(state).length > 0 && { 'traffic as 100 % left it': leftToPhase(state).join(', ') }),
      ...Object.fromEntries(times.slice(0, mostSteps).map(({ text, tookMs }) => [`seconds of ${text}`, tookMs / 1000])),
    },
  }
  return [{ step: carrier.id, record }]
}

function noteOf(state: ReleaseState): string {
  const way = `from ${state.releaseVersion} back to ${state.previous ?? 'what served'}`
  return state.rollback?.failed == null ? way : `${way}: ${state.rollback.failed}`
}
