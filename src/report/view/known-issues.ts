/** Tables of known issues as people see them: each row, and whether the release may go on with them. */
import { type IssuesReading, type IssueState, issuesOf, readIssues } from '../../core/release/known-issues.ts'
import type { KnownIssuesBlock, StepPlan } from '../../core/plan/plan.ts'
import type { StepState } from '../../core/release/state.ts'
import type { KnownIssuesView, WaitingView } from '../view.ts'
import type { Scene } from './steps.ts'

export function knownIssuesViews({ state }: Scene): readonly KnownIssuesView[] {
  return state.plan.steps.flatMap((plan) => {
    const { block } = plan
    if (block.word !== 'known-issues') return []
    const rows = issuesOf(plan, state.steps.get(plan.id))
    const step = state.steps.get(plan.id)
    const { is, say } = step?.closed ? settled(block, rows, step) : readIssues(block, rows)
    return [{ step: plan.id, text: plan.text, severities: block.severities, blocks: block.block, is, say, rows }]
  })
}

/** A table that is closed asks nothing of anybody any more. */
function settled(block: KnownIssuesBlock, rows: readonly IssueState[], step: StepState): IssuesReading {
  const reading = readIssues(block, rows)
  if (reading.is === 'fine') return reading
  const open = rows.filter(({ closed }) => closed === null).length
  const what = open === 0 ? 'no known issue' : `${open} known ${open === 1 ? 'issue' : 'issues'}`
  if (step.waiver !== null) return { is: 'fine', say: `${what}, waived by ${step.waiver.by}` }
  return { is: 'fine', say: step.answer === null ? what : `${what}, accepted by ${step.answer.by}` }
}

/** What opens a step that is blocked: rows that stand in the way are closed or changed, all else is gone on without. */
export function blockedCommands(
  { block }: StepPlan,
  step: StepState,
  tell: (verb: string, rest?: string) => string,
  otherwise: WaitingView['commands'],
): WaitingView['commands'] {
  if (block.word !== 'known-issues' || step.blocked !== null) return otherwise
  return [
    { why: 'close a row', command: tell('known-issue', '--row ROW --close --reason WHY') },
    { why: 'change one', command: tell('known-issue', '--row ROW --severity SEVERITY') },
    ...otherwise,
  ]
}

/** Rows that block are changed, the rest is accepted. */
export function issueCommands(
  block: KnownIssuesBlock,
  plan: StepPlan,
  step: StepState,
  tell: (verb: string, rest?: string) => string,
  otherwise: WaitingView['commands'],
): WaitingView['commands'] {
  const change = { why: 'change the table', command: tell('known-issue', '--row ROW --severity SEVERITY') }
  const { is } = readIssues(block, issuesOf(plan, step))
  if (is === 'blocked') return [change, ...otherwise]
  return [{ why: 'accept them', command: tell('answer', 'passed --note NOTE') }, change]
}
