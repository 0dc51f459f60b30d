/** Open-ended tables as people see them: each row with its cells in words, and what is missing. */
import type { StepPlan } from '../../core/plan/plan.ts'
import { tablesOf } from '../../core/release/fields.ts'
import { cellWords, countOf, lackOf, rowLack, rowsOf, tablesLack } from '../../core/release/rows.ts'
import { rowsBarred } from '../../core/release/rules/rows.ts'
import type { StepState } from '../../core/release/state.ts'
import type { RowsView, WaitingView } from '../view.ts'
import type { Scene } from './steps.ts'

export function rowsViews({ state }: Scene): readonly RowsView[] {
  return state.index.tables.flatMap((id): readonly RowsView[] => {
    const plan = state.index.step.get(id)
    if (!plan) return []
    const isOpen = rowsBarred(state, plan) === null
    const step = state.steps.get(id)
    return tablesOf(plan).map((table) => {
      const rows = rowsOf(table, step)
      const lack = lackOf(table, rows)
      const { name, label, least, most, columns } = table
      return {
        step: id,
        text: plan.text,
        name,
        label,
        least,
        most,
        columns,
        isWhole: lack === null,
        say: lack ?? countOf(rows.length),
        isOpen,
        isAnswered: step?.closed != null,
        rows: rows.map((row) => ({
          id: row.id,
          cells: columns.map((column) => cellWords(column, row.cells)),
          lack: rowLack(table, row),
        })),
      }
    })
  })
}

/** A table that lacks something is filled in before anything else is said. */
export function rowCommands(
  plan: StepPlan,
  step: StepState,
  tell: (verb: string, rest?: string) => string,
): WaitingView['commands'] {
  if (tablesLack(plan, step) === null) return []
  return [{ why: 'fill the table in', command: tell('row', '--cell COLUMN=VALUE') }]
}
