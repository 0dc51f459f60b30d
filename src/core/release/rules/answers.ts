/** What people give: answers, fields, notes, assignments. */
import type { AnswerSpec, FieldPlan, StepPlan } from '../../plan/plan.ts'
import { parseFieldValue } from '../../plan/field-value.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import { plainAnswer } from '../../plan/blocks/plain-answer.ts'
import { issuesOf, readIssues } from '../known-issues.ts'
import { tablesLack } from '../rows.ts'
import type { Refusal } from '../commands.ts'
import { isEnded, isReady, isAsideStep, stepState } from '../standing.ts'
import type { ReleaseState } from '../state.ts'
import { coveredSteps } from '../values.ts'
import { watchesBefore } from '../watch-times.ts'

/** An answer is taken once the step is reached; a later one replaces it while the step is open. */
export const answer: Rule<'Answer'> = (state, command, facts) => {
  const found = openStep(state, command.step)
  if ('kind' in found) return found
  const table =
    found.block.word === 'known-issues' ? readIssues(found.block, issuesOf(found, stepState(state, found.id))) : null
  if (table?.is === 'blocked')
    return refuse(
      'bad-answer',
      `An answer does not open "${found.text}": ${table.say}. Change the table with: holdpoint release known-issue`,
    )
  const spec = answerSpecOf(found)
  if (!spec) return refuse('wrong-kind', `"${found.text}" is not a question: it is closed by its ${found.block.word}.`)
  if (!isReady(state, found) && found.block.word !== 'record')
    return refuse('not-reached', `"${found.text}" waits for the steps below it.`)
  const read = readFields(spec.fields, command.fields, stepState(state, found.id).fields)
  if (read.kind === 'refused') return read
  const { fields } = read
  const options = spec.options ?? ['passed', 'failed']
  const given = options.find((option) => option.toLowerCase() === command.answer.trim().toLowerCase())
  if (given === undefined)
    return refuse('bad-answer', `"${command.answer}" is not an answer here; expected one of ${options.join(', ')}.`)
  if (spec.evidence === 'required' && command.evidence.length === 0) {
    return refuse('evidence-required', `"${found.text}" needs evidence. For example: --evidence screenshot.png`)
  }
  const byHand =
    found.block.word === 'fields' && found.block.baseline === true && Object.keys(command.fields).length > 0
  if (byHand && (command.note ?? '').trim() === '')
    return refuse(
      'reason-required',
      'A baseline that a person gives needs a note: where the number is from. For example: --note "Grafana, last Tuesday 14:00-15:00"',
    )
  const passes = spec.options ? (spec.passes ?? [spec.options[0]!]).includes(given) : given === 'passed'
  const outside = spec.fields.find((field) => fields[field.name] !== undefined && !isWithin(field, fields[field.name]!))
  if (outside && passes) {
    return refuse(
      'bad-answer',
      `${outside.label} is ${(command.fields[outside.name] ?? String(fields[outside.name])).trim()}, expected ${outside.limit}. Answer "failed" or correct the value.`,
    )
  }
  const lack = passes ? tablesLack(found, stepState(state, found.id)) : null
  if (lack !== null)
    return refuse('bad-answer', `${lack}. Fill it in with: holdpoint release row ${state.id} ${found.id}`)
  return accept({
    kind: 'AnswerGiven',
    step: found.id,
    by: facts.actor.id,
    answer: given,
    passes,
    note: command.note,
    fields,
    evidence: command.evidence,
  })
}

function isWithin(field: FieldPlan, value: string | number | boolean): boolean {
  return parseFieldValue(field, String(value)).within
}

/** The question a step asks a person: its own block, its extra answer, a record that is missing, fields. */
export function answerSpecOf(plan: StepPlan): AnswerSpec | null {
  const { block } = plan
  if (block.word === 'answer') return block
  if (block.word === 'fields')
    return {
      evidence: 'optional',
      options: null,
      passes: null,
      fields: block.fields,
      due: null,
      ...(block.tables && { tables: block.tables }),
    }
  if (block.word === 'known-issues') return plan.answer ?? plainAnswer
  if (block.word === 'record')
    return plan.answer ?? { evidence: 'optional', options: null, passes: null, fields: [], due: null }
  return plan.answer
}

/** Names as the plan has them: what the document calls `error-rate` is `error_rate` in expressions, and both are understood. */
function asNamed(plans: readonly FieldPlan[], given: Readonly<Record<string, string>>): Record<string, string> {
  const known = new Set(plans.map((field) => field.name))
  const rename = (name: string) => (known.has(name) ? name : name.replaceAll(/[^A-Za-z0-9_]/g, '_'))
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [known.has(rename(name)) ? rename(name) : name, value]),
  )
}

function readFields(
  plans: readonly FieldPlan[],
  given: Readonly<Record<string, string>>,
  had: Readonly<Record<string, string | number | boolean>>,
): { readonly kind: 'read'; readonly fields: Record<string, string | number | boolean> } | Refusal {
  const named = asNamed(plans, given)
  const unknown = Object.keys(named).find((name) => !plans.some((field) => field.name === name))
  if (unknown !== undefined)
    return refuse(
      'bad-answer',
      `There is no field "${unknown}" here${plans.length > 0 ? `; the fields are ${plans.map((field) => field.name).join(', ')}` : ''}.`,
    )
  const values: Record<string, string | number | boolean> = { ...had }
  for (const field of plans) {
    const text = named[field.name]
    if (text === undefined) {
      if (field.required && values[field.name] === undefined)
        return refuse(
          'bad-answer',
          `The field "${field.name}" (${field.label}) is required. For example: --field ${field.name}=…`,
        )
      continue
    }
    const value = parseFieldValue(field, text)
    if (value.kind === 'bad')
      return refuse('bad-answer', `${field.label}: found "${text}", expected ${value.expected}.`)
    values[field.name] = value.value
  }
  return { kind: 'read', fields: values }
}

export const note: Rule<'Note'> = (state, command, facts) => {
  if (command.step !== null && !state.index.step.has(command.step)) return unknownStep(state, command.step)
  if (command.note.trim() === '') return refuse('reason-required', 'A note needs words.')
  return accept({ kind: 'NoteAdded', step: command.step, by: facts.actor.id, note: command.note })
}

export const assign: Rule<'Assign'> = (state, command, facts) => {
  const found = openStep(state, command.step, { reached: false })
  if ('kind' in found) return found
  return accept({ kind: 'StepAssigned', step: found.id, to: command.to, by: facts.actor.id })
}

/** The plan of a step that people may still act on, or why they may not. */
export function openStep(
  state: ReleaseState,
  id: string,
  wanted: { reached: boolean } = { reached: true },
): StepPlan | Refusal {
  const plan = state.index.step.get(id)
  if (!plan) return unknownStep(state, id)
  if (isEnded(state))
    return refuse(
      'ended',
      `This release is ${state.phase.replaceAll('-', ' ')}${state.endedWhy ? `: ${state.endedWhy}` : ''}.`,
    )
  if (wanted.reached && isGoingBack(state) && !isAsideStep(state, plan))
    return refuse('already-rolling-back', `The release is going back: "${plan.text}" is not decided any more.`)
  const step = stepState(state, id)
  if (step.closed) return refuse('already-closed', `"${plan.text}" is already ${step.closed.how.replaceAll('-', ' ')}.`)
  if (wanted.reached && step.reachedAt === null)
    return refuse('not-reached', `"${plan.text}" has not been reached yet.${afterWatches(state, id)}`)
  return plan
}

/** ` It comes when the watch "2 h" has ended, at 2026-11-21 14:05 UTC at the earliest.` */
export function afterWatches(state: ReleaseState, id: string): string {
  const watches = watchesBefore(state, coveredSteps(state, id))
  return watches === null ? '' : ` It comes when ${watches}.`
}

function isGoingBack(state: ReleaseState): boolean {
  return state.phase === 'rolling-back' || state.phase === 'rollback-failed'
}

export function unknownStep(state: ReleaseState, id: string): Refusal {
  return refuse(
    'unknown-step',
    `No step "${id}" in this plan; it has ${state.plan.steps.length} steps, the first is "${state.plan.steps[0]?.id ?? ''}".`,
  )
}
