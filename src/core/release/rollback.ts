/** The way back: what is still to be taken back, in which order, and what stands in the way. */
import type { CommandSpec, PhasePlan, StepPlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import {
  backoffMs,
  hasBegun,
  isProbeWanted,
  isAsideStep,
  liveAttempts,
  restoreTries,
  stepState,
  undoTries,
} from './standing.ts'
import { unsettledAction } from './rules/exceptions.ts'
import { servingName } from './serving-name.ts'
import { isChanged } from './serving.ts'
import type { AttemptState, ComponentState, ReleaseState } from './state.ts'

/** Components whose traffic was ever touched and is not verified back on stable. */
export function unrestored(state: ReleaseState): readonly Unrestored[] {
  return notRestored(state).filter(({ rollout, component }) => !isTakenBackByPhase(state, rollout, component.name))
}

interface Unrestored {
  readonly rollout: string
  readonly component: ComponentState
}

function notRestored(state: ReleaseState): readonly Unrestored[] {
  return [...state.rollouts].flatMap(([rollout, each]) =>
    [...each.components.values()]
      .filter((component) => component.touched && !each.restored.has(component.name))
      .map((component) => ({ rollout, component })),
  )
}

/**
 * After 100 % what was stable may be gone: where the checklist has a way back of its own, that brings it, and no weight
 * is moved before it has. Without one the weights are all there is.
 */
function isTakenBackByPhase(state: ReleaseState, rollout: string, component: string): boolean {
  if (state.rollouts.get(rollout)?.doing !== 'done') return false
  return state.plan.phases.some((phase) => phase.kind === 'rollback' && (phase.for === null || phase.for === component))
}

/** Components whose weights stand as 100 % left them, as a rollback phase brings their version back, and of which no look says what serves. */
export function leftToPhase(state: ReleaseState): readonly string[] {
  return notRestored(state)
    .filter(({ rollout, component: { name } }) => isTakenBackByPhase(state, rollout, name))
    .map(({ component: { name } }) => name)
    .filter((name) => !state.captures.has(servingName(name)))
}

export function hopelessRestore(state: ReleaseState): ComponentState | undefined {
  return unrestored(state).find(({ component }) => component.live === null && component.failures >= restoreTries)
    ?.component
}

/** No forward attempt is alive any more: only now may anything be undone. */
export function isForwardDead(state: ReleaseState): boolean {
  return state.plan.steps.every(
    (plan) =>
      isAsideStep(state, plan) ||
      liveAttempts(stepState(state, plan.id)).every(
        (attempt) => attempt.purpose !== 'action' && attempt.purpose !== 'check',
      ),
  )
}

export type NextUndo =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'none' }
  | { readonly kind: 'live'; readonly plan: StepPlan }
  | { readonly kind: 'probe'; readonly plan: StepPlan; readonly probe: CommandSpec }
  | { readonly kind: 'undo'; readonly plan: StepPlan; readonly undo: CommandSpec; readonly notBefore: Instant }
  /** Its forward result is unknown and nothing may run without an answer: a person has to settle it. */
  | { readonly kind: 'unsettled'; readonly plan: StepPlan }
  | { readonly kind: 'hopeless'; readonly plan: StepPlan; readonly say: string }

/** The next undo in reverse order of the actions. One at a time; traffic first. */
export function nextUndo(state: ReleaseState): NextUndo {
  if (state.phase !== 'rolling-back') return { kind: 'none' }
  if (!isForwardDead(state) || unrestored(state).length > 0) return { kind: 'waiting' }
  for (const plan of undoOrder(state)) {
    const next = undoOf(state, plan)
    if (next.kind !== 'none') return next
  }
  return { kind: 'none' }
}

function undoOf(state: ReleaseState, plan: StepPlan): NextUndo {
  const step = stepState(state, plan.id)
  if (plan.block.word !== 'run' || plan.undo === null) return { kind: 'none' }
  const undos = step.attempts.slice(lastActionAt(step.attempts) + 1).filter((attempt) => attempt.purpose === 'undo')
  if (undos.at(-1)?.outcome === 'passed') return { kind: 'none' }
  if (liveAttempts(step).length > 0) return { kind: 'live', plan }
  const unsettled = unsettledAction(step.attempts)
  if (unsettled) {
    const probes = step.attempts.slice(lastActionAt(step.attempts) + 1).filter((each) => each.purpose === 'probe')
    if (plan.block.probe && isProbeWanted(probes)) return { kind: 'probe', plan, probe: plan.block.probe }
    if (!plan.block.idempotent && plan.undo.idempotent !== true) return { kind: 'unsettled', plan }
  }
  const tries = undos.filter((attempt) => attempt.startedAt >= (state.rollback?.triesFrom ?? 0))
  const last = tries.at(-1)
  if (tries.length >= undoTries) return { kind: 'hopeless', plan, say: last?.say ?? '' }
  return { kind: 'undo', plan, undo: plan.undo, notBefore: last ? (last.finishedAt ?? 0) + backoffMs(tries.length) : 0 }
}

function lastActionAt(attempts: readonly AttemptState[]): number {
  return attempts.findLastIndex((attempt) => attempt.purpose === 'action')
}

/** Started actions that no rollback phase covers, last started first. */
export function undoOrder(state: ReleaseState): readonly StepPlan[] {
  const phases = rollbackPhases(state)
  if (phases.some((phase) => phase.for === null)) return []
  const covered = new Set(phases.map((phase) => phase.for))
  const firstStart = (plan: StepPlan) =>
    stepState(state, plan.id).attempts.find((attempt) => attempt.purpose === 'action')?.startedAt ?? 0
  return state.plan.steps
    .filter(
      (plan) =>
        plan.block.word === 'run' &&
        !isAsideStep(state, plan) &&
        hasBegun(stepState(state, plan.id)) &&
        !covered.has(plan.block.component ?? ''),
    )
    .toReversed()
    .sort((a, b) => firstStart(b) - firstStart(a))
}

/** Rollback phases that apply: those for the whole release, and those for a component that was begun. Document order. */
export function rollbackPhases(state: ReleaseState): readonly PhasePlan[] {
  return state.plan.phases.filter(
    (phase) => phase.kind === 'rollback' && (phase.for === null || isChanged(state, phase.for)),
  )
}
