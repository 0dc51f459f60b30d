/**
 * The part of Sentry that checks and metrics ask, from its public description: envelopes by DSN, events by id, issues by a
 * search, counts of events. What Sentry refuses is refused here.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SentryIssue {
  readonly project: string
  readonly title: string
  readonly level: string
  readonly firstRelease: string
  readonly minutesAgo: number
}

export interface SentryCounted {
  readonly at: number
  readonly release: string
  readonly level: string
  readonly project: string
  readonly user: string
}

export interface Sentry {
  readonly url: string
  readonly token: string
  /** By the name of a project its DSN. */
  dsn(project: string): string
  readonly issues: SentryIssue[]
  /** Events by project, as they were sent. */
  readonly events: {
    readonly project: string
    readonly id: string
    readonly payload: Readonly<Record<string, unknown>>
  }[]
  /** Events as Discover counts them. */
  readonly counted: SentryCounted[]
  /** Of which its issues are so many minutes ago. */
  now: number
  /** An event is seen at the so manyth look; Infinity = never. */
  seenAt: number
  close(): Promise<void>
}

const token = 'sntryu_exampleexample'
const projects = { 'shop-api': { id: '42', key: '0a1b2c' }, 'shop-web': { id: '43', key: '3d4e5f' } } as const

export async function startSentry(): Promise<Sentry> {
  const looks = new Map<string, number>()
  const state = {
    issues: [] as SentryIssue[],
    events: [] as Sentry['events'],
    seenAt: 1,
    counted: [] as SentryCounted[],
    now: 0,
  }
  type Answer = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>]

  const take = (id: string, headers: IncomingHttpHeaders, body: string): Answer => {
    const refuse = (status: number, detail: string): Answer => [status, { detail }, { 'x-sentry-error': detail }]
    const project = Object.entries(projects).find(([, one]) => one.id === id)
    if (project === undefined) return refuse(403, 'event submission rejected with_reason: ProjectId')
    const auth = String(headers['x-sentry-auth'] ?? '')
    if (!/^Sentry .*sentry_version=7/.test(auth)) return refuse(401, 'missing authorization information')
    if (!auth.includes(`sentry_key=${project[1].key}`))
      return refuse(403, 'event submission rejected with_reason: InvalidKey')
    const [head, item, payload] = body
      .split('\n')
      .map((line) => (line === '' ? null : (JSON.parse(line) as Record<string, unknown>)))
    const eventId = String(head?.['event_id'])
    if (!/^[0-9a-f]{32}$/.test(eventId) || item?.['type'] !== 'event' || payload?.['event_id'] !== eventId)
      return refuse(400, 'bad envelope')
    state.events.push({ project: project[0], id: eventId, payload: payload ?? {} })
    return [200, { id: eventId }]
  }

  const answerTo = (method: string, url: URL, headers: IncomingHttpHeaders, body: string): Answer => {
    const envelope = /^\/api\/(\w+)\/envelope\/$/.exec(url.pathname)?.[1]
    if (envelope !== undefined && method === 'POST') return take(envelope, headers, body)
    if (headers.authorization !== `Bearer ${token}`) return [401, { detail: 'Invalid token' }]
    if (url.pathname === '/api/0/organizations/acme/') return [200, { slug: 'acme' }]
    if (url.pathname === '/api/0/organizations/acme/events/') return discovered(url.searchParams)
    if (url.pathname === '/api/0/organizations/acme/issues/')
      return [200, newIssues(url.searchParams.get('query') ?? '')]
    const [, project = '', rest = ''] = /^\/api\/0\/projects\/acme\/([\w-]+)(\/.*)$/.exec(url.pathname) ?? []
    if (!(project in projects)) return [404, { detail: 'The requested resource does not exist' }]
    const event = /^\/events\/([0-9a-f]{32})\/$/.exec(rest)?.[1]
    if (event !== undefined) {
      const look = (looks.get(event) ?? 0) + 1
      looks.set(event, look)
      const isThere = state.events.some(({ id, project: of }) => id === event && of === project)
      return isThere && look >= state.seenAt
        ? [200, { id: event, eventID: event }]
        : [404, { detail: 'Event not found' }]
    }
    if (rest === '/issues/') return searched(project, url.searchParams.get('query') ?? '')
    if (rest === '/stats/')
      return [
        200,
        [
          [1, 0],
          [2, state.events.filter((one) => one.project === project).length],
        ],
      ]
    return [404, { detail: 'The requested resource does not exist' }]
  }

  const discovered = (given: URLSearchParams): Answer => {
    const [start, end] = ['start', 'end'].map((name) => Date.parse(given.get(name) ?? ''))
    if (start === undefined || end === undefined || !(end > start)) return [400, { detail: 'start must be before end' }]
    let found = state.counted.filter(({ at }) => at >= start && at < end)
    for (const [, key = '', value = ''] of (given.get('query') ?? '').matchAll(/(\S+?):"?([^\s"]+)"?/g)) {
      if (!['release', 'level', 'project'].includes(key))
        return [400, { detail: `Invalid key for this search: ${key}` }]
      found = found.filter((one) => one[key as 'release'] === value)
    }
    const field = given.get('field') ?? ''
    if (field === 'count()') return [200, { data: [{ [field]: found.length }], meta: {} }]
    if (field !== 'count_unique(user)') return [400, { detail: `Invalid field: ${field}` }]
    return [200, { data: [{ [field]: new Set(found.map(({ user }) => user)).size }], meta: {} }]
  }

  const newIssues = (query: string): unknown => {
    const [, from = ''] = /firstSeen:>=(\S+)/.exec(query) ?? []
    const [, to = ''] = /firstSeen:<(\S+)/.exec(query) ?? []
    const seenAt = ({ minutesAgo }: SentryIssue): number => state.now - minutesAgo * 60_000
    return state.issues
      .filter((one) => seenAt(one) >= Date.parse(from) && seenAt(one) < Date.parse(to))
      .map(({ title }) => ({ title }))
  }

  const searched = (project: string, query: string): Answer => {
    let found = state.issues.filter((issue) => issue.project === project)
    for (const term of query.split(' ')) {
      const [, key, value = ''] = /^(\w+):(\S+)$/.exec(term) ?? []
      const values = value.replace(/^\[|\]$/g, '').split(',')
      if (key === 'level') found = found.filter(({ level }) => values.includes(level))
      else if (key === 'firstRelease') found = found.filter(({ firstRelease }) => values.includes(firstRelease))
      else if (key === 'firstSeen' && /^-\d+[mhd]$/.test(value))
        found = found.filter(({ minutesAgo }) => minutesAgo <= Number.parseInt(value.slice(1), 10))
      else if (term !== 'is:unresolved') return [400, { detail: `Error parsing search query: ${term}` }]
    }
    return [
      200,
      found.map(({ title, level }, index) => ({ id: String(index), shortId: `SHOP-${index}`, title, level })),
    ]
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://sentry')
      const [status, body, headers] = answerTo(
        request.method ?? 'GET',
        url,
        request.headers,
        Buffer.concat(chunks).toString(),
      )
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    token,
    dsn: (project: string) => {
      const { id, key } = projects[project as keyof typeof projects]
      return `http://${key}@127.0.0.1:${port}/${id}`
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
