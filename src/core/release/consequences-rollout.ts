/** What follows by itself for rollouts, watches and triggers: stages, soaks, questions, answers that never came. */
import type { Instant } from '../units.ts'
import type { ReleaseEvent } from './events.ts'
import { nextShift } from './due-traffic.ts'
import { turnBackOrAsk } from './asks-first.ts'
import { questionsOf } from './questions.ts'
import { isReadyToLeave } from './stage.ts'
import {
  goesForward,
  isClosed,
  isReady,
  reopenedSteps,
  rolloutsOf,
  staleSteps,
  stepPlan,
  stepState,
  type RolloutView,
} from './standing.ts'
import type { ReleaseState } from './state.ts'
import { watchNeedsMs } from './watch-times.ts'

export function rolloutConsequence(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  if (state.phase !== 'running' && state.phase !== 'validating' && state.phase !== 'signed-off') return []
  const found = [
    overdue,
    armed,
    ...rolloutsOf(state).map((rollout) => () => rolloutStep(state, rollout, now)),
    watchEnd,
    question,
  ]
  for (const each of found) {
    const events = each(state, now)
    if (events.length > 0) return events
  }
  return []
}

/** Nobody answered in time: what the checklist says happens then. */
function overdue(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  const { asked } = state
  if (!asked || asked.until === null || now < asked.until || state.hold !== null) return []
  const why = `nobody answered in time: ${asked.question}`
  const { step, stage } = asked
  return asked.otherwise === 'rollback'
    ? turnBackOrAsk(state, { cause: 'no-answer', by: 'engine', why, serving: state.previous }, { step, stage })
    : [{ kind: 'HoldPlaced', by: 'engine', why }]
}

function armed(state: ReleaseState): readonly ReleaseEvent[] {
  const watched = [...state.observations.values()].some((observation) => observation.stage === null)
  if ((state.firstTrafficAt === null && !watched) || state.phase === 'signed-off') return []
  return [...state.triggers.values()]
    .filter((trigger) => trigger.status === 'waiting')
    .map((trigger) => ({ kind: 'TriggerArmed', trigger: trigger.id }))
}

function rolloutStep(state: ReleaseState, rollout: RolloutView, now: Instant): readonly ReleaseEvent[] {
  const { plan, block, stage, state: standing } = rollout
  const step = stepState(state, plan.id)
  if (
    state.rehearsal ||
    step.closed ||
    step.reachedAt === null ||
    step.blocked !== null ||
    !isReady(state, plan) ||
    standing.doing === 'done'
  )
    return []
  if (standing.doing === 'putting-back') return gaveUp(state, rollout)
  if (!goesForward(state) || reopenedSteps(state).length > 0) return []
  if (!stage) return entering(state, rollout, 0, now)
  if (standing.doing === 'shifting')
    return nextShift(rollout) === undefined ? [{ kind: 'SoakStarted', rollout: plan.id, stage: standing.stage }] : []
  if (standing.doing !== 'soaking' || !mayLeave(state, rollout)) return []
  const stale = staleSteps(state, now)[0]
  if (stale) return [{ kind: 'StepReopened', ...stale }]
  const left: ReleaseEvent = {
    kind: 'StageLeft',
    rollout: plan.id,
    stage: standing.stage,
    by: standing.promotedBy === null ? 'judge' : 'person',
    soakMs: state.observations.get(plan.id)?.soakMs ?? 0,
  }
  const isLast = standing.stage + 1 >= block.stages.length
  return isLast
    ? [left, { kind: 'RolloutFinished', rollout: plan.id }]
    : [left, ...entering(state, rollout, standing.stage + 1, now)]
}

function entering(state: ReleaseState, rollout: RolloutView, stage: number, now: Instant): readonly ReleaseEvent[] {
  const stale = staleSteps(state, now)[0]
  return stale ? [{ kind: 'StepReopened', ...stale }] : [{ kind: 'StageEntered', rollout: rollout.plan.id, stage }]
}

/** The judge's go is enough unless the stage asks for a person; a person's go was checked when it was given. */
function mayLeave(state: ReleaseState, rollout: RolloutView): boolean {
  const { stage } = rollout
  if (!stage) return false
  if (rollout.state.promotedBy !== null) return stage.steps.every((id) => isClosed(state, id))
  return stage.promote === null && isReadyToLeave(state, rollout)
}

/** Everything that could be put back is back where the stage began: hold until a person decides. */
function gaveUp(state: ReleaseState, rollout: RolloutView): readonly ReleaseEvent[] {
  if (state.hold !== null || nextShift(rollout) !== undefined) return []
  if ([...rollout.state.components.values()].some((component) => component.live !== null)) return []
  const failed = [...rollout.state.components.values()].find((component) => component.failures > 0)
  return [
    {
      kind: 'HoldPlaced',
      by: 'engine',
      why: `${failed?.name ?? 'a component'} could not be moved to ${rollout.stage?.weightPercent ?? 0} %: ${failed?.say ?? ''}. The others were put back.`,
    },
  ]
}

function watchEnd(state: ReleaseState): readonly ReleaseEvent[] {
  if (!goesForward(state)) return []
  return [...state.observations.values()].flatMap((observation): ReleaseEvent[] => {
    const { block } = stepPlan(state, observation.step)
    if (
      block.word !== 'watch' ||
      observation.ended ||
      observation.verdict?.zone !== 'go' ||
      observation.soakMs < watchNeedsMs(block, observation)
    )
      return []
    return [{ kind: 'WatchEnded', step: observation.step, observedMs: observation.soakMs }]
  })
}

function question(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  const due = questionsOf(state).find((each) => each.at <= now)
  if (!due) return []
  if (due.does === 'rollback')
    return turnBackOrAsk(
      state,
      { cause: 'no-data', by: 'engine', why: due.say, serving: state.previous },
      { step: due.step, stage: due.stage },
    )
  const until = due.withinMs === null ? null : now + due.withinMs
  return [
    {
      kind: 'DecisionAsked',
      step: due.step,
      stage: due.stage,
      role: due.role,
      question: due.say,
      until,
      otherwise: due.otherwise,
    },
  ]
}
