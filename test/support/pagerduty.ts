/** The Events API v2 as PagerDuty describes it: events that are whole, for a key that it knows, and the alerts they make. */
import {
  limiting,
  objectIn,
  type Posted,
  type PostedAnswer,
  type PostedServer,
  startPostedServer,
  textOf,
} from './posted-server.ts'

export interface Alert {
  readonly key: string
  readonly state: 'triggered' | 'acknowledged' | 'resolved'
  readonly summary: string
  readonly severity: string
  /** How many events it has taken. */
  readonly events: number
}

export const routingKey = 'R0123456789abcdefR0123456789abcd'
/** Of a service whose events are not taken at the moment. */
export const brokenKey = 'B0123456789abcdefB0123456789abcd'
const largest = 512 * 1024

export async function startPagerduty(
  limited: { readonly times: number; readonly seconds: string | null } = { times: 0, seconds: null },
): Promise<PostedServer & { readonly alerts: ReadonlyMap<string, Alert>; readonly changes: readonly string[] }> {
  const alerts = new Map<string, Alert>()
  const changes: string[] = []
  const limit = limiting(limited.times, limited.seconds)
  const server = await startPostedServer((request) => limit() ?? answered(request, alerts, changes))
  return { ...server, alerts, changes }
}

function answered(request: Posted, alerts: Map<string, Alert>, changes: string[]): PostedAnswer {
  if (request.path === '/v2/change/enqueue') return changed(request, changes)
  if (request.path !== '/v2/enqueue') return said(404, { status: 'not found' })
  if (Buffer.byteLength(request.body) > largest) return said(413, { status: 'too large', message: 'Payload too large' })
  const event = objectIn(request.body)
  if (event === null) return invalid(['JSON is invalid'])
  if (event['routing_key'] === brokenKey) return said(500, { status: 'error', message: 'Internal Server Error' })
  const errors = [
    ...wrongInEvent(event),
    ...(event['event_action'] === 'trigger' ? wrongInPayload(event['payload']) : []),
  ]
  if (errors.length > 0) return invalid(errors)
  return said(202, { status: 'success', message: 'Event processed', dedup_key: take(event, alerts) })
}

/** A change has a key and a summary, and opens no alert. */
function changed(request: Posted, changes: string[]): PostedAnswer {
  const event = objectIn(request.body)
  const payload = (event?.['payload'] ?? {}) as Readonly<Record<string, unknown>>
  if (textOf(event?.['routing_key']) !== routingKey) return invalid(['Invalid routing key'])
  const summary = textOf(payload['summary'])
  if (summary === '') return invalid(["'payload.summary' is missing or blank"])
  if (summary.length > 1_024) return invalid(["'payload.summary' is too long (maximum is 1024 characters)"])
  changes.push(summary)
  return said(202, { status: 'success', message: 'Change event processed' })
}

function wrongInEvent(event: Readonly<Record<string, unknown>>): readonly string[] {
  const [key, action, dedup] = ['routing_key', 'event_action', 'dedup_key'].map((name) => textOf(event[name]))
  const wrong: string[] = []
  if (key === '') wrong.push("'routing_key' is missing or blank")
  else if (key?.length !== 32) wrong.push("Length of 'routing_key' is incorrect (should be 32 characters)")
  else if (key !== routingKey) wrong.push('Invalid routing key')
  if (!['trigger', 'acknowledge', 'resolve'].includes(action ?? ''))
    wrong.push("'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')")
  if (action !== 'trigger' && dedup === '') wrong.push("'dedup_key' is missing or blank")
  if ((dedup?.length ?? 0) > 255) wrong.push("'dedup_key' is too long (maximum is 255 characters)")
  return wrong
}

function wrongInPayload(payload: unknown): readonly string[] {
  if (typeof payload !== 'object' || payload === null) return ["'payload' is missing or blank"]
  const given = payload as Readonly<Record<string, unknown>>
  const wrong = ['summary', 'source', 'severity']
    .filter((name) => textOf(given[name]) === '')
    .map((name) => `'payload.${name}' is missing or blank`)
  if (textOf(given['summary']).length > 1_024) wrong.push("'payload.summary' is too long (maximum is 1024 characters)")
  if (!['critical', 'error', 'warning', 'info', ''].includes(textOf(given['severity'])))
    wrong.push("'payload.severity' is invalid")
  return wrong
}

/** An alert that is resolved is opened anew; what is acknowledged or resolved without one goes by unseen. */
function take(event: Readonly<Record<string, unknown>>, alerts: Map<string, Alert>): string {
  const key = textOf(event['dedup_key']) || `made-${alerts.size}`
  const [action, known] = [event['event_action'], alerts.get(key)]
  const payload = (event['payload'] ?? {}) as Readonly<Record<string, unknown>>
  if (action === 'trigger') {
    const [summary, severity] = [textOf(payload['summary']), textOf(payload['severity'])]
    const state = known?.state === 'acknowledged' ? 'acknowledged' : 'triggered'
    alerts.set(key, { key, state, summary, severity, events: (known?.events ?? 0) + 1 })
  } else if (known) {
    const state = action === 'resolve' || known.state === 'resolved' ? 'resolved' : 'acknowledged'
    alerts.set(key, { ...known, state, events: known.events + 1 })
  }
  return key
}

function invalid(errors: readonly string[]): PostedAnswer {
  return said(400, { status: 'invalid event', message: 'Event object is invalid', errors })
}

function said(status: number, answer: object): PostedAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) }
}
