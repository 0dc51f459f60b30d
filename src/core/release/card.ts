/** The release in a few words for a card that is kept up to date elsewhere: what it is, how it stands, who is asked. */
import type { AnswerSpec } from '../plan/plan.ts'
import type { CardAsk, ReleaseCard } from '../ports/card.ts'
import { causesOf } from './causes.ts'
import { isEnded, stepPlan } from './standing.ts'
import { signatureOf } from './values.ts'
import type { ReleasePhase, ReleaseState } from './state.ts'

export function cardOf(state: ReleaseState): ReleaseCard {
  const asks = asksOf(state)
  return {
    service: state.plan.service,
    version: state.releaseVersion,
    previous: state.previous,
    environment: state.environment,
    isProtected: state.plan.environments[state.environment]?.protected ?? false,
    phase: state.phase,
    tone: toneOf(state, asks),
    now: nowOf(state, asks),
    verdict: verdictOf(state),
    asks,
    causes: causesOf(state),
    isHeld: state.hold !== null,
    isEnded: isEnded(state),
    startedBy: state.startedBy.id,
    startedAt: state.startedAt,
    expectedEnd: state.startedAt + state.plan.expectedMs,
  }
}

const phaseWords: Readonly<Record<ReleasePhase, string>> = {
  running: 'Under way',
  validating: 'Released, being watched',
  'signed-off': 'Signed off, being watched',
  'rolling-back': 'Being taken back',
  'rollback-failed': 'The rollback failed',
  'rolled-back': 'Taken back',
  closed: 'Released',
  superseded: 'Replaced by a later release',
  left: 'Ended as it was',
}

function toneOf(state: ReleaseState, asks: readonly CardAsk[]): ReleaseCard['tone'] {
  const { phase } = state
  if (phase === 'rolling-back' || phase === 'rollback-failed' || phase === 'rolled-back') return 'bad'
  if (phase === 'closed') return 'good'
  if (isEnded(state)) return 'busy'
  if (state.hold !== null || state.asked !== null || asks.length > 0) return 'person'
  return phase === 'running' ? 'busy' : 'good'
}

function nowOf(state: ReleaseState, asks: readonly CardAsk[]): string {
  const words = phaseWords[state.phase]
  if (isEnded(state)) return state.endedWhy ? `${words}: ${state.endedWhy}` : words
  if (state.rollback !== null) return `${words}: ${state.rollback.failed ?? state.rollback.why}`
  if (state.hold !== null) return `Held by ${state.hold.by}: ${state.hold.why}`
  if (state.asked !== null) return `To decide: ${state.asked.question}`
  const [first, ...others] = asks.filter(({ word }) => word !== 'promote')
  if (first) return `Waits for a person: ${first.text}${others.length > 0 ? ` (and ${others.length} more)` : ''}`
  return stageOf(state) ?? words
}

function stageOf(state: ReleaseState): string | null {
  for (const [id, rollout] of state.rollouts) {
    if (rollout.stage < 0 || rollout.doing === 'done') continue
    const { block } = stepPlan(state, id)
    const stage = block.word === 'rollout' ? block.stages[rollout.stage] : undefined
    if (stage) return `${rollout.doing === 'soaking' ? 'Soaking' : 'Moving traffic'}: ${stage.title}`
  }
  return null
}

function verdictOf(state: ReleaseState): string {
  const last = [...state.observations.values()].filter(({ ended }) => !ended).at(-1)
  return last?.verdict?.say ?? ''
}

/** Empty where a word alone is no answer: evidence, fields or rows have to come with it. */
function plainAnswers({ options, evidence, fields, tables = [] }: AnswerSpec): readonly string[] {
  return evidence === 'required' || fields.length > 0 || tables.length > 0 ? [] : (options ?? ['passed', 'failed'])
}

function asksOf(state: ReleaseState): readonly CardAsk[] {
  if (isEnded(state) || state.rollback !== null) return []
  const { asked } = state
  const decision: readonly CardAsk[] =
    asked === null ? [] : [{ step: asked.step, word: 'promote', text: asked.question, answers: [], stage: asked.stage }]
  return [...decision, ...openAsks(state)]
}

function openAsks(state: ReleaseState): readonly CardAsk[] {
  return state.plan.steps.flatMap((plan): readonly CardAsk[] => {
    const step = state.steps.get(plan.id)
    if (!step || step.reachedAt === null || step.closed !== null) return []
    const { block } = plan
    if (block.word !== 'approve' && block.word !== 'answer' && block.word !== 'fields') return []
    const answers = block.word === 'answer' ? plainAnswers(block) : []
    const covered = block.word === 'approve' ? { digest: signatureOf(state, plan.id).digest } : {}
    return [{ step: plan.id, word: block.word, text: plan.text, answers, ...covered }]
  })
}
