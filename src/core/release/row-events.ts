/** What can have happened to an open-ended table of a step: who changed which row, and what stood there before. */
import type { StepId } from '../plan/plan.ts'

/** By column; percentages are ratios, durations seconds. A cell that is not there is still to fill in. */
export type Cells = Readonly<Record<string, string | number | boolean>>

export type RowEvent =
  /** A row is new (`before` null), or stands otherwise than before. `cells` is all of it. */
  | {
      readonly kind: 'RowSet'
      readonly step: StepId
      readonly table: string
      readonly id: string
      readonly by: string
      readonly cells: Cells
      readonly before: Cells | null
      /** What changed, in words: `Severity: low → high`. */
      readonly say: string
    }
  | {
      readonly kind: 'RowRemoved'
      readonly step: StepId
      readonly table: string
      readonly id: string
      readonly by: string
      readonly before: Cells
      readonly say: string
      readonly why: string | null
    }
