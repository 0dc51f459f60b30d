/** Channel `statuspage`: entries of a Statuspage-shaped API that follow a release, and end with it whatever happens. */
import { z } from 'zod'
import { type EntryKind, isLastStatus, type StatusWord } from '../core/plan/status-words.ts'
import {
  type ChannelFacts,
  defineNotifier,
  type Delivered,
  type Message,
  NotifyFault,
  type NotifyPowers,
} from '../core/ports/notify.ts'
import { publicTextOf, statusOf } from '../core/release/status-of.ts'
import type { Instant } from '../core/units.ts'
import { shortened, visibleText } from './http/text.ts'
import { changeEntry, entriesOf, type FoundEntry } from './statuspage-parts/call.ts'
import { type EntryMove, keepOf, movesOf } from './statuspage-parts/course.ts'

const statuspageApi = 'https://api.statuspage.io/v1'
const limits = { name: 255, body: 25_000 } as const
const anHour = 3_600_000

const instant = z
  .string()
  .regex(/^(?:\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})|.*\{\{.*\}\}.*)$/, {
    error: 'expected a time with its zone such as 2026-03-01T22:00Z, or an input: {{ window_start }}',
  })

const config = z.strictObject({
  page: z.string().min(1).describe('Id of the page'),
  token: z.string().min(1).describe('API key of the organisation; `{{ secret.NAME }}`'),
  components: z.array(z.string().min(1)).max(50).default([]).describe('Ids of the components that are concerned'),
  impact: z
    .enum(['operational', 'degraded_performance', 'partial_outage', 'major_outage'])
    .default('degraded_performance')
    .describe('What the components show while an incident is open'),
  title: z
    .string()
    .min(1)
    .optional()
    .describe('Name of its entries; else `Maintenance of …`, `Problems with …` the service'),
  from: instant
    .optional()
    .describe('When the maintenance begins; it is announced until then and begins there by itself'),
  until: instant.optional().describe('When it is over as planned; else when the release is through as planned'),
  notify: z.boolean().default(true).describe('Whether the page tells its subscribers'),
  url: z.string().min(1).default(statuspageApi).describe('Address of the API'),
})

type Config = z.infer<typeof config>

export const statuspage = defineNotifier({
  kind: 'statuspage',
  summary: 'Incidents and maintenances on a status page (Statuspage API), which end with the release',
  config,
  example:
    'channels:\n  public: { kind: statuspage, page: gytm4qzbx9t6, token: "{{ secret.STATUSPAGE_KEY }}", components: [8kbf7d35c070] }',
  addresses: [statuspageApi],
  render: (message) => `${statusOf(message)}: ${message.subject}\n\n${publicTextOf(message, statusOf(message))}`,
  async send(_rendered, message, given, powers): Promise<Delivered> {
    const moves = movesOf(message)
    if (moves.length === 0) return { say: 'nothing is open there, and nothing was opened' }
    const said: string[] = []
    let keep: ChannelFacts = {}
    for (const move of moves) {
      try {
        const done = await moved(move, message, given, powers)
        said.push(done.say)
        keep = { ...keep, ...done.keep }
      } catch (fault) {
        if (!(fault instanceof NotifyFault)) throw fault
        throw new NotifyFault(fault.message, { retryable: fault.retryable, cause: fault, keep })
      }
    }
    return { say: said.join('; '), keep }
  },
  ask: async (given, powers) => {
    await entriesOf(given, powers)
    return 'the page answers this token'
  },
})

async function moved(
  { kind, open, status }: EntryMove,
  message: Message,
  given: Config,
  powers: NotifyPowers,
): Promise<Delivered> {
  if (open === null) return opened(kind, status, message, given, powers)
  const entry = await changeEntry(open.id, updateOf(kind, status, message, given), given, powers)
  if (isLastStatus(status))
    return {
      say: entry === null ? `${kind} ${open.id} was gone already` : `${kind} ${open.id} is ${status}`,
      keep: keepOf(kind, null),
    }
  if (entry === null) return opened(kind, status, message, given, powers)
  return { say: `${kind} ${open.id} is ${status}`, keep: keepOf(kind, { id: open.id, status }) }
}

/** An answer may have been lost: what this release has open there already is gone on with, never opened twice. */
async function opened(
  kind: EntryKind,
  status: StatusWord,
  message: Message,
  given: Config,
  powers: NotifyPowers,
): Promise<Delivered> {
  const begun = status === 'scheduled' && !isAhead(given.from, powers.clock.now()) ? 'in_progress' : status
  const known = (await entriesOf(given, powers)).find((entry) => isOurs(entry, kind, message.release))
  const incident = known
    ? updateOf(kind, begun, message, given)
    : { ...updateOf(kind, begun, message, given), ...birthOf(kind, message, given, powers.clock.now()) }
  const entry = await changeEntry(known?.id ?? null, incident, given, powers)
  if (entry === null) throw new NotifyFault('the entry vanished while it was made', { retryable: true })
  return { say: `${kind} ${entry.id} is ${begun}`, keep: keepOf(kind, { id: entry.id, status: begun }) }
}

function isAhead(from: string | undefined, now: Instant): boolean {
  return from !== undefined && Date.parse(from) > now
}

const ours = z.object({ holdpoint: z.object({ release: z.string(), kind: z.string() }) })

function isOurs({ status, metadata }: FoundEntry, kind: EntryKind, release: string): boolean {
  const mark = ours.safeParse(metadata).data?.holdpoint
  const isOver = status === 'resolved' || status === 'completed' || status === 'postmortem'
  return !isOver && mark?.release === release && mark.kind === kind
}

function updateOf(kind: EntryKind, status: StatusWord, message: Message, given: Config): object {
  const shown = isLastStatus(status) || status === 'scheduled' ? 'operational' : duringOf(kind, given)
  return {
    status,
    body: shortened(visibleText(publicTextOf(message, status)), limits.body),
    deliver_notifications: given.notify,
    ...(given.components.length === 0
      ? {}
      : { components: Object.fromEntries(given.components.map((id) => [id, shown])) }),
  }
}

function duringOf(kind: EntryKind, { impact }: Config): string {
  return kind === 'maintenance' ? 'under_maintenance' : impact
}

function birthOf(kind: EntryKind, message: Message, given: Config, now: Instant): object {
  const service = message.card?.service ?? 'the service'
  const name = given.title ?? (kind === 'incident' ? `Problems with ${service}` : `Maintenance of ${service}`)
  const from = given.from === undefined ? now : Date.parse(given.from)
  const planned = given.until === undefined ? (message.card?.expectedEnd ?? 0) : Date.parse(given.until)
  const until = planned > from ? planned : from + anHour
  return {
    name: shortened(visibleText(name), limits.name),
    metadata: { holdpoint: { release: message.release, kind } },
    component_ids: given.components,
    ...(kind === 'incident'
      ? {}
      : {
          scheduled_for: new Date(from).toISOString(),
          scheduled_until: new Date(until).toISOString(),
          scheduled_auto_in_progress: true,
          // Only the release knows when it is over: a page that says so by itself would be wrong where it takes longer.
          scheduled_auto_completed: false,
        }),
  }
}
