/** What of a checklist is done, by what it is about: derived from its steps, so that nobody answers yes to what is not. */
import { parsePattern } from '../plan/pattern.ts'
import type { Aspect, StepId, StepPlan } from '../plan/plan.ts'
import { isForwardPhase, stepState } from '../release/standing.ts'
import type { ReleaseState } from '../release/state.ts'

export interface RollUp {
  readonly aspect: Aspect
  /** Every step that counts is done, and there is at least one. */
  readonly yes: boolean
  readonly done: number
  readonly of: number
  readonly open: readonly StepId[]
  /** Closed without having passed: a waived test is no green test. */
  readonly unfit: readonly StepId[]
}

/** The first that fits is what a step is about. */
const abouts: readonly (readonly [Exclude<Aspect, 'items'>, RegExp])[] = [
  ['rollback', /\b(?:roll(?:ed|ing)?[- ]?backs?|restor\w+|backups?|disaster|drills?|rehears\w*|failover)\b/i],
  ['training', /\b(?:train\w*|knowledge|runbooks?|briefed|on-call|playbooks?)\b/i],
  ['security', /\b(?:security|secure\w*|vulnerabilit\w*|penetration|secrets?|owasp|cves?|sast|dast|encrypt\w*)\b/i],
  ['tests', /\b(?:tests?|testing|tested|lint\w*|coverage|regressions?|builds?|e2e|ci)\b/i],
]

export const aspects: readonly Aspect[] = ['items', 'tests', 'security', 'rollback', 'training']

/** Its own words decide before those of the headings around it. */
export function aspectOf({ text, section }: Pick<StepPlan, 'text' | 'section'>): Aspect {
  for (const words of [text, section.at(-1) ?? '', section.join(' ')])
    for (const [aspect, pattern] of abouts) if (pattern.test(words)) return aspect
  return 'items'
}

/**
 * Steps that can be done before this one is: those of its phase and of the ones before, without what holds it, what waits
 * for it, and what is derived as it is. So a checklist that asks whether all of it is done waits for nobody but others.
 */
export function countedBefore(state: ReleaseState, own: StepPlan): readonly StepPlan[] {
  const forward = state.plan.phases.filter(isForwardPhase).map(({ id }) => id)
  const upTo = new Set(forward.slice(0, forward.indexOf(own.phase) + 1))
  const later = waitingFor(state, own.id)
  return countable(state).filter((step) => upTo.has(step.phase) && step.id !== own.id && !later.has(step.id))
}

/** What there is to be ready with before the first rollout, or where there is none, before the action that ships. */
export function countedBeforeRollout(state: ReleaseState): readonly StepPlan[] {
  const gates = new Set(state.plan.phases.filter(({ kind }) => kind === 'gate').map(({ id }) => id))
  const first = state.plan.steps.findIndex(({ block }) => block.word === 'rollout' || block.word === 'watch')
  const end = first < 0 ? shipsAt(state.plan.steps.filter((step) => gates.has(step.phase))) : state.plan.steps[first]
  const before = end === undefined ? state.plan.steps : state.plan.steps.slice(0, state.plan.steps.indexOf(end))
  const counted = new Set(before.map(({ id }) => id))
  return countable(state).filter((step) => gates.has(step.phase) && step.stage === null && counted.has(step.id))
}

/**
 * The first action behind the last signature that any action waits for; without such a signature, the first action of the
 * last phase that has one. What was done before it, such as a backup, is part of being ready. undefined = nothing acts.
 */
function shipsAt(gates: readonly StepPlan[]): StepPlan | undefined {
  const lastAction = gates.findLastIndex(isAction)
  const signed = gates.slice(0, Math.max(0, lastAction)).findLastIndex(({ block }) => block.word === 'approve')
  if (signed >= 0) return gates.slice(signed).find(isAction)
  const last = gates[lastAction]
  return last && gates.find((step) => step.phase === last.phase && isAction(step))
}

function isAction({ block }: StepPlan): boolean {
  return block.word === 'run'
}

function countable(state: ReleaseState): readonly StepPlan[] {
  const holders = new Set(state.plan.steps.flatMap(({ parent }) => parent ?? []))
  return state.plan.steps.filter(
    (step) => step.block.word !== 'readiness' && !(step.block.word === 'group' && holders.has(step.id)),
  )
}

function waitingFor(state: ReleaseState, id: StepId): ReadonlySet<StepId> {
  const found = new Set<StepId>()
  const toVisit = [id]
  for (let next = toVisit.pop(); next !== undefined; next = toVisit.pop()) {
    for (const each of state.index.dependants.get(next) ?? []) {
      // A holder is told with those it holds: what it holds beside this one does not wait for it.
      if (found.has(each) || state.index.step.get(next)?.children.includes(each) === true) continue
      found.add(each)
      toVisit.push(each)
    }
  }
  return found
}

/** `match`: steps whose text or section it finds count, instead of those that are about the aspect. */
export function rollUpOf(
  state: ReleaseState,
  aspect: Aspect,
  counted: readonly StepPlan[],
  match: string | null = null,
): RollUp {
  const fitting = counted.filter((step) => isAbout(step, aspect, match))
  const open: StepId[] = []
  const unfit: StepId[] = []
  for (const { id } of fitting) {
    const how = stepState(state, id).closed?.how
    if (how === undefined) open.push(id)
    else if (aspect !== 'items' && (how === 'waived' || how === 'warned')) unfit.push(id)
  }
  const done = fitting.length - open.length - unfit.length
  return { aspect, yes: fitting.length > 0 && done === fitting.length, done, of: fitting.length, open, unfit }
}

function isAbout(step: StepPlan, aspect: Aspect, match: string | null): boolean {
  if (match === null) return aspect === 'items' || aspectOf(step) === aspect
  const pattern = parsePattern(match)
  return pattern.ok && pattern.value.find([...step.section, step.text].join('\n'))
}

/** `9 of 12 done; open: Unit tests pass, …`. */
export function rollUpWords(state: ReleaseState, { aspect, done, of, open, unfit }: RollUp): string {
  if (of === 0) return `nothing here is about ${aspect}`
  const names = (ids: readonly StepId[]): string =>
    `${ids
      .slice(0, 3)
      .map((id) => state.index.step.get(id)?.text ?? id)
      .join(', ')}${ids.length > 3 ? ` and ${ids.length - 3} more` : ''}`
  return [
    `${done} of ${of} done`,
    ...(open.length > 0 ? [`open: ${names(open)}`] : []),
    ...(unfit.length > 0 ? [`let pass, not passed: ${names(unfit)}`] : []),
  ].join('; ')
}
