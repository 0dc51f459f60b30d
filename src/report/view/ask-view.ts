/** What a step asks of people, as a form shows it. */
import type { RoleStanding } from '../../core/release/state.ts'
import type { RowsView } from './table-shapes.ts'
import type { Instant } from '../../core/units.ts'

/** What an inline form needs to ask for. */
export interface AskView {
  readonly options: readonly string[]
  readonly evidence: 'required' | 'optional' | 'none'
  readonly fields: readonly {
    readonly name: string
    readonly label: string
    readonly type: string
    readonly options: readonly string[]
    readonly required: boolean
    readonly limit: string | null
    readonly value: string | null
    readonly trouble: string | null
  }[]
  /** Tables to fill in row by row, which `tables` of the release shows whole; absent = none. */
  readonly tables?: readonly (Pick<RowsView, 'step' | 'name' | 'label' | 'columns' | 'isWhole'> & {
    /** There is room for another row. */
    readonly mayAdd: boolean
  })[]
  readonly roles: readonly string[]
  /** `for` = the holder of the role in whose place it was signed. */
  readonly signedBy: readonly {
    readonly by: string
    readonly role: string | null
    readonly at: Instant
    readonly for?: string
  }[]
  /** Roles that sign under a condition, as decided here; absent = there are none. */
  readonly conditionalRoles?: readonly RoleStanding[]
  readonly signaturesNeeded: number
  /** Of a hand-over: who gave it and whom it asks; `digest` and `signs` are what is taken over. */
  readonly handover?: {
    /** null = it has not been given. */
    readonly by: string | null
    readonly notes: string
    readonly to: readonly string[]
    /** When the next one is asked; null = nobody more is. */
    readonly until: Instant | null
  }
  /** What a signature would cover now. */
  readonly digest: string | null
  readonly signs: readonly string[]
}
