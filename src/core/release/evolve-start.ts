/** The state a release begins with, and the state an amended plan leads to. */
import type { Plan, StepPlan } from '../plan/plan.ts'
import type { EventOf, Recorded } from './events.ts'
import { planIn } from './plan-in.ts'
import { indexPlan } from './plan-index.ts'
import { releaseTypeOf } from './release-type.ts'
import { StepTable } from './step-table.ts'
import { noTime } from './time-state.ts'
import type { ComponentState, ReleaseState, RolloutState, StepState } from './state.ts'

export function startedState(event: EventOf<'ReleaseStarted'>, recorded: Recorded): ReleaseState {
  const plan = planIn(event.plan, event.environment)
  return {
    id: event.release,
    version: recorded.version,
    phase: 'running',
    plan,
    index: indexPlan(plan),
    releaseVersion: event.version,
    previous: event.previous,
    environment: event.environment,
    releaseType: releaseTypeOf(event.version, event.previous, event.hotfixOf !== undefined),
    hotfixOf: event.hotfixOf ?? null,
    hotfixes: [],
    incidents: [],
    followUps: [],
    project: event.project ?? null,
    link: event.link ?? null,
    inputs: event.inputs,
    workspace: event.workspace,
    artefact: event.artefact,
    rehearsal: event.rehearsal,
    andBack: event.andBack === true,
    startedBy: recorded.by,
    startedAt: recorded.at,
    lastEventAt: recorded.at,
    phases: new Map(
      plan.phases.map((phase) => [phase.id, { status: 'waiting', openedAt: null, closedAt: null, why: '' }]),
    ),
    steps: StepTable.of(plan.steps.map((step) => freshStep(step.id))),
    rollouts: freshRollouts(plan),
    observations: new Map(),
    triggers: new Map(plan.triggers.map((trigger) => [trigger.id, { id: trigger.id, status: 'waiting', say: '' }])),
    messages: new Map(),
    owedMessages: [],
    captures: new Map(),
    present: new Map(),
    hold: null,
    leaveProposed: null,
    lock: null,
    rollback: null,
    asked: null,
    notes: [],
    endedAt: null,
    endedWhy: null,
    time: { ...noTime, plannedAt: event.plannedAt ?? null, lateWhy: event.lateWhy ?? null },
    firstTrafficAt: null,
    validatingAt: null,
    signedOffAt: null,
  }
}

export function freshStep(id: string): StepState {
  return {
    id,
    reachedAt: null,
    blocked: null,
    closed: null,
    attempts: [],
    answer: null,
    fields: {},
    captureFailures: {},
    windows: {},
    approvals: [],
    rejected: null,
    confirmations: [],
    waiver: null,
    record: null,
    recordMissing: null,
    wait: null,
    assigned: null,
    attemptsFrom: 0,
    reopened: null,
  }
}

function freshRollouts(plan: Plan): Map<string, RolloutState> {
  return new Map(
    plan.steps.filter((step) => step.block.word === 'rollout').map((step) => [step.id, freshRollout(step)]),
  )
}

function freshRollout(step: StepPlan): RolloutState {
  const components = step.block.word === 'rollout' ? step.block.components : []
  return {
    stage: -1,
    doing: 'waiting',
    stageEnteredAt: null,
    soakStartedAt: null,
    promotedBy: null,
    components: new Map(components.map((each) => [each.name, freshComponent(each.name)])),
    restored: new Map(),
  }
}

function freshComponent(name: string): ComponentState {
  return {
    name,
    verifiedPercent: 0,
    stageBasePercent: 0,
    live: null,
    failures: 0,
    lastFailureAt: null,
    touched: false,
    say: '',
  }
}

/** Unchanged steps keep all they have; changed ones begin afresh but keep their attempts as history. */
export function amendedState(state: ReleaseState, event: EventOf<'ReleaseAmended'>): ReleaseState {
  const plan = planIn(event.plan, state.environment)
  const kept = new Set(event.kept)
  const steps = plan.steps.map((step): StepState => {
    const before = state.steps.get(step.id)
    if (before && kept.has(step.id)) return before
    const fresh = freshStep(step.id)
    return before ? { ...fresh, attempts: before.attempts, attemptsFrom: before.attempts.length } : fresh
  })
  const rollouts = freshRollouts(plan)
  for (const [id, rollout] of state.rollouts) if (rollouts.has(id)) rollouts.set(id, rollout)
  return {
    ...state,
    plan,
    index: indexPlan(plan),
    steps: StepTable.of(steps),
    rollouts,
    phases: new Map(
      plan.phases.map((phase) => [
        phase.id,
        state.phases.get(phase.id) ?? { status: 'waiting', openedAt: null, closedAt: null, why: '' },
      ]),
    ),
    triggers: new Map(
      plan.triggers.map((trigger) => [
        trigger.id,
        state.triggers.get(trigger.id) ?? { id: trigger.id, status: 'waiting', say: '' },
      ]),
    ),
  }
}
