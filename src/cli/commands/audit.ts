/** `audit`: who came in, who was turned away, what was changed about rights. */
import type { Place } from '../../core/access/access.ts'
import type { StoredEvent } from '../../core/ports/store.ts'
import { printTable } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { placeWords } from '../place-argument.ts'
import { flag, text } from '../values.ts'

interface ToldEvent extends StoredEvent {
  readonly event: { readonly kind: string } & Readonly<Record<string, unknown>>
}

export const audit: Run = async (context, _words, options) => {
  const client = await context.client()
  const after = versionOf(text(options, 'after') ?? '0')
  const stream = flag(options, 'rights') ? 'access' : 'audit'
  const events = await client.ask<readonly ToldEvent[]>('GET', `/v1/audit?stream=${stream}&after=${after}`)
  if (context.json) printJson(context, events)
  else if (events.length === 0) context.err('nothing is written there yet')
  else
    printTable(
      context,
      ['NO', 'WHEN', 'BY', 'WHAT', 'DETAILS'],
      events.map(({ version, at, by, event: { kind, ...details } }) => ({
        cells: [
          String(version),
          new Date(at).toISOString().slice(0, 19).replace('T', ' '),
          by.id,
          kind,
          words(details),
        ],
      })),
    )
  return 0
}

interface Verdict {
  readonly ok: boolean
  readonly say: readonly string[]
}

export const verifyAudit: Run = async (context) => {
  const client = await context.client()
  const verdict = await client.ask<Verdict>('POST', '/v1/audit/verify', {})
  if (context.json) printJson(context, verdict)
  else for (const sentence of verdict.say) context.out(sentence)
  return verdict.ok ? 0 : 1
}

function words(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${valueWords(value)}`)
    .join(' ')
}

/** Places as people type them; what else is no word is told by its own members, and never as cut JSON. */
function valueWords(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueWords).join(',')
  if (isPlace(value)) return placeWords(value)
  const members = Object.entries(value).filter(([, inner]) => inner !== null)
  return `(${members.map(([name, inner]) => `${name}=${valueWords(inner)}`).join(' ')})`
}

function isPlace(value: object): value is Place {
  return 'organisation' in value && 'project' in value && 'environment' in value
}

function versionOf(given: string): number {
  const version = Number(given)
  if (Number.isInteger(version) && version >= 0) return version
  throw new UsageFault(`--after is "${given}", expected the number of an entry, for example --after 1000`)
}
