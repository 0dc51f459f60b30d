/** What a checklist's variables and expressions can see of a release, and what a signature covers. */
import { digestOf } from '../log/canonical.ts'
import type { StepPlan } from '../plan/plan.ts'
import type { Json } from '../units.ts'
import { baselinePrefix } from './baseline.ts'
import { fieldsOf, fieldWords } from './fields.ts'
import { issuesOf, issueWords } from './known-issues.ts'
import { rowBindings, rowLines, rowsInMarkdown, saidTables } from './rows.ts'
import { previousOf } from './serving.ts'
import { environmentName } from '../plan/environment-name.ts'
import { isForwardPhase, latestAttempt, stepPlan, stepState } from './standing.ts'
import type { ReleaseState, StepState } from './state.ts'
import { isInBackground } from './watch-times.ts'

/** Strings for `{{ name }}`: the release's facts, inputs as `name` and `input.name`, captured values and fields by name. */
export function variablesOf(state: ReleaseState): Record<string, string> {
  const inputs = Object.entries(state.inputs)
  return {
    ...Object.fromEntries(inputs.map(([name, value]) => [name, String(value)])),
    ...Object.fromEntries(inputs.map(([name, value]) => [`input.${name}`, String(value)])),
    ...Object.fromEntries(state.captures),
    ...Object.fromEntries(saidTables(state).map((said) => [said.table.name, rowsInMarkdown(said, (cell) => cell)])),
    version: state.releaseVersion,
    previous: previousOf(state, null) ?? '',
    environment: state.environment,
    service: state.plan.service,
    release: state.id,
    release_type: state.releaseType,
    commit: state.workspace.commit ?? '',
    artefact: state.artefact ?? '',
    started_by: state.startedBy.id,
    ...situationOf(state),
  }
}

/** How things stand, for messages: the stage, its verdict, why the release turned back. */
function situationOf(state: ReleaseState): Record<string, string> {
  const current =
    [...state.rollouts].find(([, rollout]) => rollout.stage >= 0 && rollout.doing !== 'done') ??
    [...state.rollouts].at(-1)
  const block = current ? stepPlan(state, current[0]).block : undefined
  const stage = current && block?.word === 'rollout' ? block.stages[current[1].stage] : undefined
  const verdict = current ? state.observations.get(current[0])?.verdict : undefined
  return {
    stage: stage?.title ?? '',
    weight: stage ? `${stage.weightPercent} %` : '',
    verdict: verdict?.say ?? '',
    reason: state.rollback?.why ?? state.hold?.why ?? state.endedWhy ?? '',
    phase: state.phase,
  }
}

/** Bindings for CEL: variables with their types, `input`, and `steps.<name>` with outcome, how it closed and its answer. */
export function bindingsOf(state: ReleaseState): Record<string, Json> {
  const typed = Object.fromEntries([...state.captures].map(([name, value]) => [name, typedValue(value)]))
  const steps = Object.fromEntries(
    state.plan.steps.map((plan) => [plan.name, stepBinding(plan, stepState(state, plan.id))]),
  )
  const baseline = baselineBindings(state)
  const tables = Object.fromEntries(saidTables(state).map((said) => [said.table.name, rowBindings(said)]))
  return {
    ...steps,
    ...variablesOf(state),
    ...baseline,
    ...typed,
    ...tables,
    ...state.inputs,
    input: { ...state.inputs },
    steps,
  }
}

/** `baseline.error_rate` in CEL; a checklist without a baseline may call something else so. */
function baselineBindings(state: ReleaseState): Record<string, Json> {
  const values = [...state.captures].flatMap(([name, value]) =>
    name.startsWith(baselinePrefix) ? [[name.slice(baselinePrefix.length), typedValue(value)] as const] : [],
  )
  return values.length === 0 ? {} : { baseline: Object.fromEntries(values) }
}

function stepBinding(plan: StepPlan, step: StepState): Json {
  return {
    outcome: step.closed
      ? closedOutcome(step)
      : (latestAttempt(step, plan.block.word === 'run' ? 'action' : 'check')?.outcome ?? 'waiting'),
    how: step.closed?.how ?? '',
    answer: step.answer?.answer ?? '',
  }
}

function closedOutcome(step: StepState): string {
  if (step.closed?.how === 'answered' || step.closed?.how === 'approved') return 'passed'
  if (step.closed?.how === 'warned') return 'failed'
  return step.closed?.how ?? 'waiting'
}

/** Captured values are text; one that is exactly a JSON number binds as a number. */
function typedValue(text: string): Json {
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : text
}

/** Environment of a command besides what the launcher adds. */
export function environmentOf(
  state: ReleaseState,
  attempt: string,
  epoch: number,
  phaseEnvironment: string | null = null,
): Record<string, string> {
  const inputs = Object.entries(state.inputs).map(([name, value]) => [
    `HOLDPOINT_INPUT_${environmentName(name)}`,
    String(value),
  ])
  const captures = [...state.captures].map(([name, value]) => [`HOLDPOINT_VALUE_${environmentName(name)}`, value])
  const tables = saidTables(state).map((said) => [
    `HOLDPOINT_VALUE_${environmentName(said.table.name)}`,
    JSON.stringify(rowBindings(said)),
  ])
  return {
    ...Object.fromEntries(captures),
    ...Object.fromEntries(tables),
    ...Object.fromEntries(inputs),
    HOLDPOINT_VERSION: state.releaseVersion,
    HOLDPOINT_PREVIOUS: previousOf(state, null) ?? '',
    HOLDPOINT_ENVIRONMENT: phaseEnvironment ?? state.environment,
    HOLDPOINT_SERVICE: state.plan.service,
    HOLDPOINT_COMMIT: state.workspace.commit ?? '',
    HOLDPOINT_RELEASE: state.id,
    HOLDPOINT_RELEASE_TYPE: state.releaseType,
    HOLDPOINT_ATTEMPT: attempt,
    HOLDPOINT_EPOCH: String(epoch),
  }
}

/**
 * What a signature of this step covers: plan, version, artefact, and of every step before it the outcome, the fields,
 * the waiver; then what is still open. Not evidence bytes, not times: a recheck with the same outcome keeps it.
 */
export function signatureOf(state: ReleaseState, id: string): { digest: string; lines: readonly string[] } {
  const lines = [
    `plan ${state.plan.digest}`,
    `version ${state.releaseVersion}`,
    `artefact ${state.artefact ?? state.workspace.commit ?? 'none'}`,
    ...coveredSteps(state, id).flatMap((plan) => stepLines(state, plan)),
    ...rowLines(stepPlan(state, id), stepState(state, id)),
    ...roleLines(stepState(state, id)),
  ]
  return { digest: digestOf(lines), lines }
}

/**
 * Every forward step that must be closed before this one is reached: all earlier phases, and within its own phase what
 * its order names. Steps beside it or around it are not covered: they may still move while people sign. Nor is a watch
 * that only the closing waits for.
 */
export function coveredSteps(state: ReleaseState, id: string): readonly StepPlan[] {
  const own = stepPlan(state, id)
  const forward = state.plan.phases.filter(isForwardPhase).map((phase) => phase.id)
  const earlier = new Set(forward.slice(0, Math.max(0, forward.indexOf(own.phase))))
  const before = predecessors(state, own)
  return state.plan.steps.filter(
    (step) =>
      step.block.word !== 'approve' && !isInBackground(step) && (earlier.has(step.phase) || before.has(step.id)),
  )
}

function predecessors(state: ReleaseState, own: StepPlan): Set<string> {
  const around = new Set(ancestorsOf(state, own))
  const found = new Set<string>()
  const toVisit = [own.id, ...around]
  for (let next = toVisit.pop(); next !== undefined; next = toVisit.pop()) {
    const plan = stepPlan(state, next)
    const more = around.has(next) || next === own.id ? plan.after : [...plan.after, ...plan.children]
    for (const id of more) {
      if (found.has(id) || around.has(id) || id === own.id) continue
      found.add(id)
      toVisit.push(id)
    }
  }
  return found
}

function ancestorsOf(state: ReleaseState, plan: StepPlan): string[] {
  const around = [...(plan.parent ? [plan.parent] : []), ...(plan.stage ? [plan.stage.rollout] : [])]
  return around.flatMap((id) => [id, ...ancestorsOf(state, stepPlan(state, id))])
}

function stepLines(state: ReleaseState, plan: StepPlan): string[] {
  const step = stepState(state, plan.id)
  const standing = step.closed ? step.closed.how : step.reachedAt === null ? 'not reached' : 'open'
  const line = `${plan.id}: ${standing}${step.answer ? ` "${step.answer.answer}"` : ''}`
  const types = new Map(fieldsOf(plan).map((field) => [field.name, field.type]))
  const fields = Object.entries(step.fields).map(
    ([name, value]) => `${plan.id}.${name} = ${fieldWords(types.get(name), value)}`,
  )
  const issues = issuesOf(plan, step).map(
    (issue) => `${plan.id}: ${issueWords(issue)}${issue.closed === null ? '' : ' closed'}`,
  )
  const waiver = step.waiver ? [`${plan.id} waived as ${step.waiver.role}: ${step.waiver.reason}`] : []
  return [line, ...fields, ...rowLines(plan, step), ...issues, ...waiver]
}

/** The decision about conditional roles as a signature covers it. */
function roleLines(step: StepState): readonly string[] {
  return (step.conditionalRoles ?? []).map(({ role, when, needed, why, notNeeded }) => {
    const what = `${step.id}: ${role} when ${when}`
    if (notNeeded) return `${what}: not needed, says ${notNeeded.by} as ${notNeeded.as}: ${notNeeded.reason}`
    return `${what}: ${needed === 'no' ? 'not needed' : 'needed'} (${why})`
  })
}
