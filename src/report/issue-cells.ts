/** Rows of a table of known issues as every report writes them. Pure. */
import type { IssueState } from '../core/release/known-issues.ts'

export const issueHeads = ['Issue', 'Severity', 'Workaround', 'Target fix', 'State'] as const

/** Nobody escapes here: each report does, in its own way. */
export function issueCells({ issue, severity, workaround, target, closed }: IssueState): readonly string[] {
  return [issue, severity, workaround, target, closed === null ? 'open' : `closed: ${closed}`]
}
