/** Who turns a release back by itself asks first where going back does not bring everything back: data that a migration destroyed. */
import type { StepId } from '../plan/plan.ts'
import type { EventOf, ReleaseEvent } from './events.ts'
import { isAsideStep, stepState } from './standing.ts'
import type { ReleaseState } from './state.ts'

/** The way back, or a question about it and a hold until a person has answered. Empty = both stand already. */
export function turnBackOrAsk(
  state: ReleaseState,
  turn: Omit<EventOf<'RollbackStarted'>, 'kind'>,
  about: { readonly step: StepId; readonly stage: number | null },
): readonly ReleaseEvent[] {
  const destroyed = destroyedIn(state)
  if (destroyed.length === 0) return [{ kind: 'RollbackStarted', ...turn }]
  const why = `${turn.why}; ${few(destroyed)} may have run, and going back does not bring back what it destroyed`
  const question = `${why}. Roll back?`
  return [
    ...(state.hold === null ? [{ kind: 'HoldPlaced', by: 'engine', why } as const] : []),
    ...(state.asked === null
      ? [{ kind: 'DecisionAsked', ...about, role: null, question, until: null, otherwise: 'hold' } as const]
      : []),
  ]
}

/**
 * Migrations that were pending, destroy something or may do so, and for which an action may have run them since: every one
 * that began after the check of them. Whether that check passed, or was waived, changes nothing about what they do.
 */
export function destroyedIn(state: ReleaseState): readonly string[] {
  const looks = state.plan.steps.flatMap((plan) => {
    if (plan.block.word !== 'check' || plan.block.kind !== 'migrations' || isAsideStep(state, plan)) return []
    const last = stepState(state, plan.id).attempts.findLast(({ facts }) => facts['pending'] !== undefined)
    const names = last === undefined ? [] : [...textsOf(last.facts['destructive']), ...textsOf(last.facts['unknown'])]
    return names.length === 0 ? [] : [{ names, at: last?.finishedAt ?? 0 }]
  })
  if (looks.length === 0) return []
  const begun = state.plan.steps
    .filter((plan) => plan.block.word === 'run' && !isAsideStep(state, plan))
    .flatMap((plan) => stepState(state, plan.id).attempts)
    .filter(({ purpose, facts }) => purpose === 'action' && facts['notStarted'] !== true)
    .map(({ startedAt }) => startedAt)
  const latest = Math.max(Number.NEGATIVE_INFINITY, ...begun)
  return [...new Set(looks.filter(({ at }) => latest >= at).flatMap(({ names }) => names))]
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function few(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return `${names.slice(0, 3).join(', ')}${more}`
}
