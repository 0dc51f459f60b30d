/** What a checklist says of values that people fill in or Holdpoint reads: typed fields, and tables that grow row by row. */
import type { MetricCapture } from './plan-capture.ts'

export interface FieldsBlock {
  readonly word: 'fields'
  /** Name of the record that is written of how it went; absent = none. */
  readonly makes?: string
  readonly fields: readonly FieldPlan[]
  /** As of an answer. */
  readonly tables?: readonly TablePlan[]
  /** Its values are known as `baseline.NAME`, closed by the capture alone, and typed only with a note. */
  readonly baseline?: true
}

export interface FieldPlan {
  readonly name: string
  readonly label: string
  readonly type: 'text' | 'number' | 'percent' | 'duration' | 'date' | 'boolean' | 'choice'
  readonly options: readonly string[]
  readonly required: boolean
  /** Comparator such as `< 1%`; null = any valid value. */
  readonly limit: string | null
  /** Where it differs: the limit by environment, with `else` for all others; absent = it does not. */
  readonly limits?: Readonly<Record<string, string>>
  readonly capture: MetricCapture | null
}

/** People add, change and remove its rows while the step is open. */
export interface TablePlan {
  readonly name: string
  readonly label: string
  /** At least one; their names are unique. */
  readonly columns: readonly ColumnPlan[]
  /** Rows that have to be there before the step can pass. */
  readonly least: number
  readonly most: number
  /** Rows it begins with: cells by column, as they were typed. A cell that is left out is one to fill in. */
  readonly start: readonly Readonly<Record<string, string>>[]
}

/** A cell is read as a field of that type; `required` = a row without it is not whole. */
export type ColumnPlan = Omit<FieldPlan, 'capture' | 'limits'>
