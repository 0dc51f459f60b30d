/** A stand-in of Toxiproxy: its HTTP API as publicly described, in front of real connections that it cuts, slows and leads on. */
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export interface Toxiproxy {
  /** Address of the API, such as `http://127.0.0.1:8474`. */
  readonly api: string
  /** Makes a proxy that leads to a port of this machine; the port where it listens. */
  add(name: string, port: number): Promise<number>
  /** Whether it listens, the toxics that it has, and how often it was cut so far. */
  state(name: string): { readonly enabled: boolean; readonly toxics: readonly string[]; readonly cuts: number }
  end(): Promise<void>
}

interface Toxic {
  readonly name: string
  readonly type: string
  readonly stream: string
  readonly toxicity: number
  attributes: Readonly<Record<string, number>>
}

interface Proxy {
  readonly name: string
  readonly upstream: number
  readonly toxics: Map<string, Toxic>
  readonly sockets: Set<Socket>
  port: number
  server: Server | null
  cuts: number
}

/** What each kind of toxic says about itself. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  latency: ['latency', 'jitter'],
  timeout: ['timeout'],
  reset_peer: ['timeout'],
}

class Refused extends Error {
  override name = 'Refused'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export async function startToxiproxy(): Promise<Toxiproxy> {
  const proxies = new Map<string, Proxy>()
  const api = createHttp((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = 'GET', url = '/', headers } = request
      answer(proxies, method, url, String(headers['user-agent']), Buffer.concat(chunks).toString()).then(
        ({ status, body }) => {
          response.writeHead(status, { 'content-type': 'application/json' })
          response.end(body === undefined ? undefined : JSON.stringify(body))
        },
        (fault: Error) => {
          const status = fault instanceof Refused ? fault.status : 500
          response.writeHead(status, { 'content-type': 'application/json' })
          response.end(JSON.stringify({ error: fault.message, status }))
        },
      )
    })
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  return {
    api: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    async add(name, port) {
      const made: Proxy = {
        name,
        upstream: port,
        toxics: new Map(),
        sockets: new Set(),
        port: 0,
        server: null,
        cuts: 0,
      }
      proxies.set(name, made)
      await enable(made)
      return made.port
    },
    state: (name) => {
      const { server, toxics, cuts } = found(proxies, name)
      return { enabled: server !== null, toxics: [...toxics.keys()], cuts }
    },
    async end() {
      for (const proxy of proxies.values()) await disable(proxy)
      api.closeAllConnections()
      await new Promise<void>((resolve) => void api.close(() => resolve()))
    },
  }
}

interface Answer {
  readonly status: number
  readonly body?: unknown
}

async function answer(
  proxies: Map<string, Proxy>,
  method: string,
  url: string,
  agent: string,
  text: string,
): Promise<Answer> {
  // Pages of the web are not to reach it.
  if (agent.startsWith('Mozilla/')) throw new Refused(403, 'User agent not allowed')
  const [, top, name = '', sub, toxic = ''] = url.split('/')
  if (top === 'reset' && method === 'POST') {
    for (const proxy of proxies.values()) {
      proxy.toxics.clear()
      await enable(proxy)
    }
    return { status: 204 }
  }
  if (top !== 'proxies') throw new Refused(404, 'not found')
  if (name === '' && method === 'GET')
    return { status: 200, body: Object.fromEntries([...proxies].map(([key, proxy]) => [key, shown(proxy)])) }
  const proxy = found(proxies, name)
  if (sub === undefined) return changed(proxy, method, text)
  if (sub !== 'toxics') throw new Refused(404, 'not found')
  return toxicAnswer(proxy, method, toxic, text)
}

function found(proxies: ReadonlyMap<string, Proxy>, name: string): Proxy {
  const proxy = proxies.get(name)
  if (!proxy) throw new Refused(404, 'proxy not found')
  return proxy
}

async function changed(proxy: Proxy, method: string, text: string): Promise<Answer> {
  if (method === 'GET') return { status: 200, body: shown(proxy) }
  if (method !== 'POST' && method !== 'PATCH') throw new Refused(405, 'method not allowed')
  const { enabled = true } = objectIn(text) as { enabled?: unknown }
  if (typeof enabled !== 'boolean') throw new Refused(400, 'bad request body: enabled is no bool')
  await (enabled ? enable(proxy) : disable(proxy))
  return { status: 200, body: shown(proxy) }
}

function toxicAnswer({ toxics }: Proxy, method: string, name: string, text: string): Answer {
  if (name === '' && method === 'GET') return { status: 200, body: [...toxics.values()] }
  if (name === '' && method === 'POST') {
    const given = objectIn(text) as Partial<Toxic>
    const { type = '', stream = 'downstream', toxicity = 1, attributes = {} } = given
    const known = kinds[type]
    if (known === undefined) throw new Refused(400, 'invalid toxic type')
    if (stream !== 'downstream' && stream !== 'upstream')
      throw new Refused(400, 'stream was invalid, can be either upstream or downstream')
    const made = {
      name: given.name ?? `${type}_${stream}`,
      type,
      stream,
      toxicity,
      attributes: filled(known, attributes),
    }
    if (toxics.has(made.name)) throw new Refused(409, 'toxic already exists')
    toxics.set(made.name, made)
    return { status: 200, body: made }
  }
  const toxic = toxics.get(name)
  if (!toxic) throw new Refused(404, 'toxic not found')
  if (method === 'DELETE') toxics.delete(name)
  return method === 'DELETE' ? { status: 204 } : { status: 200, body: toxic }
}

function filled(known: readonly string[], given: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(known.map((name) => [name, given[name] ?? 0]))
}

function objectIn(text: string): object {
  try {
    return JSON.parse(text) as object
  } catch {
    throw new Refused(400, 'bad request body: invalid JSON')
  }
}

function shown({ name, port, upstream, server, toxics }: Proxy): object {
  return {
    name,
    listen: `127.0.0.1:${port}`,
    upstream: `127.0.0.1:${upstream}`,
    enabled: server !== null,
    toxics: [...toxics.values()],
  }
}

/** On the same port as before. */
async function enable(proxy: Proxy): Promise<void> {
  if (proxy.server !== null) return
  const server = createServer((near) => relay(proxy, near))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(proxy.port, '127.0.0.1', resolve)
  })
  proxy.server = server
  proxy.port = (server.address() as AddressInfo).port
}

/** Hangs up on everybody, and takes nobody any more. */
async function disable(proxy: Proxy): Promise<void> {
  const { server } = proxy
  if (server === null) return
  proxy.server = null
  proxy.cuts += 1
  for (const socket of proxy.sockets) socket.destroy()
  await new Promise<void>((resolve) => void server.close(() => resolve()))
}

function relay(proxy: Proxy, near: Socket): void {
  const far = connect(proxy.upstream, '127.0.0.1')
  const ends = [near, far] as const
  for (const socket of ends) {
    proxy.sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      proxy.sockets.delete(socket)
      for (const one of ends) one.destroy()
    })
  }
  near.pipe(through(proxy, 'upstream', ends)).pipe(far)
  far.pipe(through(proxy, 'downstream', ends)).pipe(near)
}

/** Toxics count from the next bytes on, also in connections that are open. */
function through({ toxics }: Proxy, stream: string, ends: readonly Socket[]): Transform {
  return new Transform({
    transform(chunk, _, done) {
      const here = [...toxics.values()].filter((toxic) => toxic.stream === stream)
      const blocks = here.find(({ type }) => type === 'timeout' || type === 'reset_peer')
      if (blocks !== undefined) {
        const { timeout = 0 } = blocks.attributes
        // Without a time, what comes is kept back until somebody else hangs up.
        if (timeout > 0 || blocks.type === 'reset_peer')
          setTimeout(() => ends.forEach((end) => end.destroy()), timeout).unref()
        return done()
      }
      const waitMs = here.reduce((sum, { attributes }) => sum + (attributes['latency'] ?? 0), 0)
      if (waitMs === 0) return done(null, chunk)
      setTimeout(() => done(null, chunk), waitMs).unref()
    },
  })
}
