/** People: those who do what the release waits for, sooner or later, and those who press anything. */
import type { PersonCommand } from '../src/core/release/commands.ts'
import type { Actor } from '../src/core/release/events.ts'
import { answerSpecOf } from '../src/core/release/rules/answers.ts'
import { unsettledAction } from '../src/core/release/rules/exceptions.ts'
import { actionStanding, countedAttempts, isReady, liveAttempts } from '../src/core/release/standing.ts'
import type { ReleaseState, StepState } from '../src/core/release/state.ts'
import type { StepPlan } from '../src/core/plan/plan.ts'
import { people, roles } from './plans.ts'
import type { Rng } from './rng.ts'
import type { World } from './world.ts'

export type Ask = Exclude<PersonCommand, { kind: 'StartRelease' }>
export interface Deed {
  readonly who: Actor
  readonly ask: Ask
}

export function person(id: string): Actor {
  return { id, kind: 'person', assurance: 'claimed' }
}

const [ben, cleo, dan] = [person('ben'), person('cleo'), person('dan')]

/** Everything a diligent team would do now to bring the release to its end. */
export function deedsFor(state: ReleaseState, world: World): readonly Deed[] {
  if (state.phase === 'rollback-failed') return [{ who: ben, ask: { kind: 'Rollback', why: 'again' } }]
  if (state.hold) return [{ who: ben, ask: { kind: 'Resume', why: 'looked at it' } }]
  return [...rolloutDeeds(state), ...state.plan.steps.flatMap((plan) => stepDeeds(state, plan, world))]
}

function rolloutDeeds(state: ReleaseState): readonly Deed[] {
  const asked = state.asked
  const soaks = [...state.rollouts.values()].some((rollout) => rollout.doing === 'soaking')
  if (asked && !soaks) return [{ who: ben, ask: { kind: 'Rollback', why: 'it does not get better' } }]
  return [...state.rollouts.values()]
    .filter((rollout) => rollout.doing === 'soaking')
    .flatMap((rollout) =>
      [ben, cleo, dan].map(
        (who): Deed => ({
          who,
          ask: { kind: 'Promote', stage: rollout.stage, role: null, reason: asked ? 'looks fine by hand' : null },
        }),
      ),
    )
}

function stepDeeds(state: ReleaseState, plan: StepPlan, world: World): readonly Deed[] {
  const step = state.steps.get(plan.id)
  if (!step || step.closed) return undoDeeds(state, plan, step, world)
  if (step.reachedAt === null || liveAttempts(step).length > 0) return undoDeeds(state, plan, step, world)
  if (step.blocked !== null)
    return [{ who: ben, ask: { kind: 'MarkNotApplicable', step: plan.id, reason: 'it does not apply', role: null } }]
  if (!isReady(state, plan) && plan.block.word !== 'record') return []
  return [...questionDeeds(plan, step), ...machineDeeds(state, plan, step, world)]
}

/** An unknown action keeps a rollback waiting even after its step was closed. */
function undoDeeds(state: ReleaseState, plan: StepPlan, step: StepState | undefined, world: World): readonly Deed[] {
  if (state.phase !== 'rolling-back' || !step || !unsettledAction(step.attempts) || liveAttempts(step).length > 0)
    return []
  return [settle(state, plan, world)]
}

function questionDeeds(plan: StepPlan, step: StepState): readonly Deed[] {
  const { block } = plan
  const id = plan.id
  if (block.word === 'approve') {
    const again: Deed[] = step.rejected ? [{ who: ben, ask: { kind: 'Retry', step: id } }] : []
    return [
      ...again,
      ...[cleo, dan, ben].map(
        (who): Deed => ({ who, ask: { kind: 'Approve', step: id, role: null, digest: null, typed: null, note: null } }),
      ),
    ]
  }
  if (block.word === 'run' && plan.danger && step.confirmations.length < 2) {
    return [ben, cleo].map(
      (who): Deed => ({ who, ask: { kind: 'Approve', step: id, role: null, digest: null, typed: id, note: null } }),
    )
  }
  const spec = answerSpecOf(plan)
  const isAsked =
    spec &&
    step.answer?.passes !== true &&
    (block.word !== 'record' || ((step.recordMissing !== null || step.answer !== null) && step.record === null))
  if (!isAsked) return []
  const fields = Object.fromEntries(
    spec.fields
      .filter((field) => field.capture === null || step.captureFailures[field.name] !== undefined)
      .map((field) => [field.name, '7']),
  )
  return [{ who: dan, ask: { kind: 'Answer', step: id, answer: 'passed', note: null, fields, evidence: [evidence] } }]
}

const evidence = { name: 'photo', sha256: 'a'.repeat(64), size: 1, mediaType: 'image/png', truncated: false }

function machineDeeds(state: ReleaseState, plan: StepPlan, step: StepState, world: World): readonly Deed[] {
  const { block, id } = plan
  if (block.word === 'run') {
    const standing = actionStanding(step, block)
    if (standing === 'unknown') return [settle(state, plan, world)]
    return standing === 'failed' ? [tryAgain(id, step, 'action')] : []
  }
  if (block.word !== 'check') return []
  const last = countedAttempts(step).findLast((attempt) => attempt.purpose === 'check')
  return last && last.outcome !== null && last.outcome !== 'passed' ? [tryAgain(id, step, 'check')] : []
}

function tryAgain(step: string, { attempts }: StepState, purpose: 'action' | 'check'): Deed {
  const tries = attempts.filter((attempt) => attempt.purpose === purpose).length
  if (tries < 6) return { who: ben, ask: { kind: 'Retry', step } }
  return { who: ben, ask: { kind: 'Waive', step, reason: 'known flake', role: 'release-engineer', expires: null } }
}

/** Settled by looking: the truth. */
function settle(state: ReleaseState, plan: StepPlan, world: World): Deed {
  return {
    who: cleo,
    ask: {
      kind: 'Settle',
      step: plan.id,
      as: world.isApplied(state.id, plan.id) ? 'done' : 'failed',
      why: 'looked at the target',
    },
  }
}

/** Whoever started it would like to sign everything, and may not. Takes no chance, so that histories stay what they were. */
export function forbiddenDeeds(state: ReleaseState): readonly Deed[] {
  const who = person(state.startedBy.id)
  return state.plan.steps.flatMap(({ id, block }): readonly Deed[] => {
    const step = state.steps.get(id)
    if (block.word !== 'approve' || !block.not.includes('author') || step?.reachedAt == null || step.closed) return []
    return [null, ...block.roles].map((role) => ({
      who,
      ask: { kind: 'Approve', step: id, role, digest: null, typed: null, note: null },
    }))
  })
}

/** Anything at all, by anybody. */
export function randomDeed(rng: Rng, state: ReleaseState, abortive: boolean): Deed {
  const step = stepToPoke(rng, state)
  const role = rng.pick([null, ...Object.keys(roles)])
  const why = rng.chance(0.9) ? 'because' : ''
  const asks: readonly Ask[] = [
    {
      kind: 'Answer',
      step,
      answer: rng.pick(['passed', 'failed', 'maybe']),
      note: null,
      fields: {},
      evidence: rng.chance(0.5) ? [evidence] : [],
    },
    {
      kind: 'Approve',
      step,
      role,
      digest: rng.pick([null, 'f'.repeat(64)]),
      typed: rng.pick([null, step]),
      note: null,
    },
    { kind: 'Reject', step, role, why },
    { kind: 'RevokeApproval', step, why },
    {
      kind: 'Waive',
      step,
      reason: why,
      role: 'release-engineer',
      expires: rng.chance(0.7) ? null : state.lastEventAt + 30_000,
    },
    { kind: 'MarkNotApplicable', step, reason: why, role },
    { kind: 'Assign', step, to: 'eve' },
    { kind: 'Retry', step },
    { kind: 'Promote', stage: rng.pick([null, 0, 1, 2]), role, reason: rng.pick([null, 'trust me']) },
    { kind: 'Hold', why },
    { kind: 'Resume', why },
    { kind: 'Settle', step, as: rng.pick(['done', 'failed', 'retry']), why },
    { kind: 'Note', step: rng.pick([null, step]), note: why },
    ...(abortive ? abortions(rng, state, why) : []),
  ]
  return { who: person(rng.pick(people)), ask: rng.pick(asks) }
}

/** Mostly a step that something can be done about. */
function stepToPoke(rng: Rng, state: ReleaseState): string {
  const open = [...state.steps.values()].filter((step) => step.reachedAt !== null && step.closed === null)
  return open.length > 0 && rng.chance(0.7) ? rng.pick(open).id : rng.pick(state.plan.steps).id
}

function abortions(rng: Rng, state: ReleaseState, why: string): readonly Ask[] {
  return [
    { kind: 'Abort', why, leave: false, typed: null },
    { kind: 'Rollback', why },
    { kind: 'Abort', why, leave: rng.chance(0.2), typed: rng.pick([null, state.id]) },
  ]
}
