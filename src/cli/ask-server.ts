/** What commands about people and rights share: one question to the API, its answer as JSON or in words. */
import type { Client } from '../api/client-types.ts'
import { type Context, printJson } from './context.ts'
import { foldLine } from './terminal/fold.ts'
import { paint, type Line } from './terminal/line.ts'
import { type Row, tableLines, toldTableLines } from './terminal/table.ts'

/** Sends one change; `say` is told when it was accepted. Refusals end the command with their code. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as with Client.ask, the caller knows what comes back
export async function change<T>(
  context: Context,
  path: string,
  body: unknown,
  say: (answer: T) => readonly string[],
): Promise<0> {
  const client = await context.client()
  const answer = await client.ask<T>('POST', path, body)
  if (context.json) printJson(context, answer)
  else for (const line of say(answer)) context.out(line)
  return 0
}

export function printTable(context: Context, heads: readonly string[], rows: readonly Row[]): void {
  for (const line of tableLines(heads, rows, context.paper().width)) printLine(context, line)
}

/** The last cell of a row is a sentence: it is never cut. */
export function printToldTable(context: Context, heads: readonly string[], rows: readonly Row[]): void {
  for (const line of toldTableLines(heads, rows, context.paper().width)) printLine(context, line)
}

export function printLine(context: Context, line: Line): void {
  context.out(paint(line, context.paper()))
}

/** Folded at words where it is wider than the terminal. */
export function printFolded(context: Context, line: Line): void {
  for (const each of foldLine(line, context.fold()))
    context.out(paint(each, { ...context.paper(), width: Number.POSITIVE_INFINITY }))
}

/** Where people reach the server that is asked; null = a local engine, which nobody can reach. */
export async function addressOf(context: Context, client: Client): Promise<string | null> {
  if (context.config.server !== null) return context.config.server.url
  return (await client.health()).address ?? null
}

export function segment(text: string): string {
  return encodeURIComponent(text)
}
