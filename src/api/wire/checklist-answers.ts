/** Answers about registered checklists, as types: what pages draw. */
import type { ReleaseSummary } from '../../core/ports/store.ts'
import type { Debt } from '../../report/debt.ts'
import type { Survey } from '../../import/desk/jobs.ts'
import type { ChecklistPast } from '../checklist-history.ts'

/** A checklist with its past, what its newest document says of itself, and releases of its service, newest first. */
export interface ChecklistAbout extends ChecklistPast, Survey {
  readonly releases: readonly MadeRelease[]
  /** Steps that its last releases let pass again and again. */
  readonly debt: readonly Debt[]
}

export interface MadeRelease extends ReleaseSummary {
  /** Version of the checklist that it was made with; null = another document. */
  readonly made: number | null
  readonly rehearsal: boolean
}
