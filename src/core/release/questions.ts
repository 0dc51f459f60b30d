/** When a stage or watch that cannot go on by itself turns to a person, or turns back. */
import { deadlineOf } from '../plan/deadline.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { JudgePlan } from '../plan/plan.ts'
import type { Instant, Millis } from '../units.ts'
import { rolloutsOf, stepPlan } from './standing.ts'
import { isReadyToLeave } from './stage.ts'
import type { ObservationState, ReleaseState } from './state.ts'
import { watchNeedsMs } from './watch-times.ts'

export interface Question {
  readonly at: Instant
  readonly does: 'ask' | 'rollback'
  readonly cause: 'promotion' | 'no-data' | 'grey' | 'too-few' | 'deadline'
  readonly step: string
  readonly stage: number | null
  readonly role: string | null
  readonly say: string
  readonly withinMs: Millis | null
  readonly otherwise: 'rollback' | 'hold'
}

interface Timing {
  readonly judge: JudgePlan
  readonly soakMs: Millis
  readonly deadlineMs: Millis
  readonly onInconclusive: 'hold' | 'ask'
  readonly title: string
}

/** The questions that stand, each with the instant from which it applies. None while one is already asked. */
export function questionsOf(state: ReleaseState): readonly Question[] {
  if (state.asked !== null) return []
  return [...state.observations.values()]
    .filter((observation) => !observation.ended)
    .flatMap((observation) => questionsAbout(state, observation))
}

function questionsAbout(state: ReleaseState, observation: ObservationState): readonly Question[] {
  const timing = timingOf(state, observation)
  const { verdict, startedAt, step, stage } = observation
  if (!timing) return []
  const { judge, title } = timing
  const grey = {
    step,
    stage,
    role: judge.grey.ask,
    withinMs: judge.grey.withinMs,
    otherwise: judge.grey.otherwise,
    does: 'ask',
  } as const
  const found: Question[] = []
  if (verdict?.why === 'no-data') {
    const at = verdict.since + judge.noData.holdMs
    found.push({
      ...grey,
      at,
      does: judge.noData.then,
      cause: 'no-data',
      say: `${title}: no data for ${judge.noData.holdMs / 1000} s (${reasonOf(verdict)})`,
    })
  }
  // Of a stage that was left only silence still counts; the next stage asks its own questions.
  if (state.hold !== null || isLeft(state, observation)) return found
  if (verdict?.why === 'grey')
    found.push({
      ...grey,
      at: startedAt + timing.soakMs,
      cause: 'grey',
      say: `${title} is between go and rollback: ${reasonOf(verdict)}`,
    })
  if (verdict?.why === 'too-few' && timing.onInconclusive === 'ask')
    found.push({
      ...grey,
      at: startedAt + timing.soakMs,
      cause: 'too-few',
      say: `${title} cannot be judged at this traffic: ${reasonOf(verdict)}`,
    })
  if (verdict !== null && verdict.zone !== 'go')
    found.push({
      ...grey,
      at: startedAt + timing.deadlineMs,
      cause: 'deadline',
      say: `${title} has passed its deadline: ${reasonOf(verdict)}`,
    })
  return [...found, ...promotionOf(state, observation)]
}

/** A question says itself that it holds. */
function reasonOf({ say }: Verdict): string {
  return say.replace(/^hold: /, '')
}

function isLeft(state: ReleaseState, { step, stage }: ObservationState): boolean {
  const rollout = state.rollouts.get(step)
  return rollout !== undefined && rollout.stage !== stage
}

function promotionOf(state: ReleaseState, observation: ObservationState): readonly Question[] {
  const rollout = rolloutsOf(state).find(({ plan }) => plan.id === observation.step)
  if (
    !rollout?.stage ||
    rollout.stage.promote === null ||
    rollout.state.promotedBy !== null ||
    !isReadyToLeave(state, rollout)
  )
    return []
  const { stage } = rollout
  return [
    {
      at: 0,
      does: 'ask',
      cause: 'promotion',
      step: observation.step,
      stage: observation.stage,
      role: stage.promote,
      say: `${stage.title} has soaked and is healthy. Go on?`,
      withinMs: null,
      otherwise: 'hold',
    },
  ]
}

function timingOf(state: ReleaseState, observation: ObservationState): Timing | undefined {
  const { block, text } = stepPlan(state, observation.step)
  if (block.word === 'watch') return timing(block.judge, watchNeedsMs(block, observation), null, 'hold', text)
  if (block.word !== 'rollout' || observation.stage === null) return undefined
  const stage = block.stages[observation.stage]
  return stage && timing(block.judge, stage.soakMs, stage.deadlineMs, stage.onInconclusive, stage.title)
}

function timing(
  judge: JudgePlan,
  soakMs: Millis,
  deadlineMs: Millis | null,
  onInconclusive: 'hold' | 'ask',
  title: string,
): Timing {
  return {
    judge,
    soakMs,
    deadlineMs: deadlineOf(judge, { soakMs, deadlineMs }),
    onInconclusive,
    title,
  }
}
