/** What follows by itself once an incident was declared: its phases open, its question runs out, a way back is late. */
import type { PhasePlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { ReleaseEvent } from './events.ts'
import { turnBackOrAsk } from './asks-first.ts'
import { openingOf } from './consequences-phases.ts'
import { countedAttempts, isClosed, isEnded, isIncidentStep, isReady, liveAttempts, stepPlan } from './standing.ts'
import type { IncidentState, ReleaseState } from './state.ts'

export function incidentConsequence(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  if (state.phase === 'rolling-back' && isOverBudget(state, now))
    return [{ kind: 'RollbackOverBudget', budgetMs: budgetOf(state) ?? 0 }]
  if (state.incidents.length === 0) return []
  const undecided = undecidedOf(state)
  if (undecided && undecided.decideBy !== null && undecided.decideBy <= now)
    return unanswered(state, undecided) ?? phasesOf(state, now)
  return phasesOf(state, now)
}

/** The incident that a person has to decide about: it asked, the release still stands still for it. */
export function undecidedOf(state: ReleaseState): IncidentState | undefined {
  if (!isForward(state) || state.hold === null) return undefined
  const { why } = state.hold
  return state.incidents.findLast(
    (each) => each.action === 'ask' && each.status !== 'resolved' && why === wordsOf(each),
  )
}

export function openIncidents(state: ReleaseState): readonly IncidentState[] {
  return state.incidents.filter((each) => each.status !== 'resolved')
}

/** `P2 incident: many complaints`. */
export function wordsOf({ severity, reason }: Pick<IncidentState, 'severity' | 'reason'>): string {
  return `${severity} incident: ${reason}`
}

/** A machine still has something to do for the incident: nobody is waited for here but machines. */
export function isIncidentWorking(state: ReleaseState): boolean {
  if (state.incidents.length === 0) return false
  return state.steps.open.some((step) => {
    const plan = stepPlan(state, step.id)
    if (!isIncidentStep(state, plan) || step.reachedAt === null) return false
    if (liveAttempts(step).length > 0) return true
    const isOfMachine = plan.block.word === 'check' || (plan.block.word === 'run' && !plan.danger)
    return isOfMachine && !state.rehearsal && countedAttempts(step).length === 0 && isReady(state, plan)
  })
}

/** The incident phase that is open, or the first that nobody has come to yet. */
export function nextIncidentPhase(state: ReleaseState): PhasePlan | undefined {
  return state.plan.phases.find(
    (phase) => phase.kind === 'incident' && ['waiting', 'open'].includes(state.phases.get(phase.id)?.status ?? ''),
  )
}

function phasesOf(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  const phase = nextIncidentPhase(state)
  if (!phase) return []
  if (state.phases.get(phase.id)?.status === 'open') {
    const isDone = (state.index.stepsOfPhase.get(phase.id) ?? []).every((step) => isClosed(state, step.id))
    return isDone ? [{ kind: 'PhaseClosed', phase: phase.id, how: 'done', why: '' }] : []
  }
  const opening = openingOf(state, phase, now)
  if (opening.some((event) => event.kind === 'HoldPlaced')) return isForward(state) && !state.hold ? opening : []
  const isOpened = opening.some((event) => event.kind === 'PhaseOpened')
  const by = state.incidents.at(-1)?.by ?? 'engine'
  return isOpened && phase.starts === 'rollback'
    ? [...opening, ...turningBack(state, 'person', by, `decided in "${phase.title}"`)]
    : opening
}

/** undefined = it is asked about already. */
function unanswered(state: ReleaseState, undecided: IncidentState): readonly ReleaseEvent[] | undefined {
  const why = `nobody decided in time: ${wordsOf(undecided)}`
  const turn = { cause: 'no-answer', by: 'engine', why, serving: state.previous } as const
  const [open] = state.steps.open
  const events = turnBackOrAsk(state, turn, { step: open?.id ?? state.plan.steps[0]?.id ?? '', stage: null })
  return events.length > 0 ? events : undefined
}

function turningBack(state: ReleaseState, cause: 'person', by: string, why: string): readonly ReleaseEvent[] {
  return isForward(state) ? [{ kind: 'RollbackStarted', cause, by, why, serving: state.previous }] : []
}

function isForward(state: ReleaseState): boolean {
  return !isEnded(state) && state.rollback === null
}

/** The smallest budget of the rollback phases; null = none names one. */
export function budgetOf(state: ReleaseState): number | null {
  const budgets = state.plan.phases.flatMap(({ kind, budgetMs }) =>
    kind === 'rollback' && budgetMs !== undefined ? [budgetMs] : [],
  )
  return budgets.length === 0 ? null : Math.min(...budgets)
}

/** When the way back becomes late; null = it is told already, or no budget stands. */
export function overBudgetAt(state: ReleaseState): Instant | null {
  const budget = budgetOf(state)
  const { rollback } = state
  return budget === null || rollback === null || rollback.isOverBudget ? null : rollback.startedAt + budget
}

function isOverBudget(state: ReleaseState, now: Instant): boolean {
  const at = overBudgetAt(state)
  return at !== null && now >= at
}
