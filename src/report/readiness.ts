/** Is it ready? Yes and no for all that is asked before a rollout, derived from the release and from what others left. */
import type { Aspect, StepPlan } from '../core/plan/plan.ts'
import { type FollowUp, isOpenFollowUp, isOverdueFollowUp } from '../core/ports/follow-up.ts'
import { countedBeforeRollout, rollUpOf, rollUpWords } from '../core/readiness/roll-up.ts'
import { nextForwardPhase, opensAt } from '../core/release/consequences-phases.ts'
import { openIncidents } from '../core/release/consequences-incidents.ts'
import { stepState } from '../core/release/standing.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { Instant } from '../core/units.ts'
import { type Debt, debtWords } from './debt.ts'
import { countWords, dateWords } from './words.ts'

export interface ReadinessLine {
  /** Stable: `signers` (before a start), `items`, `tests`, `security`, `rollback`, `training`, `approvals`, `records`, `known-issues`, `window`, `waivers`, `incidents`, `follow-ups`, `debt`. */
  readonly id: string
  readonly what: string
  /** `not asked`: nothing in the checklist is about it. */
  readonly answer: 'yes' | 'no' | 'not asked'
  readonly say: string
  /** Steps that keep it from being yes. */
  readonly steps: readonly string[]
}

export interface Readiness {
  readonly release: string
  readonly service: string
  readonly version: string
  readonly at: Instant
  /** Nothing of it is no. */
  readonly ready: boolean
  readonly lines: readonly ReadinessLine[]
}

export interface Around {
  readonly now: Instant
  /** Of the same service, as far as the reader may see them. */
  readonly followUps: readonly FollowUp[]
  readonly debt: readonly Debt[]
}

/** Pure. What only warns (debt, follow-ups that are neither high nor overdue) is told and keeps nothing from being ready. */
export function readinessOf(state: ReleaseState, around: Around): Readiness {
  const counted = countedBeforeRollout(state)
  const lines = [
    ...aspectLines(state, counted),
    approvals(state, counted),
    records(state, counted),
    knownIssues(state, counted),
    windowLine(state, around.now),
    waivers(state),
    incidents(state),
    followUps(state, around),
    debts(around),
  ]
  return {
    release: state.id,
    service: state.plan.service,
    version: state.releaseVersion,
    at: around.now,
    ready: lines.every(({ answer }) => answer !== 'no'),
    lines,
  }
}

const asked: readonly (readonly [Aspect, string])[] = [
  ['items', 'All items done'],
  ['tests', 'All tests passing'],
  ['security', 'All security reviews approved'],
  ['rollback', 'Rollback rehearsed'],
  ['training', 'Team trained and ready'],
]

function aspectLines(state: ReleaseState, counted: readonly StepPlan[]): readonly ReadinessLine[] {
  return asked.map(([aspect, what]) => {
    const rollUp = rollUpOf(state, aspect, counted)
    const answer = rollUp.of === 0 ? 'not asked' : rollUp.yes ? 'yes' : 'no'
    return { id: aspect, what, answer, say: rollUpWords(state, rollUp), steps: [...rollUp.open, ...rollUp.unfit] }
  })
}

function ofSteps(
  state: ReleaseState,
  id: string,
  what: string,
  steps: readonly StepPlan[],
  none: string,
): ReadinessLine {
  const open = steps.filter((step) => stepState(state, step.id).closed === null)
  if (steps.length === 0) return { id, what, answer: 'not asked', say: none, steps: [] }
  const names = open.map(({ text }) => text).slice(0, 3)
  const rest = open.length > 3 ? ` and ${open.length - 3} more` : ''
  const say = `${steps.length - open.length} of ${steps.length}${open.length > 0 ? `; open: ${names.join(', ')}${rest}` : ''}`
  return { id, what, answer: open.length === 0 ? 'yes' : 'no', say, steps: open.map((step) => step.id) }
}

function approvals(state: ReleaseState, counted: readonly StepPlan[]): ReadinessLine {
  const steps = counted.filter(({ block }) => block.word === 'approve')
  return ofSteps(state, 'approvals', 'Approved', steps, 'no signature is asked for')
}

function records(state: ReleaseState, counted: readonly StepPlan[]): ReadinessLine {
  const steps = counted.filter(({ block }) => block.word === 'record')
  const line = ofSteps(state, 'records', 'Records fresh', steps, 'no record is asked for')
  const ages = steps.flatMap((step) => {
    const { record } = stepState(state, step.id)
    return record === null ? [] : [`${step.text}: of ${dateWords(record.observedAt)}`]
  })
  return ages.length === 0 ? line : { ...line, say: `${line.say}; ${ages.join('; ')}` }
}

function knownIssues(state: ReleaseState, counted: readonly StepPlan[]): ReadinessLine {
  const steps = counted.filter(({ block }) => block.word === 'known-issues')
  return ofSteps(state, 'known-issues', 'Known issues accepted', steps, 'no table of known issues')
}

function windowLine(state: ReleaseState, now: Instant): ReadinessLine {
  const id = 'window'
  const what = 'Window open'
  const phase = nextForwardPhase(state)
  const named = phase?.window == null ? state.plan.phases.find(({ window }) => window !== null) : phase
  if (named?.window == null) return { id, what, answer: 'not asked', say: 'no phase names a window', steps: [] }
  const opens = opensAt(state, named.window, now)
  if (opens === undefined || opens === null)
    return { id, what, answer: 'no', say: `"${named.window}" does not open within a year`, steps: [] }
  const isOpen = opens <= now
  const say = `"${named.window}" for "${named.title}" ${isOpen ? 'is open' : `opens ${dateWords(opens)}`}`
  return { id, what, answer: isOpen ? 'yes' : 'no', say, steps: [] }
}

function waivers(state: ReleaseState): ReadinessLine {
  const waived = [...state.steps.values()].flatMap(({ id, waiver }) => (waiver === null ? [] : [{ id, waiver }]))
  const names = waived.map(({ id, waiver }) => {
    const until = waiver.expires === null ? '' : ` until ${dateWords(waiver.expires)}`
    return `${state.index.step.get(id)?.text ?? id} (${waiver.by} as ${waiver.role}${until}: ${waiver.reason})`
  })
  const say = waived.length === 0 ? 'none' : names.join('; ')
  return { id: 'waivers', what: 'Waivers told', answer: 'yes', say, steps: waived.map(({ id }) => id) }
}

function incidents(state: ReleaseState): ReadinessLine {
  const open = openIncidents(state)
  const say = open.length === 0 ? 'none' : open.map(({ severity, reason }) => `${severity}: ${reason}`).join('; ')
  return { id: 'incidents', what: 'No open incident', answer: open.length === 0 ? 'yes' : 'no', say, steps: [] }
}

function followUps(state: ReleaseState, { followUps: all, now }: Around): ReadinessLine {
  return followUpLine(
    all.filter((one) => one.service === state.plan.service && one.release !== state.id),
    now,
  )
}

/** Of one service. Only what is overdue and of high severity keeps anything from being ready. */
export function followUpLine(all: readonly FollowUp[], now: Instant): ReadinessLine {
  const open = all.filter(isOpenFollowUp)
  const overdue = open.filter((one) => isOverdueFollowUp(one, now))
  const grave = overdue.filter(({ severity }) => severity === 'high')
  const first = (grave[0] ?? overdue[0] ?? open[0])?.title
  const say = `${open.length} open, ${overdue.length} overdue${first === undefined ? '' : `: ${first}`}`
  const answer = grave.length === 0 ? 'yes' : 'no'
  return { id: 'follow-ups', what: 'Nothing important left to do', answer, say, steps: [] }
}

function debts({ debt }: Around): ReadinessLine {
  const say =
    debt.length === 0
      ? 'none'
      : `${countWords(debt.length, 'step')}: ${debt.map((one) => `${one.text}, ${debtWords(one)}`).join('; ')}`
  return { id: 'debt', what: 'Debt of the checklist told', answer: 'yes', say, steps: debt.map(({ step }) => step) }
}
