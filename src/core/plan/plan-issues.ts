/** What a checklist says of known issues: the rows of its table and what their severities mean. */

/** What is known to be wrong with the version; people change its rows while the release runs. */
export interface KnownIssuesBlock {
  readonly word: 'known-issues'
  /** Small letters, as rows are compared. */
  readonly severities: readonly string[]
  /** An open row of these keeps the release where it is. */
  readonly block: readonly string[]
  /** An open row of these is for a person to accept. */
  readonly ask: readonly string[]
  /** Most open rows of a severity. */
  readonly max: Readonly<Record<string, number>>
  /** Rows of the document's table; an empty cell is one to fill in. */
  readonly issues: readonly KnownIssue[]
}

export type IssueColumn = 'issue' | 'workaround' | 'severity' | 'target'

/** A row; `id` is unique in its table and never used again. */
export interface KnownIssue extends Readonly<Record<IssueColumn, string>> {
  readonly id: string
}
