/** The tables of a release's view: its watches, baselines, known issues, and the way to its end. */
import type { ColumnPlan } from '../../core/plan/plan.ts'
import type { Verdict } from '../../core/judge/verdict.ts'
import type { IssuesReading, IssueState } from '../../core/release/known-issues.ts'
import type { Instant, Millis } from '../../core/units.ts'

/** One watch as a row of a table. */
export interface WatchRowView {
  readonly step: string
  readonly text: string
  readonly standing: 'to come' | 'running' | 'ended' | 'not applicable'
  /** When it began or will begin; null = in its turn, or nobody knows yet. */
  readonly startsAt: Instant | null
  readonly observedMs: Millis
  /** With what incidents added. */
  readonly neededMs: Millis
  /** The earliest end, while it has not ended. */
  readonly endsAt: Instant | null
  readonly endedAt: Instant | null
  /** What waits for its end: the sign-off and all behind it, or only the closing of the release. */
  readonly before: 'sign-off' | 'close'
  readonly restarts: number
  readonly extendedMs: Millis
  readonly zone: Verdict['zone'] | null
  readonly say: string
}

/** One table of known issues. */
export interface KnownIssuesView {
  readonly step: string
  readonly text: string
  readonly severities: readonly string[]
  /** Severities of which an open row keeps the release where it is. */
  readonly blocks: readonly string[]
  readonly is: IssuesReading['is']
  readonly say: string
  /** Document order, then as they were added; `closed` = why, null while open. */
  readonly rows: readonly IssueState[]
}

/** One open-ended table that a step asks for. */
export interface RowsView {
  readonly step: string
  /** Text of the step. */
  readonly text: string
  readonly name: string
  readonly label: string
  readonly least: number
  readonly most: number
  readonly columns: readonly ColumnPlan[]
  /** Enough rows, and nothing is missing in any. */
  readonly isWhole: boolean
  readonly say: string
  /** People may change it now. */
  readonly isOpen: boolean
  /** Its step is closed: a change asks for the answer again. */
  readonly isAnswered: boolean
  /** In the order they were added. `cells` beside `columns`, as people write them; '' = nothing yet. `lack` = why it is not whole. */
  readonly rows: readonly { readonly id: string; readonly cells: readonly string[]; readonly lack: string | null }[]
}

/** One value of a baseline as a row of a table, in words; null = there is none. */
export interface BaselineRowView {
  readonly step: string
  readonly name: string
  readonly label: string
  readonly value: string | null
  /** Which number of the window it is: `median`, `p95`. */
  readonly take: string | null
  readonly median: string | null
  readonly p95: string | null
  readonly range: string | null
  /** `58 of 60`. */
  readonly samples: string | null
  /** The window, or who gave it and why, or why it is missing. */
  readonly source: string
}

/** The way to the end; null = not yet. */
export interface MilestonesView {
  readonly validatingAt: Instant | null
  readonly signedOffAt: Instant | null
  readonly closedAt: Instant | null
}
