/**
 * The part of Grafana's HTTP API that checks ask, from its public description: tokens, search, dashboards by uid, data sources,
 * queries through a data source, and the login of people. What Grafana refuses is refused here.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Row {
  /** Milliseconds before now. */
  readonly ago: number
  readonly value: number | null
}

export interface Grafana {
  readonly url: string
  readonly token: string
  /** By uid the model of a dashboard. */
  readonly dashboards: Map<string, Readonly<Record<string, unknown>>>
  /** By expression what a data source answers. */
  readonly series: Map<string, readonly Row[]>
  /** Expressions that were asked for. */
  readonly asked: string[]
  close(): Promise<void>
}

export const people = { user: 'release', password: 'opens-the-door' }
const token = 'glsa_exampleexampleexample'
const sources = [
  { uid: 'prom-1', name: 'Prometheus', type: 'prometheus', isDefault: true },
  { uid: 'loki-1', name: 'Logs', type: 'loki', isDefault: false },
]

interface Query {
  readonly refId?: string
  readonly expr?: string
  readonly format?: string
  readonly datasource?: { readonly uid?: string }
}

export async function startGrafana(): Promise<Grafana> {
  const dashboards: Grafana['dashboards'] = new Map()
  const series: Grafana['series'] = new Map()
  const asked: string[] = []
  type Answer = readonly [status: number, body: unknown]

  const answerTo = (method: string, url: URL, authorization: string | undefined, body: string): Answer => {
    if (url.pathname === '/api/health') return [200, { database: 'ok', version: '10.4.2' }]
    if (method === 'POST' && url.pathname === '/login') {
      const given = JSON.parse(body) as typeof people
      const isKnown = given.user === people.user && given.password === people.password
      return isKnown
        ? [200, { message: 'Logged in', redirectUrl: '/' }]
        : [401, { message: 'Invalid username or password', messageId: 'password-auth.failed' }]
    }
    if (authorization !== `Bearer ${token}`) return [401, { message: 'Unauthorized', statusCode: 401 }]
    if (url.pathname === '/api/datasources') return [200, sources]
    if (url.pathname === '/api/search') {
      const words = (url.searchParams.get('query') ?? '').toLowerCase()
      const all = [...dashboards].map(([uid, { title }]) => ({ uid, title: String(title), type: 'dash-db' }))
      return [200, all.filter(({ title }) => title.toLowerCase().includes(words))]
    }
    const uid = /^\/api\/dashboards\/uid\/([\w-]+)$/.exec(url.pathname)?.[1]
    if (uid !== undefined) {
      const found = dashboards.get(uid)
      return found === undefined
        ? [404, { message: 'Dashboard not found', status: 'not-found' }]
        : [200, { meta: { slug: uid }, dashboard: { uid, ...found } }]
    }
    if (method === 'POST' && url.pathname === '/api/ds/query') return queried(JSON.parse(body) as never)
    return [404, { message: 'Not found' }]
  }

  const queried = ({ queries = [], to }: { readonly queries?: readonly Query[]; readonly to?: string }): Answer => {
    if (queries.length === 0) return [400, { message: 'No queries found in query' }]
    if (to === undefined) return [400, { message: 'missing to' }]
    const results: Record<string, unknown> = {}
    for (const { refId = 'A', expr = '', format, datasource } of queries) {
      if (!sources.some(({ uid }) => uid === datasource?.uid)) return [404, { message: 'Data source not found' }]
      asked.push(expr)
      const rows = series.get(expr)
      if (/\$(?!__)/.test(expr))
        results[refId] = { status: 400, error: `bad_data: parse error: unexpected character in ${expr}` }
      else if (rows === undefined) results[refId] = { status: 200, frames: [] }
      else results[refId] = { status: 200, frames: [frameOf(rows, Number(to), format === 'table')] }
    }
    const isBad = Object.values(results).some((one) => (one as { error?: string }).error !== undefined)
    return [isBad ? 400 : 200, { results }]
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://grafana')
      const [status, body] = answerTo(
        request.method ?? 'GET',
        url,
        request.headers.authorization,
        Buffer.concat(chunks).toString(),
      )
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    dashboards,
    series,
    asked,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function frameOf(rows: readonly Row[], to: number, isTable: boolean): unknown {
  const values = rows.map(({ value }) => value)
  if (isTable) return { schema: { fields: [{ name: 'Value', type: 'number' }] }, data: { values: [values] } }
  return {
    schema: {
      fields: [
        { name: 'Time', type: 'time' },
        { name: 'Value', type: 'number' },
      ],
    },
    data: { values: [rows.map(({ ago }) => to - ago), values] },
  }
}
