/** `status`: entries of an organisation's public status page, written, moved on and ended by people. */
import type { StatusEntryAnswer } from '../../api/wire/status-answers.ts'
import { dateWords } from '../../report/words.ts'
import { change, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { visible } from '../terminal/text.ts'
import { duration, flag, list as many, text } from '../values.ts'

const pathOf = (organisation: string, entry?: string): string =>
  `/v1/organisations/${segment(organisation)}/status${entry === undefined ? '' : `/${segment(entry)}`}`

export const list: Run = async (context, [organisation = '']) => {
  const client = await context.client()
  const entries = await client.ask<readonly StatusEntryAnswer[]>('GET', pathOf(organisation))
  if (context.json) printJson(context, entries)
  else if (entries.length === 0)
    context.err(`no entries yet; for example: holdpoint status open ${organisation} --title 'Slow payments'`)
  else for (const entry of entries) for (const line of linesOf(entry)) context.out(line)
  return 0
}

export const open: Run = (context, [organisation = ''], options) => {
  const body = {
    title: text(options, 'title') ?? '',
    status: text(options, 'status') ?? 'investigating',
    services: many(options, 'service'),
    ...textOf(text(options, 'text')),
  }
  return change<StatusEntryAnswer>(context, pathOf(organisation), body, linesOf)
}

export const schedule: Run = (context, [organisation = ''], options) => {
  const now = Date.now()
  const from = timeOf(text(options, 'from') ?? '', '--from', now)
  const until = text(options, 'until')
  const publishAt = text(options, 'publish-at')
  const body = {
    title: text(options, 'title') ?? '',
    status: 'scheduled',
    services: many(options, 'service'),
    from,
    ...(until === null ? {} : { until: timeOf(until, '--until', from) }),
    ...(publishAt === null ? {} : { publishAt: timeOf(publishAt, '--publish-at', now) }),
    endsItself: flag(options, 'ends-itself'),
    ...textOf(text(options, 'text')),
  }
  return change<StatusEntryAnswer>(context, pathOf(organisation), body, linesOf)
}

export const update: Run = (context, [organisation = '', entry = ''], options) => {
  const status = text(options, 'status')
  const body = { ...(status === null ? {} : { status }), ...textOf(text(options, 'text')) }
  return change<StatusEntryAnswer>(context, pathOf(organisation, entry), body, linesOf)
}

/** An incident ends as resolved, a maintenance as completed: which it is, the server knows. */
export const end: Run = async (context, [organisation = '', entry = ''], options) => {
  const client = await context.client()
  const entries = await client.ask<readonly StatusEntryAnswer[]>('GET', pathOf(organisation))
  const about = entries.find(({ id }) => id === entry)?.about ?? 'incident'
  const status = about === 'incident' ? 'resolved' : 'completed'
  return change<StatusEntryAnswer>(
    context,
    pathOf(organisation, entry),
    { status, ...textOf(text(options, 'text')) },
    linesOf,
  )
}

export const withdraw: Run = (context, [organisation = '', entry = ''], options) =>
  change<StatusEntryAnswer>(
    context,
    `${pathOf(organisation, entry)}/withdraw`,
    { reason: text(options, 'reason') ?? '' },
    linesOf,
  )

function textOf(words: string | null): { readonly text?: string } {
  return words === null ? {} : { text: words }
}

/** A time, or how long after another: `2h` is in two hours. */
function timeOf(given: string, option: string, after: number): number {
  if (/^\d+(\.\d+)?(ms|s|m|h|d|w)/.test(given)) return after + duration(given, option)
  const at = /(?:Z|[+-]\d{2}:\d{2})$/.test(given) ? Date.parse(given) : NaN
  if (Number.isNaN(at))
    throw new UsageFault(
      `${option} is "${given}", expected a time with its zone or a duration from now, for example ${option} 2026-03-01T22:00Z or ${option} 2h`,
    )
  return at
}

function linesOf(entry: StatusEntryAnswer): readonly string[] {
  const { id, title, status, from, until, withdrawn, publishAt, services } = entry
  const window = from === null ? '' : `, ${dateWords(from)}${until === null ? '' : ` to ${dateWords(until)}`}`
  const of = services.length === 0 ? '' : ` (${services.join(', ')})`
  const hidden = withdrawn ? ', withdrawn' : entry.public ? '' : `, not public before ${dateWords(publishAt)}`
  const last = entry.updates.at(-1)
  return [
    visible(`${id}  ${title}${of}: ${status.replace('_', ' ')}${window}${hidden}`),
    ...(last === undefined
      ? []
      : [visible(`   ${dateWords(last.at)}${last.by === null ? '' : ` ${last.by}`}: ${last.text}`)]),
  ]
}
