/** One step of a release, in the word and the sentence that people see. */
import type { Live } from '../../core/ports/live.ts'
import type { AnswerSpec, FieldPlan, StepPlan } from '../../core/plan/plan.ts'
import { rolesNeeded, signaturesNeeded } from '../../core/release/sign-off.ts'
import type { ApprovalState, AttemptState, ReleaseState, StepState } from '../../core/release/state.ts'
import type { ActionStanding } from '../../core/release/standing.ts'
import {
  actionStanding,
  countedAttempts,
  isReady,
  isAsideStep,
  latestAttempt,
  wasLost,
} from '../../core/release/standing.ts'
import { isAskedAgain } from '../../core/release/due-steps.ts'
import { servingOf } from '../../core/release/serving.ts'
import { signatureOf } from '../../core/release/values.ts'
import { tablesOf } from '../../core/release/fields.ts'
import { issuesOf, readIssues } from '../../core/release/known-issues.ts'
import { lackOf, rowsOf, tablesLack } from '../../core/release/rows.ts'
import { answerSpecOf } from '../../core/release/rules/answers.ts'
import { watchStartsAt } from '../../core/release/watch-times.ts'
import type { Instant } from '../../core/units.ts'
import { readinessWords } from './readiness.ts'
import { never } from '../../core/units.ts'
import type { AskView, StepView, StepWord } from '../view.ts'
import { durationWords, percentWords } from '../words.ts'
import { handoverAsk, handoverOwner, handoverWords } from './handovers.ts'

interface Standing {
  readonly state: StepWord
  readonly say: string
  readonly since: Instant | null
}

/** What a step's word is computed from. */
export interface Scene {
  readonly state: ReleaseState
  readonly live: Live | null
  readonly now: Instant
}

export function stepView(scene: Scene, plan: StepPlan, depth: number): StepView {
  const step = scene.state.steps.get(plan.id)
  const standing = step ? standingOf(scene, plan, step) : { state: 'waiting' as const, say: '', since: null }
  const forward = step?.attempts.filter((attempt) => attempt.purpose === 'check' || attempt.purpose === 'action') ?? []
  const last = forward.at(-1)
  return {
    id: plan.id,
    text: plan.text,
    line: plan.line,
    depth,
    section: plan.section,
    word: plan.block.word,
    ...standing,
    blocks: plan.severity === 'blocker',
    owner: ownerOf(scene.state, plan),
    attempts: forward.length,
    undo: undoOf(step),
    evidence: [...(last?.evidence ?? []), ...(step?.answer?.evidence ?? [])],
    asks: step && isOpen(step) ? askOf(scene.state, plan, step) : null,
  }
}

/** Reached, and neither closed nor waiting for what comes before it. */
export function isOpen(step: StepState): boolean {
  return step.reachedAt !== null && step.closed === null
}

function standingOf(scene: Scene, plan: StepPlan, step: StepState): Standing {
  if (step.closed) return withServing(scene.state, plan, closedStanding(step, step.closed))
  if (step.blocked !== null) return { state: 'blocked', say: step.blocked, since: step.reachedAt }
  if (step.reachedAt === null) return { state: 'waiting', say: '', since: null }
  const standing = openStandingOf(scene, plan, step)
  const isStopped =
    !['running', 'validating', 'signed-off'].includes(scene.state.phase) && !isAsideStep(scene.state, plan)
  // What stood open when the release turned back is stopped: it waits for nobody any more.
  return isStopped && stoppable.includes(standing.state) ? stopped(scene.state, plan, standing) : standing
}

/** A look at what serves says what it found. */
function withServing(state: ReleaseState, { block }: StepPlan, standing: Standing): Standing {
  if (block.word !== 'check' || standing.state !== 'passed') return standing
  const { serving, servesAgain } = block
  const looked = serving ?? servesAgain
  const version = servingOf(state).find(({ component }) => component === looked)?.version ?? null
  if (version !== null)
    return { ...standing, say: serving === undefined ? `${looked} serves ${version}` : `${looked} served ${version}` }
  return servesAgain === undefined ? standing : { ...standing, say: `${servesAgain} was not begun` }
}

/** What is said of a step that was under way when the release turned back. */
export const stoppedWords = 'stopped'

const stoppable: readonly StepWord[] = ['running', 'waiting', 'needs a person', 'stale', 'held', 'blocked']

function stopped(state: ReleaseState, plan: StepPlan, standing: Standing): Standing {
  const since = state.rollback?.startedAt ?? state.endedAt ?? standing.since
  const byNumbers = state.rollback?.cause === 'verdict' || state.rollback?.cause === 'no-data'
  if (plan.block.word === 'rollout' && byNumbers) return { state: 'failed', say: state.rollback?.why ?? '', since }
  return { state: 'waiting', say: stoppedWords, since: null }
}

function openStandingOf(scene: Scene, plan: StepPlan, step: StepState): Standing {
  const live = step.attempts.findLast((attempt) => attempt.outcome === null && attempt.purpose !== 'undo')
  if (live) return runningStanding(scene, live)
  if (!isReady(scene.state, plan)) return { state: 'waiting', say: '', since: null }
  if (step.reopened !== null && isRedoneByItself(plan, step))
    return { state: 'stale', say: step.reopened, since: step.reachedAt }
  return openStanding(scene, plan, step)
}

/** What a machine does again; everything else waits for a person again, like the first time. */
function isRedoneByItself(plan: StepPlan, step: StepState): boolean {
  if (countedAttempts(step).length > 0) return false
  const { word } = plan.block
  return word === 'check' || word === 'run' || (word === 'record' && step.recordMissing === null)
}

function closedStanding(step: StepState, closed: NonNullable<StepState['closed']>): Standing {
  const since = closed.at
  const last = step.attempts.findLast((attempt) => attempt.purpose === 'check' || attempt.purpose === 'action')
  switch (closed.how) {
    case 'passed':
      return { state: 'passed', say: closed.why || (last?.say ?? ''), since }
    case 'answered':
      return { state: 'passed', say: answerWords(step) || closed.why, since }
    case 'approved':
      return { state: 'passed', say: approvalWords(step) || takenOverWords(step) || closed.why, since }
    case 'waived':
      return { state: 'waived', say: waiverWords(step) || closed.why, since }
    case 'not-applicable':
      return { state: 'not applicable', say: closed.why, since }
    case 'warned': {
      const outcome = last?.outcome
      const state = outcome === null || outcome === undefined || outcome === 'passed' ? 'failed' : outcome
      return { state, say: `${last?.say || closed.why} (a warning: does not stop the release)`, since }
    }
    default:
      return never(closed.how, 'a closed step')
  }
}

function runningStanding(scene: Scene, attempt: AttemptState): Standing {
  const live = scene.live?.attempts.find((one) => one.attempt === attempt.id)
  return { state: 'running', say: live?.say || purposeWords[attempt.purpose], since: attempt.startedAt }
}

const purposeWords = { check: 'checking', action: 'acting', probe: 'asking its probe', undo: 'taking it back' } as const

function openStanding(scene: Scene, plan: StepPlan, step: StepState): Standing {
  const since = step.reachedAt
  const { block } = plan
  switch (block.word) {
    case 'group':
      return { state: 'waiting', say: '', since }
    case 'answer':
      return step.answer && !step.answer.passes
        ? { state: 'failed', say: answerWords(step), since: step.answer.at }
        : { state: 'needs a person', say: tablesLack(plan, step) ?? 'waits for an answer', since }
    case 'fields':
      return { state: 'needs a person', say: fieldsWords(plan, block.fields, step), since }
    case 'handover':
      return { state: 'needs a person', say: handoverWords(block, step), since: step.handover?.askedAt ?? since }
    case 'known-issues': {
      const { is, say } = readIssues(block, issuesOf(plan, step))
      if (step.answer && !step.answer.passes) return { state: 'failed', say: answerWords(step), since: step.answer.at }
      return { state: is === 'blocked' ? 'blocked' : 'needs a person', say, since }
    }
    case 'approve': {
      if (step.rejected)
        return {
          state: 'failed',
          say: `${step.rejected.by} rejected it: ${step.rejected.why}`,
          since: step.rejected.at,
        }
      const have = step.approvals.length
      const need = signaturesNeeded(block, step)
      const given = have > 0 ? ` (${step.approvals.map(signerWords).join(', ')})` : ''
      const lack = tablesLack(plan, step)
      if (lack !== null) return { state: 'needs a person', say: lack, since }
      return { state: 'needs a person', say: `${have} of ${need} signatures${given}${conditionalWords(step)}`, since }
    }
    case 'readiness':
      return { state: 'waiting', say: readinessWords(scene.state, plan, block), since }
    case 'record':
      return step.recordMissing === null
        ? { state: 'running', say: `looking up the record ${block.name}`, since }
        : { state: 'needs a person', say: step.recordMissing, since }
    case 'wait':
      if (!step.wait) return { state: 'running', say: 'waits', since }
      return {
        state: 'running',
        say: `${durationWords(step.wait.until - scene.now)} left`,
        since: step.wait.startedAt,
      }
    case 'rollout':
      return rolloutStanding(scene.state, plan, step)
    case 'watch': {
      const asked = scene.state.asked?.step === plan.id ? scene.state.asked : null
      if (asked) return { state: 'needs a person', say: asked.question, since: asked.askedAt }
      const startsAt = watchStartsAt(scene.state, plan)
      if (!scene.state.observations.has(plan.id) && startsAt !== null && startsAt > scene.now)
        return { state: 'waiting', say: `begins in ${durationWords(startsAt - scene.now)}`, since }
      return { state: 'running', say: 'watching', since }
    }
    case 'check':
      return checkStanding(scene, plan, step)
    case 'run':
      return actionWords(scene, plan, step, actionStanding(step, block))
    default:
      return never(block, 'a block')
  }
}

function checkStanding(scene: Scene, plan: StepPlan, step: StepState): Standing {
  const last = latestAttempt(step, 'check')
  if (!last?.outcome || wasLost(last)) return notStarted(scene, step)
  if (last.outcome === 'passed') return answerWanted(plan, step, last)
  if (isAskedAgain(scene.state, plan, step))
    return { state: 'running', say: `${last.say}; asked again until it passes`, since: step.reachedAt }
  return { state: last.outcome, say: last.say, since: last.finishedAt }
}

/** Whoever confirms reads who has done so, and that nothing takes it back. */
function dangerWords({ block }: StepPlan, { confirmations }: StepState): string {
  const by = confirmations.length === 0 ? '' : ` (${confirmations.join(', ')})`
  const reason = block.word === 'run' ? block.irreversible : null
  const back = reason === null ? '' : `; nothing takes it back: ${reason}`
  return `dangerous: ${confirmations.length} of 2 people confirmed${by}${back}`
}

function actionWords(scene: Scene, plan: StepPlan, step: StepState, standing: ActionStanding): Standing {
  const last = latestAttempt(step, 'action')
  const probe = latestAttempt(step, 'probe')
  const since = last?.finishedAt ?? step.reachedAt
  switch (standing) {
    case 'not-started':
      if (!plan.danger || step.confirmations.length >= 2) return notStarted(scene, step)
      return { state: 'needs a person', say: dangerWords(plan, step), since }
    case 'live':
      return { state: 'running', say: 'acting', since: last?.startedAt ?? since }
    case 'probe-wanted':
      return { state: 'running', say: 'about to ask its probe', since }
    case 'again':
      return scene.state.hold
        ? held(scene.state.hold)
        : { state: 'running', say: `${last?.say ?? ''}; about to try again`, since }
    case 'unknown':
      return { state: 'unknown', say: probe?.say || (last?.say ?? ''), since }
    case 'failed': {
      const errored = last?.outcome === 'errored'
      return {
        state: errored ? 'errored' : 'failed',
        say: last?.outcome === 'passed' ? (probe?.say ?? '') : (last?.say ?? ''),
        since,
      }
    }
    case 'done':
      return answerWanted(plan, step, last)
    default:
      return never(standing, 'an action')
  }
}

function notStarted(scene: Scene, step: StepState): Standing {
  if (scene.state.hold) return held(scene.state.hold)
  return { state: 'waiting', say: 'about to start', since: step.reachedAt }
}

function held({ why, at }: NonNullable<ReleaseState['hold']>): Standing {
  return { state: 'held', say: why, since: at }
}

/** The machine's part has passed; a person's part may be left. */
function answerWanted(plan: StepPlan, step: StepState, last: AttemptState | undefined): Standing {
  const since = last?.finishedAt ?? step.reachedAt
  if (!plan.answer) return { state: 'running', say: last?.say ?? '', since }
  if (step.answer && !step.answer.passes) return { state: 'failed', say: answerWords(step), since: step.answer.at }
  return { state: 'needs a person', say: `${last?.say ?? ''}; waits for an answer`, since }
}

function rolloutStanding(state: ReleaseState, plan: StepPlan, step: StepState): Standing {
  if (plan.block.word !== 'rollout') return { state: 'waiting', say: '', since: null }
  const rollout = state.rollouts.get(plan.id)
  if (state.asked?.step === plan.id)
    return { state: 'needs a person', say: state.asked.question, since: state.asked.askedAt }
  if (state.hold) return { state: 'held', say: state.hold.why, since: state.hold.at }
  const stage = rollout && rollout.stage >= 0 ? plan.block.stages[rollout.stage] : undefined
  if (!rollout || !stage) return { state: 'running', say: 'about to move traffic', since: step.reachedAt }
  return {
    state: 'running',
    say: `${percentWords(stage.weightPercent)}: ${doingWords[rollout.doing]}`,
    since: rollout.stageEnteredAt,
  }
}

const doingWords = {
  waiting: 'waiting for the steps of this stage',
  acting: 'running the actions of this stage',
  shifting: 'moving traffic',
  'putting-back': 'putting traffic back to the stage before',
  soaking: 'soaking',
  done: 'done',
} as const

/** The roll-up of a group: its worst child decides, and a child that is done makes it begun. */
export function rollUp(children: readonly StepWord[]): StepWord {
  const worst: readonly StepWord[] = [
    'failed',
    'errored',
    'unknown',
    'inconclusive',
    'blocked',
    'needs a person',
    'stale',
    'held',
    'running',
  ]
  const found = worst.find((word) => children.includes(word))
  if (found) return found
  if (children.length > 0 && children.every((word) => word === 'not applicable')) return 'not applicable'
  if (children.every((word) => word === 'passed' || word === 'waived' || word === 'not applicable')) return 'passed'
  return children.some((word) => word !== 'waiting') ? 'running' : 'waiting'
}

/** Who owes a step: the assigned, the owner written beside it, the roles that must sign, its phase's owner or lead. */
export function ownerOf(state: ReleaseState, plan: StepPlan): string | null {
  const step = state.steps.get(plan.id)
  if (step?.assigned) return step.assigned
  if (plan.owner) return plan.owner
  const owed = handoverOwner(plan, step)
  if (owed !== null) return owed
  if (plan.block.word === 'approve') {
    const signed = step?.approvals.map((one) => one.role) ?? []
    const missing = rolesNeeded(plan.block, step).filter((role) => !signed.includes(role))
    if (missing.length > 0) return missing.join(', ')
  }
  const phase = state.plan.phases.find((one) => one.id === plan.phase)
  return phase?.owner ?? phase?.lead ?? null
}

function undoOf(step: StepState | undefined): StepView['undo'] {
  const undo = step?.attempts.findLast((attempt) => attempt.purpose === 'undo')
  if (!undo) return null
  if (undo.outcome === null) return 'running'
  return undo.settled === 'done' ? 'passed' : undo.outcome
}

function askOf(state: ReleaseState, plan: StepPlan, step: StepState): AskView | null {
  if (plan.block.word === 'handover') return handoverAsk(state, plan.block, step)
  const spec: AnswerSpec | null =
    plan.block.word === 'answer' ? plan.block : plan.block.word === 'known-issues' ? answerSpecOf(plan) : plan.answer
  const fields = [...(plan.block.word === 'fields' ? plan.block.fields : []), ...(spec?.fields ?? [])]
  const approve = plan.block.word === 'approve' ? plan.block : null
  if (!spec && fields.length === 0 && tablesOf(plan).length === 0 && !approve) return null
  const signature = approve ? signatureOf(state, plan.id) : null
  return {
    options: spec ? (spec.options ?? ['passed', 'failed']) : [],
    evidence: spec?.evidence ?? 'none',
    fields: fields.map((field) => fieldView(field, step)),
    ...tablesAsked(plan, step),
    roles: approve ? rolesNeeded(approve, step) : [],
    signedBy: step.approvals.map(({ by, role, at, for: holder }) => ({
      by,
      role,
      at,
      ...(holder !== undefined && { for: holder }),
    })),
    signaturesNeeded: approve ? signaturesNeeded(approve, step) : 0,
    ...(step.conditionalRoles && { conditionalRoles: step.conditionalRoles }),
    digest: signature?.digest ?? null,
    signs: signature?.lines ?? [],
  }
}

function tablesAsked(plan: StepPlan, step: StepState): Pick<AskView, 'tables'> {
  const tables = tablesOf(plan).map((table) => {
    const rows = rowsOf(table, step)
    const { name, label, columns } = table
    return {
      step: plan.id,
      name,
      label,
      columns,
      isWhole: lackOf(table, rows) === null,
      mayAdd: rows.length < table.most,
    }
  })
  return tables.length === 0 ? {} : { tables }
}

function fieldView(field: FieldPlan, step: StepState): AskView['fields'][number] {
  const value = step.fields[field.name]
  return {
    name: field.name,
    label: field.label,
    type: field.type,
    options: field.options,
    required: field.required,
    limit: field.limit,
    value: value === undefined ? null : String(value),
    trouble: step.captureFailures[field.name] ?? null,
  }
}

function answerWords(step: StepState): string {
  if (!step.answer) return ''
  const note = step.answer.note ? `: ${step.answer.note}` : ''
  return `${step.answer.by} answered ${step.answer.answer}${note}`
}

function approvalWords(step: StepState): string {
  if (step.approvals.length === 0) return ''
  return `signed by ${step.approvals.map((one) => (one.role ? `${signerWords(one)} (${one.role})` : signerWords(one))).join(', ')}`
}

function waiverWords(step: StepState): string {
  if (!step.waiver) return ''
  const until = step.waiver.expires === null ? '' : ` until ${new Date(step.waiver.expires).toISOString().slice(0, 10)}`
  return `waived by ${step.waiver.by} (${step.waiver.role})${until}: ${step.waiver.reason}`
}

function fieldsWords(plan: StepPlan, fields: readonly FieldPlan[], step: StepState): string {
  const missing = fields.filter((field) => field.required && step.fields[field.name] === undefined)
  const lack = tablesLack(plan, step)
  if (missing.length === 0 && lack !== null) return lack
  if (missing.length > 0) return `waits for ${missing.map((field) => field.label || field.name).join(', ')}`
  return tablesOf(plan).length > 0 ? 'filled in, waits for the answer' : 'waits for values'
}

/** `bo for ana`: signed in her place. */
function signerWords({ by, for: holder }: Pick<ApprovalState, 'by' | 'for'>): string {
  return holder === undefined ? by : `${by} for ${holder}`
}

/** Roles that sign here only under a condition, and how that was decided. */
function conditionalWords({ conditionalRoles = [] }: StepState): string {
  return conditionalRoles
    .map(({ role, needed, why, notNeeded }) => {
      if (notNeeded) return `; ${role} not needed, says ${notNeeded.by}`
      if (needed === 'no') return `; ${role} not needed (${why})`
      return `; ${role} ${needed === 'yes' ? 'needed' : 'needed in doubt'} (${why})`
    })
    .join('')
}

function takenOverWords({ handover }: StepState): string {
  const taken = handover?.acknowledged
  return taken ? `handed over by ${handover.by}, taken over by ${signerWords(taken)} as ${taken.role}` : ''
}
