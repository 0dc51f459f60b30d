/** Channel `pagerduty`: one alert per release, which messages trigger, acknowledge and resolve (Events API v2). */
import { z } from 'zod'
import { defineNotifier, type Message, NotifyFault } from '../core/ports/notify.ts'
import type { OutboundAnswer } from '../core/ports/outbound.ts'
import { hostOf, isRetryableStatus, postPatiently } from './http/post.ts'
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
      '`by-event`: `release.resumed` acknowledges; `release.closed`, `release.signed-off`, `release.left` and `release.superseded` resolve; all others trigger',
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
  summary: 'One alert per release at PagerDuty, which messages trigger, acknowledge and resolve',
  config,
  example: 'channels:\n  pager: { kind: pagerduty, routing-key: "{{ secret.ROUTING_KEY }}" }',
  addresses: [eventsApi, 'https://events.eu.pagerduty.com'],
  render: (message, given) => JSON.stringify(eventOf(message, given)),
  async send(rendered, message, given, powers) {
    const event = { routing_key: given['routing-key'], ...eventOf(message, given) }
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const answer = await postPatiently(
      `${given.url.replace(/\/$/, '')}/v2/enqueue`,
      headers,
      JSON.stringify(event),
      powers,
    )
    return proofOf(answer, event.event_action, given.url)
  },
})

async function proofOf(answer: OutboundAnswer, action: Action, url: string): Promise<string> {
  const said = answerOf.safeParse(await answer.json().catch(() => null)).data
  if (answer.status === 202 && said?.status === 'success')
    return `202: ${action} of ${said.dedup_key ?? 'the alert'} taken`
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
function dedupOf(release: string): string {
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
