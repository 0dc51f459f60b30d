/** `people delegate`, `people delegations`, `people end-delegation`: who acts in a role of somebody else for a while. */
import type { DelegationAnswer } from '../../api/wire/settings-answers.ts'
import { change, printTable, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { duration, text } from '../values.ts'

const EXAMPLE = "holdpoint people delegate qa-lead --to bo --for 14d --reason 'on holiday'"

export const delegate: Run = (context, [role = ''], options) => {
  const to = text(options, 'to') ?? ''
  const length = text(options, 'for')
  const last = text(options, 'until')
  if ((length === null) === (last === null))
    throw new UsageFault(`say how long: --for or --until; for example: ${EXAMPLE}`)
  const start = momentOf(text(options, 'starts'), '--starts') ?? Date.now()
  const until = length === null ? (momentOf(last, '--until') ?? start) : start + duration(length, '--for')
  const from = text(options, 'from')
  const body = { role, to, start, until, reason: text(options, 'reason') ?? '', ...(from !== null && { from }) }
  return change<{ id: string }>(context, '/v1/delegations', body, ({ id }) => [
    `${to} stands in for ${from ?? 'you'} as ${role} until ${momentWords(until)}`,
    `to end it sooner: holdpoint people end-delegation ${id} --reason WHY`,
  ])
}

export const list: Run = async (context) => {
  const client = await context.client()
  const delegations = await client.ask<readonly DelegationAnswer[]>('GET', '/v1/delegations')
  if (context.json) {
    printJson(context, delegations)
    return 0
  }
  if (delegations.length === 0) context.err(`nobody stands in for anybody; for example: ${EXAMPLE}`)
  else
    printTable(
      context,
      ['ID', 'WHO', 'FOR', 'ROLE', 'FROM', 'UNTIL', 'WHY'],
      delegations.map(({ id, to, from, role, start, until, reason, current }) => ({
        cells: [id, to, from, role, momentWords(start), momentWords(until), reason],
        tone: current ? 'plain' : 'dim',
      })),
    )
  return 0
}

export const end: Run = (context, [id = ''], options) =>
  change(context, `/v1/delegations/${segment(id)}/end`, { reason: text(options, 'reason') ?? '' }, () => [
    `the delegation ${id} is over: nothing more is signed by it`,
  ])

/** A date is midnight of it in UTC. */
function momentOf(given: string | null, flag: string): number | null {
  if (given === null) return null
  const isMoment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.test(given)
  const at = isMoment ? Date.parse(given) : Number.NaN
  if (Number.isFinite(at)) return at
  throw new UsageFault(
    `"${given}" for ${flag}, expected a date or a time with its zone; for example: ${flag} 2026-12-24`,
  )
}

function momentWords(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
