/** A weighted proxy before two versions, with an admin page that sets the weight, tells it, and refuses old orders. */
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as requestTo,
  type Server,
  type ServerResponse,
} from 'node:http'

export interface Proxy {
  /** What customers call. */
  readonly front: Server
  /** GET /weight tells it, PUT /weight `{ "percent": 25, "epoch": 3 }` sets it. */
  readonly admin: Server
}

export interface ProxyTargets {
  readonly stable: string
  readonly canary: string
}

export function createProxy(targets: ProxyTargets): Proxy {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 })
  let weight = { percent: 0, epoch: 0 }
  // Carries the rest of each decision over to the next, so that 5 % is every twentieth request and not a matter of luck.
  let carried = 0

  const next = (): string => {
    carried += weight.percent / 100
    if (carried < 1 - 1e-9) return targets.stable
    carried -= 1
    return targets.canary
  }

  const front = createServer((request, response) => forward(request, response, next(), agent))
  front.once('close', () => agent.destroy())
  const admin = createServer((request, response) => {
    const reply = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(value))
    }
    if (request.url !== '/weight') return reply(404, { error: 'there is only /weight' })
    if (request.method === 'GET') return reply(200, weight)
    if (request.method !== 'PUT') return reply(405, { error: 'GET or PUT' })
    void orderIn(request).then((order) => {
      if (order === null) return reply(400, { error: 'expected { "percent": 0 to 100, "epoch": a whole number }' })
      if (order.epoch < weight.epoch)
        return reply(409, { error: `epoch ${order.epoch} is over, ${weight.epoch} was here` })
      weight = order
      if (order.percent === 0) carried = 0
      reply(200, weight)
    })
  })
  return { front, admin }
}

function forward(request: IncomingMessage, response: ServerResponse, target: string, agent: Agent): void {
  const { method, url, headers } = request
  const onward = requestTo(new URL(url ?? '/', target), { ...(method && { method }), headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => {
    if (!response.headersSent) response.writeHead(502)
    response.end()
  })
  response.on('close', () => onward.destroy())
  request.pipe(onward)
}

async function orderIn(request: IncomingMessage): Promise<{ percent: number; epoch: number } | null> {
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > 1000) return null
  }
  try {
    const { percent, epoch } = JSON.parse(body) as { percent?: unknown; epoch?: unknown }
    if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100)) return null
    if (typeof epoch !== 'number' || !Number.isSafeInteger(epoch) || epoch < 0) return null
    return { percent, epoch }
  } catch {
    return null
  }
}
