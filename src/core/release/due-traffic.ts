/** What is owed to traffic now: shifts, repeats, restores; and what has to be observed. */
import type { ComponentPlan, StagePlan } from '../plan/plan.ts'
import type { Instant, Millis } from '../units.ts'
import { judgeFor } from './baseline.ts'
import type { Effect } from './effects.ts'
import { unrestored } from './rollback.ts'
import {
  backoffMs,
  goesForward,
  reopenedSteps,
  restoreTries,
  rolloutsOf,
  shiftTries,
  stepPlan,
  type RolloutView,
} from './standing.ts'
import type { ComponentState, ObservationState, ReleaseState } from './state.ts'

export function shiftEffects(state: ReleaseState, now: Instant): readonly Effect[] {
  if (state.phase !== 'running') return []
  return rolloutsOf(state).flatMap((rollout) => shiftsOf(state, rollout, now))
}

function shiftsOf(state: ReleaseState, rollout: RolloutView, now: Instant): readonly Effect[] {
  const { doing } = rollout.state
  if (doing !== 'shifting' && doing !== 'putting-back') return []
  const live = [...rollout.state.components.values()].find((component) => component.live !== null)
  if (live?.live) {
    const { attempt, epoch, weightPercent } = live.live
    return [
      {
        kind: 'RepeatShift',
        key: `shift ${rollout.plan.id} ${live.name}`,
        rollout: rollout.plan.id,
        component: componentPlan(rollout, live.name),
        weightPercent,
        attempt,
        epoch,
      },
    ]
  }
  const next = nextShift(rollout)
  if (!next || shiftDueAt(next.component) > now || !mayShift(state, doing)) return []
  return [
    {
      kind: 'ShiftTraffic',
      key: `shift ${rollout.plan.id} ${next.component.name}`,
      rollout: rollout.plan.id,
      component: componentPlan(rollout, next.component.name),
      weightPercent: next.weightPercent,
    },
  ]
}

/** A hold stops what goes forward; putting back is not forward. */
function mayShift(state: ReleaseState, doing: 'shifting' | 'putting-back'): boolean {
  return doing === 'putting-back' || (goesForward(state) && reopenedSteps(state).length === 0)
}

/** Components move in the order of the checklist, one after another; back likewise. */
export function nextShift(rollout: RolloutView): { component: ComponentState; weightPercent: number } | undefined {
  const components = rollout.block.components.flatMap((plan) => rollout.state.components.get(plan.name) ?? [])
  if (rollout.state.doing === 'putting-back') {
    const component = components.find(
      (each) => each.verifiedPercent !== each.stageBasePercent && each.failures < 2 * shiftTries,
    )
    return component && { component, weightPercent: component.stageBasePercent }
  }
  const weightPercent = rollout.stage?.weightPercent
  if (weightPercent === undefined) return undefined
  const component = components.find((each) => each.verifiedPercent !== weightPercent)
  return component && { component, weightPercent }
}

export function shiftDueAt(component: ComponentState): Instant {
  return component.lastFailureAt === null ? 0 : component.lastFailureAt + backoffMs(component.failures)
}

function componentPlan(rollout: RolloutView, name: string): ComponentPlan {
  const plan = rollout.block.components.find((each) => each.name === name)
  if (!plan) throw new Error(`bug: no component ${name}`)
  return plan
}

/** All at once and in parallel: going back waits for nothing. */
export function restoreEffects(state: ReleaseState, now: Instant): readonly Effect[] {
  if (state.phase !== 'rolling-back') return []
  const views = new Map(rolloutsOf(state).map((rollout) => [rollout.plan.id, rollout]))
  return unrestored(state).flatMap(({ rollout, component }): Effect[] => {
    const restoring = component.live?.purpose === 'restore' ? component.live.attempt : null
    if (restoring === null && (component.failures >= restoreTries || shiftDueAt(component) > now)) return []
    return [
      {
        kind: 'RestoreTraffic',
        key: `restore ${rollout} ${component.name}`,
        rollout,
        component: componentPlan(views.get(rollout)!, component.name),
        attempt: restoring,
      },
    ]
  })
}

/** Soaking stages and running watches; a hold does not blind us. */
export function observeEffects(state: ReleaseState): readonly Effect[] {
  if (state.phase !== 'running' && state.phase !== 'validating' && state.phase !== 'signed-off') return []
  return [...state.observations.values()]
    .filter((observation) => !observation.ended)
    .flatMap((observation) => observeEffect(state, observation))
}

function observeEffect(state: ReleaseState, observation: ObservationState): readonly Effect[] {
  const { step, stage, startedAt, restarts, extendedMs } = observation
  const { block } = stepPlan(state, step)
  const key = `observe ${step} ${stage ?? 'watch'}`
  if (block.word === 'watch') {
    const { checks, forMs: plannedMs } = block
    const judge = judgeFor(state, block.judge, null)
    // Begun again or extended it is another piece of work: whoever observes asks anew from when and how long.
    const again = restarts > 0 || extendedMs > 0 ? ` again ${restarts} longer ${extendedMs}` : ''
    const common = { kind: 'Observe', step, stage, stagePlan: null, plannedMs, judge, startedAt } as const
    return [{ ...common, key: `${key}${again}`, expected: [], checks }]
  }
  if (block.word !== 'rollout' || stage === null) return []
  const stagePlan = block.stages[stage]
  if (!stagePlan) return []
  const expected = expectedWeights(state, step, stage, block.components, stagePlan.weightPercent)
  const isBetween =
    expected.some((each) => each.weightPercent !== stagePlan.weightPercent) || expected.length < block.components.length
  const between = expected.map((each) => `${each.component.name}=${each.weightPercent}`).join(' ')
  return [
    {
      kind: 'Observe',
      key: isBetween ? `${key} between ${between}` : key,
      step,
      stage,
      stagePlan,
      plannedMs: soaksOf(block.stages),
      judge: judgeFor(state, block.judge, stagePlan),
      startedAt,
      expected,
      checks: [],
    },
  ]
}

/** All soaks of a rollout. */
export function soaksOf(stages: readonly StagePlan[]): Millis {
  return stages.reduce((sum, stage) => sum + stage.soakMs, 0)
}

/** While a stage soaks all components have its weight; between two stages those that were read back have their own. */
function expectedWeights(
  state: ReleaseState,
  step: string,
  stage: number,
  plans: readonly ComponentPlan[],
  weightPercent: number,
): readonly { component: ComponentPlan; weightPercent: number }[] {
  const rollout = state.rollouts.get(step)
  if (!rollout || (rollout.doing === 'soaking' && rollout.stage === stage))
    return plans.map((component) => ({ component, weightPercent }))
  return plans.flatMap((component) => {
    const standing = rollout.components.get(component.name)
    return standing && standing.live === null && standing.verifiedPercent >= 0
      ? [{ component, weightPercent: standing.verifiedPercent }]
      : []
  })
}

export function triggerEffects(state: ReleaseState): readonly Effect[] {
  if (state.phase !== 'running' && state.phase !== 'validating' && state.phase !== 'signed-off') return []
  return state.plan.triggers
    .filter((trigger) => ['armed', 'blind'].includes(state.triggers.get(trigger.id)?.status ?? ''))
    .map((trigger) => ({ kind: 'ObserveTrigger', key: `trigger ${trigger.id}`, trigger }))
}
