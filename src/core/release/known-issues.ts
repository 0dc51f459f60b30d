/** The known issues of a step as they stand, and whether they let the release go on. */
import type { KnownIssue, KnownIssuesBlock, StepPlan } from '../plan/plan.ts'
import type { ReleaseState, StepState } from './state.ts'

/** A row of the table; `closed` = why it does not count any more, null while it does. */
export interface IssueState extends KnownIssue {
  readonly closed: string | null
}

export type IssuesReading =
  /** Nothing stands in the way. */
  | { readonly is: 'fine'; readonly say: string }
  /** A person has to accept what there is, or that there is nothing. */
  | { readonly is: 'to accept'; readonly say: string }
  /** Cells to fill in, or too much to go on with: no answer opens this, only other rows or a waiver. */
  | { readonly is: 'blocked'; readonly say: string }

/** Rows of the document until somebody changed one. */
export function issuesOf(plan: StepPlan, step: StepState | undefined): readonly IssueState[] {
  if (step?.issues !== undefined) return step.issues
  return plan.block.word === 'known-issues' ? plan.block.issues.map((issue) => ({ ...issue, closed: null })) : []
}

export function readIssues(block: KnownIssuesBlock, issues: readonly IssueState[]): IssuesReading {
  const open = issues.filter(({ closed }) => closed === null)
  const unfilled = open.filter(({ issue, severity }) => issue === '' || !block.severities.includes(severity))
  if (unfilled.length > 0)
    return {
      is: 'blocked',
      say: `to fill in: ${unfilled.map((issue) => unfilledWords(issue, block)).join('; ')}`,
    }
  const blocking = open.filter(({ severity }) => block.block.includes(severity))
  if (blocking.length > 0)
    return { is: 'blocked', say: `${listed(blocking)} must be closed first: ${severityWords(block.block)} blocks` }
  const over = Object.entries(block.max).find(([severity, most]) => countOf(open, severity) > most)
  if (over)
    return { is: 'blocked', say: `${countOf(open, over[0])} of severity ${over[0]}, at most ${over[1]} may be open` }
  if (open.length === 0) return { is: 'to accept', say: 'no known issue: somebody says that there is none' }
  const asked = open.filter(({ severity }) => block.ask.includes(severity))
  if (asked.length > 0) return { is: 'to accept', say: `${listed(asked)} to accept` }
  return { is: 'fine', say: `${open.length} known ${open.length === 1 ? 'issue' : 'issues'}, none of them blocks` }
}

function unfilledWords({ id, issue, severity }: KnownIssue, { severities }: KnownIssuesBlock): string {
  const named = issue === '' ? `row ${id} says no issue` : `"${short(issue)}"`
  if (issue === '') return named
  return severity === ''
    ? `${named} has no severity`
    : `${named} has the severity "${severity}", not one of ${severities.join(', ')}`
}

function listed(issues: readonly KnownIssue[]): string {
  const shown = issues.slice(0, 3).map(({ issue, severity }) => `"${short(issue)}" (${severity})`)
  return `${shown.join(', ')}${issues.length > 3 ? ` and ${issues.length - 3} more` : ''}`
}

function severityWords(names: readonly string[]): string {
  return names.join(' or ')
}

function countOf(issues: readonly KnownIssue[], severity: string): number {
  return issues.filter((issue) => issue.severity === severity).length
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

/** All open rows of a release, in the order of the document. */
export function openIssues(state: ReleaseState): readonly IssueState[] {
  return state.plan.steps.flatMap((plan) =>
    plan.block.word === 'known-issues'
      ? issuesOf(plan, state.steps.get(plan.id)).filter(({ closed }) => closed === null)
      : [],
  )
}

/** `Logo is blurred (low; workaround: none; fixed in 2.1)`. */
export function issueWords({ issue, severity, workaround, target }: KnownIssue): string {
  const beside = [severity, workaround === '' ? '' : `workaround: ${workaround}`, target === '' ? '' : `fix: ${target}`]
  const words = beside.filter((one) => one !== '').join('; ')
  return words === '' ? issue : `${issue} (${words})`
}
