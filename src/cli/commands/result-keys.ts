/** `result-key`: keys with which machines sign results that come from outside. */
import { dateWords } from '../../report/words.ts'
import { change, printTable, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { duration, text } from '../values.ts'

interface ResultKey {
  readonly id: string
  readonly machine: string
  readonly createdAt: number
  readonly createdBy: string
  readonly expires: number
}

const DAY_MS = 86_400_000

export const list: Run = async (context, [project = '']) => {
  const client = await context.client()
  const all = await client.ask<readonly ResultKey[]>('GET', path(project))
  if (context.json) {
    printJson(context, all)
    return 0
  }
  if (all.length === 0) context.err(`no machine signs results for ${project}; see docs/results.md`)
  else
    printTable(
      context,
      ['KEY', 'MACHINE', 'SINCE', 'UNTIL', 'BY'],
      all.map(({ id, machine, createdAt, expires, createdBy }) => ({
        cells: [id, machine, dateWords(createdAt), dateWords(expires), createdBy],
      })),
    )
  return 0
}

export const make: Run = (context, [project = '', machine = ''], options) =>
  change<ResultKey & { readonly secret: string }>(
    context,
    path(project),
    { machine, days: daysIn(text(options, 'expires') ?? '90d') },
    ({ id, secret, expires }) => [
      `${machine} signs results for ${project} with ${id}, until ${dateWords(expires)}; the secret is shown only now:`,
      `  ${secret}`,
      'how a result is signed: docs/results.md',
    ],
  )

export const remove: Run = (context, [project = '', key = '']) =>
  change(context, `${path(project)}/${segment(key)}/remove`, {}, () => [
    `what is signed with ${key} is refused from now on`,
  ])

/** The server counts whole days. */
function daysIn(given: string): number {
  const days = duration(given, '--expires') / DAY_MS
  if (Number.isInteger(days) && days > 0) return days
  throw new UsageFault(`--expires is "${given}", expected whole days, for example --expires 90d`)
}

function path(project: string): string {
  return `/v1/projects/${segment(project)}/result-keys`
}
