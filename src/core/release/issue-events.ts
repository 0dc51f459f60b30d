/** What can have happened to a table of known issues. */
import type { KnownIssue, StepId } from '../plan/plan.ts'

export type IssueEvent =
  /** A row is new, or stands otherwise than before. */
  | ({ readonly kind: 'KnownIssueSet'; readonly step: StepId; readonly by: string } & KnownIssue)
  | {
      readonly kind: 'KnownIssueClosed'
      readonly step: StepId
      readonly id: string
      readonly by: string
      readonly why: string
    }
