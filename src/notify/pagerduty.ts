/** Channel `pagerduty`: an alert for each cause, resolved when the cause is over (Events API v2); other news as changes. */
import { z } from 'zod'
import { defineNotifier, type Delivered, type Message, NotifyFault, type NotifyPowers } from '../core/ports/notify.ts'
import type { OutboundAnswer } from '../core/ports/outbound.ts'
import { hostOf, isRetryableStatus, postPatiently } from './http/post.ts'
import type { Cause } from '../core/ports/card.ts'
import { alertChanges, keepOf, openIn } from './pagerduty-parts/alerts.ts'
import { oneLine, shortened, visibleText } from './http/text.ts'

/** What the Events API takes. */
const limits = { summary: 1_024, details: 100_000, dedup: 255 } as const
const eventsApi = 'https://events.pagerduty.com'

const actions = ['trigger', 'acknowledge', 'resolve'] as const
const severities = ['critical', 'error', 'warning', 'info'] as const
type Action = (typeof actions)[number]
type Severity = (typeof severities)[number]

const config = z.strictObject({
  'routing-key': z
    .string()
    .regex(/^(?:[A-Za-z0-9]{32}|\{\{.*\}\})$/, {
      error: 'expected the integration key of a service, 32 letters and digits, as {{ secret.NAME }}',
    })
    .describe('Integration key of a service (Events API v2); `{{ secret.NAME }}`'),
  action: z
    .enum(['by-event', ...actions])
    .default('by-event')
    .describe(
      '`by-event`: bad news and waits open an alert for their cause, which is resolved when the cause is over; all other news is a change event. The others: one alert for each release',
    ),
  severity: z
    .enum(['by-event', ...severities])
    .default('by-event')
    .describe(
      '`by-event`: critical for a trigger that fired and what is rolled back, error for what stands still, else info',
    ),
  source: z.string().min(1).max(255).default('holdpoint').describe('What the alert says it comes from'),
  url: z.string().min(1).default(eventsApi).describe('`https://events.eu.pagerduty.com` for accounts in Europe'),
})

type Config = z.infer<typeof config>

export const pagerduty = defineNotifier({
  kind: 'pagerduty',
  summary: 'An alert at PagerDuty for each cause, resolved when it is over; other news as change events',
  config,
  example: 'channels:\n  pager: { kind: pagerduty, routing-key: "{{ secret.ROUTING_KEY }}" }',
  addresses: [eventsApi, 'https://events.eu.pagerduty.com'],
  render: (message, given) => JSON.stringify(eventOf(message, given)),
  async send(_rendered, message, given, powers) {
    if (given.action === 'by-event' && message.card) return byCause(message, message.card.causes, given, powers)
    if (message.quiet && actionOf(message.on) !== 'resolve') return 'nothing to resolve yet'
    return enqueued(eventOf(message, given), given, powers)
  },
})

/** What was done before a failure is kept: no alert is opened twice, and none is forgotten. */
async function byCause(
  message: Message,
  causes: readonly Cause[],
  given: Config,
  powers: NotifyPowers,
): Promise<Delivered> {
  const { trigger, resolve, isChange } = alertChanges(message, causes)
  const open = new Set(openIn(message.kept))
  const said: string[] = []
  try {
    for (const cause of trigger) {
      said.push(await enqueued(alertOf(message, cause, given), given, powers))
      open.add(cause.id)
    }
    for (const id of resolve) {
      const end = { event_action: 'resolve', dedup_key: dedupOf(message.release, id), client: 'Holdpoint' } as const
      said.push(await enqueued(end, given, powers))
      open.delete(id)
    }
    if (isChange) said.push(await told(message, given, powers))
  } catch (fault) {
    if (!(fault instanceof NotifyFault)) throw fault
    throw new NotifyFault(fault.message, { retryable: fault.retryable, cause: fault, keep: keepOf([...open]) })
  }
  return { say: said.length === 0 ? 'no alert to open or to resolve' : said.join('; '), keep: keepOf([...open]) }
}

function alertOf(message: Message, cause: Cause, given: Config): PagerEvent {
  const event = eventOf(message, { ...given, action: 'trigger' })
  const payload = {
    ...event.payload,
    summary: shortened(oneLine(cause.say) || message.on, limits.summary),
    severity: given.severity === 'by-event' ? cause.severity : given.severity,
    component: cause.id,
  }
  const links = message.page === undefined ? {} : { links: [{ href: message.page, text: 'The release' }] }
  return { ...event, dedup_key: dedupOf(message.release, cause.id), payload, ...links }
}

/** A change event wakes nobody: it stands beside the alerts of the service. */
async function told(message: Message, given: Config, powers: NotifyPowers): Promise<string> {
  const change = {
    routing_key: given['routing-key'],
    payload: {
      summary: shortened(oneLine(message.subject) || message.on, limits.summary),
      source: given.source,
      timestamp: new Date(powers.clock.now()).toISOString(),
      custom_details: { release: message.release, topic: message.on },
    },
    ...(message.page === undefined ? {} : { links: [{ href: message.page, text: 'The release' }] }),
  }
  const answer = await postPatiently(
    addressOf(given, '/v2/change/enqueue'),
    jsonHeaders,
    JSON.stringify(change),
    powers,
  )
  return proofOf(answer, 'change', given.url)
}

const jsonHeaders = { 'content-type': 'application/json', accept: 'application/json' }

function addressOf({ url }: Config, path: string): string {
  return `${url.replace(/\/$/, '')}${path}`
}

async function enqueued(event: PagerEvent, given: Config, powers: NotifyPowers): Promise<string> {
  const body = JSON.stringify({ routing_key: given['routing-key'], ...event })
  const answer = await postPatiently(addressOf(given, '/v2/enqueue'), jsonHeaders, body, powers)
  return proofOf(answer, event.event_action, given.url)
}

async function proofOf(answer: OutboundAnswer, action: Action | 'change', url: string): Promise<string> {
  const said = answerOf.safeParse(await answer.json().catch(() => null)).data
  if (answer.status === 202 && said?.status === 'success')
    return action === 'change' ? '202: change taken' : `202: ${action} of ${said.dedup_key ?? 'the alert'} taken`
  const why = [said?.message, ...(said?.errors ?? [])].filter((words) => words !== undefined).join('; ')
  throw new NotifyFault(`${hostOf(url)} answered ${answer.status}${why === '' ? '' : `: ${why}`}`, {
    retryable: isRetryableStatus(answer.status),
  })
}

const answerOf = z.object({
  status: z.string().optional(),
  message: z.string().optional(),
  dedup_key: z.string().optional(),
  errors: z.array(z.string()).optional(),
})

interface PagerEvent {
  readonly event_action: Action
  readonly dedup_key: string
  readonly client: string
  readonly payload?: object
  readonly links?: readonly object[]
}

function eventOf(message: Message, given: Config): PagerEvent {
  const action = given.action === 'by-event' ? actionOf(message.on) : given.action
  const event = { event_action: action, dedup_key: dedupOf(message.release), client: 'Holdpoint' }
  const summary = shortened(oneLine(message.subject) || message.on, limits.summary)
  const payload = {
    summary,
    source: given.source,
    severity: given.severity === 'by-event' ? severityOf(message.on) : given.severity,
    class: message.on,
    custom_details: {
      release: message.release,
      message: message.id,
      text: shortened(visibleText(message.body), limits.details),
    },
  }
  return { ...event, payload }
}

/** Everything of one release is one alert; the ends of a long name are what differs. */
function dedupOf(release: string, cause?: string): string {
  if (cause !== undefined) return `holdpoint/${release.slice(-120)}/${cause.slice(-120)}`
  return `holdpoint/${release}`.length <= limits.dedup ? `holdpoint/${release}` : `holdpoint/${release.slice(-240)}`
}

/** Doubt keeps an alert open: resumed is seen by somebody, not over. */
function actionOf(on: string): Action {
  if (on === 'release.resumed') return 'acknowledge'
  const ends = ['release.closed', 'release.signed-off', 'release.left', 'release.superseded']
  return ends.includes(on) ? 'resolve' : 'trigger'
}

function severityOf(on: string): Severity {
  if (['trigger.fired', 'rollback.started', 'rollback.failed'].includes(on)) return 'critical'
  const standing = ['step.failed', 'step.unknown', 'decision.asked', 'traffic.drifted', 'release.held']
  return standing.includes(on) ? 'error' : 'info'
}
