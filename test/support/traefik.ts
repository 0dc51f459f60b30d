/**
 * What of Traefik the driver needs, in its forms: a file provider that watches a folder and keeps what ran when a file is
 * wrong, weighted services, and `GET /api/http/services/NAME@file`. It refuses what Traefik refuses.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parse } from 'yaml'

interface Weighted {
  readonly services: readonly { readonly name: string; readonly weight?: number }[]
}
interface Service {
  readonly weighted?: Weighted
  readonly loadBalancer?: { readonly servers: readonly { readonly url: string }[] }
}
type Services = Readonly<Record<string, Service>>

export interface Traefik {
  /** Where users come in: everything goes to the service `entry`. */
  readonly address: string
  readonly api: string
  stop(): Promise<void>
}

export async function startTraefik(folder: string, entry: string): Promise<Traefik> {
  let running: Services = {}
  const turns = new Map<string, number>()
  const look = (): void => {
    try {
      running = readFolder(folder)
    } catch {
      // A file that cannot be read changes nothing.
    }
  }
  look()
  const watching = setInterval(look, 20)
  const served = new Map<string, number>()
  const api = createServer((asked, answer) =>
    asked.url === '/metrics' ? answer.end(metricsOf(served)) : tell(running, asked, answer),
  )
  const front = createServer((asked, answer) => {
    const to = chosen(running, entry, turns)
    if (to !== null) served.set(to.name, (served.get(to.name) ?? 0) + 1)
    pass(to?.url ?? null, asked, answer)
  })
  await Promise.all([api, front].map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))))
  const at = (server: typeof api): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address: at(front),
    api: at(api),
    async stop() {
      clearInterval(watching)
      for (const server of [api, front]) {
        server.closeAllConnections()
        await new Promise((done) => server.close(done))
      }
    },
  }
}

/** One service of a name, in whichever file; anything else than what Traefik knows is refused as a whole. */
function readFolder(folder: string): Services {
  const all: Record<string, Service> = {}
  for (const file of readdirSync(folder).filter((name) => /^[^.].*\.ya?ml$/.test(name))) {
    const text = parse(readFileSync(join(folder, file), 'utf8')) as { http?: { services?: Services } }
    for (const [name, service] of Object.entries(text.http?.services ?? {})) {
      const [kind, ...more] = Object.keys(service)
      if (more.length > 0 || (kind !== 'weighted' && kind !== 'loadBalancer'))
        throw new Error(`field not found: ${kind}`)
      if (service.weighted?.services.some(({ weight = 1 }) => !Number.isInteger(weight))) throw new Error('weight')
      all[name] = service
    }
  }
  return all
}

function tell(running: Services, asked: IncomingMessage, answer: ServerResponse): void {
  const name = /^\/api\/http\/services\/(.+)@file$/.exec(decodeURIComponent(asked.url ?? ''))?.[1] ?? ''
  const service = running[name]
  const missing = service?.weighted?.services.find((one) => running[one.name] === undefined)?.name
  answer.setHeader('content-type', 'application/json')
  if (asked.method !== 'GET' || service === undefined) {
    answer
      .writeHead(asked.method === 'GET' ? 404 : 405)
      .end(JSON.stringify({ message: `service not found: ${name}@file` }))
    return
  }
  const weighted = service.weighted && {
    services: service.weighted.services.map((one) => ({ ...one, name: `${one.name}@file` })),
  }
  const error = missing === undefined ? {} : { error: [`the service "${missing}@file" does not exist`] }
  const status = missing === undefined ? 'enabled' : 'disabled'
  const type = weighted ? 'weighted' : 'loadbalancer'
  answer.end(JSON.stringify({ ...service, weighted, status, ...error, name: `${name}@file`, provider: 'file', type }))
}

/** Smooth round robin by weight: nobody with a weight of nothing is ever chosen. */
function chosen(
  running: Services,
  name: string,
  turns: Map<string, number>,
): { readonly name: string; readonly url: string } | null {
  const service = running[name]
  const url = service?.loadBalancer?.servers[0]?.url
  if (service?.loadBalancer) return url === undefined ? null : { name, url }
  const open = (service?.weighted?.services ?? []).filter(({ weight = 1 }) => weight > 0)
  for (const { name: each, weight = 1 } of open) turns.set(each, (turns.get(each) ?? 0) + weight)
  const next = open.toSorted((one, other) => (turns.get(other.name) ?? 0) - (turns.get(one.name) ?? 0))[0]
  if (next === undefined) return null
  const all = open.reduce((sum, { weight = 1 }) => sum + weight, 0)
  turns.set(next.name, (turns.get(next.name) ?? 0) - all)
  return chosen(running, next.name, turns)
}

function metricsOf(served: ReadonlyMap<string, number>): string {
  const lines = [...served].map(
    ([name, count]) =>
      `traefik_service_requests_total{code="200",method="GET",protocol="http",service="${name}@file"} ${count}\n`,
  )
  return `# TYPE traefik_service_requests_total counter\n${lines.join('')}`
}

function pass(url: string | null, asked: IncomingMessage, answer: ServerResponse): void {
  if (url === null) {
    answer.writeHead(503).end('no available server')
    return
  }
  const onward = request(new URL(asked.url ?? '/', url), { method: asked.method ?? 'GET' }, (from) => {
    answer.writeHead(from.statusCode ?? 502)
    from.pipe(answer)
  })
  onward.on('error', () => answer.writeHead(502).end('Bad Gateway'))
  asked.pipe(onward)
}
