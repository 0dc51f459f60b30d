/** `follow-up`: what is left to do after releases, who does it, and that it was done. */
import type { ToldFollowUp } from '../../api/wire/follow-up-shapes.ts'
import { visible } from '../terminal/text.ts'
import { dateWords } from '../../report/words.ts'
import { askEngine } from '../ask-engine.ts'
import { change, printToldTable } from '../ask-server.ts'
import type { Run, Values } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { findRelease } from '../release-argument.ts'
import { duration, flag, text } from '../values.ts'

export const list: Run = async (context, _words, options) => {
  const client = await context.client()
  const release = text(options, 'release')
  const query = new URLSearchParams({
    ...(flag(options, 'all') ? {} : { open: 'true' }),
    ...wanted('service', text(options, 'service')),
    ...wanted('release', release === null ? null : (await findRelease(client, release, true)).release),
  })
  const all = await client.ask<readonly ToldFollowUp[]>('GET', `/v1/follow-ups?${query.toString()}`)
  if (context.json) printJson(context, all)
  else if (all.length === 0) context.err('nothing is left to do')
  else
    printToldTable(
      context,
      ['ID', 'STANDS', 'OWNER', 'WHAT'],
      all.map((one) => ({ cells: [one.id, standing(one), one.owner ?? 'nobody', whatWords(one)] })),
    )
  return flag(options, 'overdue') && all.some(({ overdue }) => overdue) ? 1 : 0
}

function wanted(name: string, value: string | null): Readonly<Record<string, string>> {
  return value === null ? {} : { [name]: value }
}

function standing({ closed, overdue, due }: ToldFollowUp): string {
  if (closed !== null) return `done by ${closed.by}`
  if (due === null) return 'open'
  return `${overdue ? 'OVERDUE since' : 'due'} ${dateWords(due)}`
}

function whatWords({ title, severity, kind, link }: ToldFollowUp): string {
  const facts = [kind, ...(severity === 'normal' ? [] : [severity]), ...(link === null ? [] : [link])]
  return `${visible(title)} (${facts.join(', ')})`
}

export const add: Run = async (context, [title = ''], options) => {
  const { owner = null, due = null, severity = 'normal', link = null } = changesIn(options, text(options, 'owner'))
  const given = { title, owner, due, severity, link }
  const release = text(options, 'release')
  const service = text(options, 'service')
  if (release !== null) {
    const client = await context.client()
    const view = await findRelease(client, release, true)
    return askEngine(context, client, view, { kind: 'AddFollowUp', ...given })
  }
  if (service === null)
    throw new UsageFault(
      `expected --release or --service, for example: holdpoint follow-up add '${title}' --service checkout`,
    )
  return change<ToldFollowUp>(context, '/v1/follow-ups', { ...given, service }, (kept) => [
    `${kept.id}: ${visible(kept.title)}`,
  ])
}

export const assign: Run = (context, [id = '', person], options) => {
  const changes = changesIn(options, person ?? null)
  if (Object.keys(changes).length === 0)
    throw new UsageFault(`expected a person or a change, for example: holdpoint follow-up assign ${id} ana --due 7d`)
  return change<ToldFollowUp>(context, '/v1/follow-ups/change', { id, ...changes }, (kept) => [
    `${kept.id}: ${standing(kept)}, ${kept.owner ?? 'nobody owns it'}`,
  ])
}

export const done: Run = (context, [id = ''], options) =>
  change<ToldFollowUp>(context, '/v1/follow-ups/close', { id, note: text(options, 'note') ?? '' }, (kept) => [
    `${kept.id} is done`,
  ])

interface Changes {
  readonly owner?: string
  readonly due?: number
  readonly severity?: 'high' | 'normal' | 'low'
  readonly link?: string
}

function changesIn(options: Values, owner: string | null): Changes {
  const due = text(options, 'due')
  const severity = text(options, 'severity') as Changes['severity'] | null
  const link = text(options, 'link')
  return {
    ...(owner === null ? {} : { owner }),
    ...(due === null ? {} : { due: dueIn(due) }),
    ...(severity == null ? {} : { severity }),
    ...(link === null ? {} : { link }),
  }
}

/** A day is over when it ends, in UTC. */
function dueIn(given: string): number {
  if (/^\d+(\.\d+)?(ms|s|m|h|d|w)/.test(given)) return Date.now() + duration(given, '--due')
  const at = Date.parse(/^\d{4}-\d\d-\d\d$/.test(given) ? `${given}T23:59:59Z` : given)
  if (Number.isNaN(at))
    throw new UsageFault(`--due is "${given}", expected a day or in how long, for example --due 2026-12-04 or --due 7d`)
  return at
}
