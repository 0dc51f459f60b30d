/** `release row`: shows the tables of a release that people fill in, and adds, changes or removes a row. */
import type { WireCommand } from '../../api/client-types.ts'
import type { ReleaseView, RowsView } from '../../report/view.ts'
import { askEngine } from '../ask-engine.ts'
import type { Run, Values } from '../command-entry.ts'
import { type Context, printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { findTarget } from '../release-argument.ts'
import { paint } from '../terminal/line.ts'
import { rowLines } from '../terminal/row-lines.ts'
import { flag, list, pairs, text } from '../values.ts'

export const releaseRow: Run = async (context, words, options) => {
  const client = await context.client()
  const { view, rest } = await findTarget(client, words, 1)
  const isChange = list(options, 'cell').length > 0 || flag(options, 'remove')
  if (!isChange) return show(context, view, rest[0])
  return askEngine(context, client, view, commandFor(tableOf(view, rest[0], text(options, 'table')), options))
}

function commandFor({ step, name: table }: RowsView, options: Values): WireCommand {
  const id = text(options, 'row')
  const cells = pairs(list(options, 'cell'), '--cell')
  if (!flag(options, 'remove')) return { kind: 'SetRow', step, table, id, cells }
  if (id === null || Object.keys(cells).length > 0)
    throw new UsageFault('expected --row alone with --remove, for example --row 2 --remove --reason "seen twice"')
  return { kind: 'RemoveRow', step, table, id, why: text(options, 'reason') }
}

function fitting({ tables }: ReleaseView, step: string | undefined): readonly RowsView[] {
  if (step === undefined) return tables
  const exact = tables.filter((table) => table.step === step)
  return exact.length > 0 ? exact : tables.filter((table) => table.text.includes(step) || table.step.includes(step))
}

function tableOf(view: ReleaseView, step: string | undefined, name: string | null): RowsView {
  const wanted = name?.replaceAll('-', '_')
  const found = fitting(view, step).filter((table) => name === null || table.name === wanted || table.label === name)
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const names = view.tables.map((table) => `${table.step} --table ${table.name}`).join(', ')
  throw new UsageFault(
    view.tables.length === 0 ? 'this release has no table to fill in' : `expected one of these tables: ${names}`,
  )
}

function show(context: Context, view: ReleaseView, step: string | undefined): 0 {
  const paper = context.paper()
  const tables = fitting(view, step)
  if (context.json) printJson(context, tables)
  else if (tables.length === 0) context.err('this release has no table to fill in')
  else for (const line of rowLines(tables, paper.width)) context.out(paint(line, paper))
  return 0
}
