/** Records that a release makes: of every attempt that passed or failed, and of what people answered, under the name that a step gives. */
import type { StepPlan } from '../plan/plan.ts'
import type { LedgerRecord } from '../ports/store.ts'
import type { Instant } from '../units.ts'
import type { Effect } from './effects.ts'
import type { AttemptState, ReleaseState, StepState } from './state.ts'
import { rehearsalToWrite } from './there-and-back.ts'

/** All that the ledger keeps of it but the time of writing. */
export interface MadeRecord extends Omit<LedgerRecord, 'recordedAt'> {
  /** The attempt that it tells of; null = what a person answered. */
  readonly attempt: string | null
}

const mostFacts = 40
const longestText = 300

export function recordEffects(state: ReleaseState): readonly Effect[] {
  return recordsToWrite(state).map(({ step, record }) => ({
    kind: 'WriteRecord',
    key: `write record ${record.id}`,
    step,
    record,
  }))
}

export interface Owed {
  readonly step: string
  readonly record: MadeRecord
}

/** A rehearsal starts no action and proves nothing; the outcomes of a tool that broke say nothing of what it tried. */
export function recordsToWrite(state: ReleaseState): readonly Owed[] {
  if (state.rehearsal) return []
  if (state.index.makers.length === 0) return rehearsalToWrite(state)
  const made = state.index.makers.flatMap((id) => {
    const [plan, step] = [state.index.step.get(id), state.steps.get(id)]
    if (!plan || !step || !('makes' in plan.block) || plan.block.makes === undefined) return []
    const { makes } = plan.block
    return madeOf(state, plan, step, makes)
      .filter((record) => step.written?.includes(record.id) !== true)
      .map((record) => ({ step: id, record }))
  })
  return [...made, ...rehearsalToWrite(state)]
}

function madeOf(state: ReleaseState, plan: StepPlan, step: StepState, name: string): readonly MadeRecord[] {
  if (plan.block.word === 'check' || plan.block.word === 'run') {
    return step.attempts.flatMap((attempt) => {
      const outcome = endOf(attempt)
      return outcome === null ? [] : [ofAttempt(state, plan, attempt, outcome, name)]
    })
  }
  return step.answer === null || step.closed === null ? [] : [ofAnswer(state, plan, step, step.answer, name)]
}

function endOf({ purpose, outcome, settled, facts }: AttemptState): 'passed' | 'failed' | null {
  if (purpose !== 'check' && purpose !== 'action') return null
  if (facts['notStarted'] === true || facts['lost'] === true) return null
  if (settled === 'done') return 'passed'
  if (settled === 'failed') return 'failed'
  return outcome === 'passed' || outcome === 'failed' ? outcome : null
}

function ofAttempt(
  state: ReleaseState,
  plan: StepPlan,
  attempt: AttemptState,
  outcome: 'passed' | 'failed',
  name: string,
): MadeRecord {
  const endedAt = attempt.finishedAt ?? attempt.startedAt
  return {
    ...common(state, plan, outcome, name),
    id: attempt.id,
    attempt: attempt.id,
    observedAt: attempt.observedAt ?? endedAt,
    by: state.startedBy.id,
    note: attempt.say,
    evidence: attempt.evidence.map(({ sha256 }) => sha256),
    tookMs: Math.max(0, endedAt - beginOf(state, plan, attempt.startedAt)),
    facts: keptFacts(attempt.facts),
  }
}

function ofAnswer(
  state: ReleaseState,
  plan: StepPlan,
  step: StepState,
  answer: NonNullable<StepState['answer']>,
  name: string,
): MadeRecord {
  const began = state.phases.get(plan.phase)?.openedAt ?? null
  return {
    ...common(state, plan, answer.passes ? 'passed' : 'failed', name),
    id: `${state.id}/${plan.id}/answer-${answer.at}`,
    attempt: null,
    observedAt: answer.at,
    by: answer.by,
    note: answer.note === null || answer.note === '' ? `${plan.text}: ${answer.answer}` : answer.note,
    evidence: answer.evidence.map(({ sha256 }) => sha256),
    ...(began !== null && { tookMs: Math.max(0, answer.at - began) }),
    facts: keptFacts(step.fields),
  }
}

function common(
  state: ReleaseState,
  plan: StepPlan,
  outcome: 'passed' | 'failed',
  name: string,
): Pick<LedgerRecord, 'name' | 'environment' | 'release' | 'project' | 'outcome'> {
  const phase = state.plan.phases.find(({ id }) => id === plan.phase)
  return {
    name,
    environment: phase?.environment ?? state.environment,
    release: state.id,
    ...(state.project !== null && { project: state.project }),
    ...(outcome === 'failed' && { outcome }),
  }
}

/** The way back counts from the decision to turn back: that is how long it takes when it matters. */
function beginOf(state: ReleaseState, plan: StepPlan, startedAt: Instant): Instant {
  return state.index.rollbackPhases.has(plan.phase) ? (state.rollback?.startedAt ?? startedAt) : startedAt
}

function keptFacts(facts: Readonly<Record<string, unknown>>): NonNullable<LedgerRecord['facts']> {
  const plain = Object.entries(facts).filter(
    (fact): fact is [string, number | string | boolean] =>
      typeof fact[1] === 'boolean' ||
      (typeof fact[1] === 'number' && Number.isFinite(fact[1])) ||
      (typeof fact[1] === 'string' && fact[1].length <= longestText),
  )
  return Object.fromEntries(plain.slice(0, mostFacts))
}
