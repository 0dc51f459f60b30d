/** People add, change and close known issues while a release runs; what is no longer fine opens its step again. */
import type { KnownIssue, StepPlan } from '../../plan/plan.ts'
import type { Refusal } from '../commands.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import type { ReleaseEvent } from '../events.ts'
import { issuesOf, type IssueState, readIssues } from '../known-issues.ts'
import { mostRows } from '../../plan/row-limits.ts'
import { nextRowId, oneLine, rowNumbers, withRow } from '../open-rows.ts'
import { isEnded } from '../standing.ts'
import type { ReleaseState } from '../state.ts'
import { unknownStep } from './answers.ts'

export const setKnownIssue: Rule<'SetKnownIssue'> = (state, command, facts) => {
  const found = tableOf(state, command.step)
  if (found.kind === 'refused') return found
  const { plan, issues } = found
  const before = command.id === null ? null : issues.find(({ id }) => id === command.id)
  if (before === undefined) return unknownRow(plan, issues, command.id ?? '')
  if (before === null && issues.length >= mostRows)
    return refuse('bad-answer', `"${plan.text}" holds ${mostRows} rows already.`)
  const cell = (name: 'issue' | 'workaround' | 'severity' | 'target'): string =>
    oneLine(command[name] ?? before?.[name] ?? '')
  const row: KnownIssue = {
    id: before?.id ?? nextRowId(issues),
    issue: cell('issue'),
    workaround: cell('workaround'),
    severity: cell('severity').toLowerCase(),
    target: cell('target'),
  }
  if (row.issue === '') return refuse('bad-answer', 'Say what the issue is. For example: --issue "Logo is blurred"')
  if (plan.block.word === 'known-issues' && !plan.block.severities.includes(row.severity))
    return refuse(
      'bad-answer',
      `"${row.severity}" is no severity here; expected one of ${plan.block.severities.join(', ')}.`,
    )
  const next = withRow(issues, { ...row, closed: null })
  return accept(
    { kind: 'KnownIssueSet', step: plan.id, by: facts.actor.id, ...row },
    ...openedAgain(state, plan, next, `${facts.actor.id} ${before === null ? 'added' : 'changed'} "${row.issue}"`),
  )
}

export const closeKnownIssue: Rule<'CloseKnownIssue'> = (state, command, facts) => {
  const found = tableOf(state, command.step)
  if (found.kind === 'refused') return found
  const { plan, issues } = found
  const row = issues.find(({ id }) => id === command.id)
  if (!row) return unknownRow(plan, issues, command.id)
  if (row.closed !== null) return refuse('already-closed', `"${row.issue}" is already closed: ${row.closed}.`)
  if (command.why.trim() === '')
    return refuse('reason-required', 'Say why it is closed. For example: --reason "fixed in 2.0.1"')
  const next = withRow(issues, { ...row, closed: command.why })
  return accept(
    { kind: 'KnownIssueClosed', step: plan.id, id: row.id, by: facts.actor.id, why: oneLine(command.why) },
    ...openedAgain(state, plan, next, `${facts.actor.id} closed "${row.issue}"`),
  )
}

type Found = { readonly kind: 'found'; readonly plan: StepPlan; readonly issues: readonly IssueState[] } | Refusal

function tableOf(state: ReleaseState, id: string): Found {
  const plan = state.index.step.get(id)
  if (!plan) return unknownStep(state, id)
  if (plan.block.word !== 'known-issues') return refuse('wrong-kind', `"${plan.text}" is no table of known issues.`)
  if (isEnded(state)) return refuse('ended', `This release is ${state.phase.replaceAll('-', ' ')}.`)
  return { kind: 'found', plan, issues: issuesOf(plan, state.steps.get(id)) }
}

function unknownRow(plan: StepPlan, issues: readonly IssueState[], id: string): Refusal {
  return refuse('bad-answer', `"${plan.text}" has no row ${id}; its rows are ${rowNumbers(issues)}.`)
}

/** A table that was accepted or fine, and is neither as it stands now. Way back and end are past such questions. */
function openedAgain(
  state: ReleaseState,
  plan: StepPlan,
  issues: readonly IssueState[],
  why: string,
): readonly ReleaseEvent[] {
  const closed = state.steps.get(plan.id)?.closed
  if (plan.block.word !== 'known-issues' || !closed || state.rollback !== null) return []
  if (closed.how === 'waived' || closed.how === 'not-applicable') return []
  return readIssues(plan.block, issues).is === 'fine' ? [] : [{ kind: 'StepReopened', step: plan.id, why }]
}
