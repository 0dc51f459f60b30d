/** The incidents of Statuspage's API as its reference describes them: what it accepts, what it refuses, and how entries go on. */
import {
  limiting,
  objectIn,
  type Posted,
  type PostedAnswer,
  type PostedServer,
  startPostedServer,
  textOf,
} from './posted-server.ts'

export const statuspageToken = 'a1b2c3d4-statuspage'
export const statuspagePage = 'gytm4qzbx9t6'
export const statuspageComponent = '8kbf7d35c070'

const realtime = ['investigating', 'identified', 'monitoring', 'resolved']
const scheduled = ['scheduled', 'in_progress', 'verifying', 'completed']
const shown = ['operational', 'under_maintenance', 'degraded_performance', 'partial_outage', 'major_outage']

export interface StatuspageIncident {
  readonly id: string
  readonly name: string
  status: string
  readonly scheduled_for: string | null
  readonly scheduled_until: string | null
  readonly scheduled_auto_in_progress: boolean
  readonly metadata: unknown
  readonly incident_updates: { readonly status: string; readonly body: string }[]
}

export interface StatuspageStandIn extends PostedServer {
  readonly incidents: Map<string, StatuspageIncident>
  readonly components: Map<string, string>
  /** So many of the next answers to what was done are lost on their way. */
  loseAnswers(count: number): void
  /** As somebody who deletes an incident in the browser does. */
  delete(id: string): void
}

export interface StatuspageSettings {
  /** How many requests are answered 429 first, and the seconds they are told to wait. */
  readonly limited?: { readonly times: number; readonly seconds: string | null }
}

export async function startStatuspage({ limited }: StatuspageSettings = {}): Promise<StatuspageStandIn> {
  const incidents = new Map<string, StatuspageIncident>()
  const components = new Map([[statuspageComponent, 'operational']])
  const limit = limiting(limited?.times ?? 0, limited?.seconds ?? null)
  let lost = 0
  const server = await startPostedServer((request) => {
    const answer = limit() ?? answered(request, incidents, components)
    if (request.method === 'GET' || lost === 0) return answer
    lost -= 1
    return { status: 502, body: 'Bad Gateway' }
  })
  return {
    ...server,
    incidents,
    components,
    loseAnswers: (count) => {
      lost = count
    },
    delete: (id) => void incidents.delete(id),
  }
}

function answered(
  request: Posted,
  incidents: Map<string, StatuspageIncident>,
  components: Map<string, string>,
): PostedAnswer {
  if (request.headers.authorization !== `OAuth ${statuspageToken}`)
    return said(401, { error: 'Could not authenticate' })
  const [, page, rest = ''] = /^\/v1\/pages\/([^/?]+)(?:\.json)?(?:\/incidents([^?]*))?/.exec(request.path) ?? []
  if (page !== statuspagePage) return said(404, { error: 'not found' })
  if (request.method === 'GET') return said(200, [...incidents.values()].reverse().slice(0, 100))
  const given = objectIn(request.body)?.['incident']
  if (typeof given !== 'object' || given === null) return said(422, { error: ['incident is missing'] })
  const wanted = given as Readonly<Record<string, unknown>>
  const known = incidents.get(rest.slice(1))
  if (request.method === 'PATCH' && known === undefined) return said(404, { error: 'not found' })
  const wrong = whyNot(wanted, known ?? null, components)
  if (wrong.length > 0) return said(422, { error: wrong })
  const incident = known ?? made(wanted, incidents)
  incident.status = textOf(wanted['status']) || incident.status
  incident.incident_updates.push({ status: incident.status, body: textOf(wanted['body']) })
  for (const [id, status] of Object.entries((wanted['components'] ?? {}) as object)) components.set(id, String(status))
  return said(known ? 200 : 201, incident)
}

function made(
  wanted: Readonly<Record<string, unknown>>,
  incidents: Map<string, StatuspageIncident>,
): StatuspageIncident {
  const incident: StatuspageIncident = {
    id: `inc${incidents.size + 1}x7w24h`,
    name: textOf(wanted['name']),
    status: 'investigating',
    scheduled_for: textOf(wanted['scheduled_for']) || null,
    scheduled_until: textOf(wanted['scheduled_until']) || null,
    scheduled_auto_in_progress: wanted['scheduled_auto_in_progress'] === true,
    metadata: wanted['metadata'] ?? {},
    incident_updates: [],
  }
  incidents.set(incident.id, incident)
  return incident
}

function whyNot(
  wanted: Readonly<Record<string, unknown>>,
  known: StatuspageIncident | null,
  components: ReadonlyMap<string, string>,
): readonly string[] {
  const status = textOf(wanted['status'])
  const isScheduled = known ? known.scheduled_for !== null : wanted['scheduled_for'] !== undefined
  const name = textOf(wanted['name'])
  const [from, until] = [Date.parse(textOf(wanted['scheduled_for'])), Date.parse(textOf(wanted['scheduled_until']))]
  const shows = Object.entries((wanted['components'] ?? {}) as object)
  return [
    ...(known === null && name === '' ? ["Name can't be blank"] : []),
    ...(name.length > 255 ? ['Name is too long (maximum is 255 characters)'] : []),
    ...(textOf(wanted['body']).length > 25_000 ? ['Body is too long (maximum is 25000 characters)'] : []),
    ...((isScheduled ? scheduled : realtime).includes(status) ? [] : ['Status is not included in the list']),
    ...(known === null && isScheduled && !(until > from) ? ['Scheduled until must be after scheduled for'] : []),
    ...shows.flatMap(([id, show]) => [
      ...(components.has(id) ? [] : [`Component ${id} does not exist`]),
      ...(shown.includes(String(show)) ? [] : [`Component status ${String(show)} is not included in the list`]),
    ]),
  ]
}

function said(status: number, answer: object): PostedAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) }
}
