/** A small shop: a catalogue, orders, a health page and a metrics page. One process may run several versions of it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ServiceMetrics } from './service-metrics.ts'

export interface ShopSettings {
  readonly version: string
  /** What is wrong with this version, under real traffic only: its checks and its health page stay fine. */
  readonly fault: 'none' | 'errors' | 'latency'
  /** Every so many customer requests one fails, in any version: no service is without errors. */
  readonly failEvery?: number
}

interface Order {
  readonly id: string
  readonly item: string
}

/** The regression sits in the catalogue: every third look at it fails, or it takes this long. */
const badErrorEvery = 3
const badLatencyMs = 1400
const items = ['lamp', 'chair', 'table', 'shelf', 'mirror']

export function createShop({ version, fault, failEvery = 1000 }: ShopSettings): Server {
  const metrics = new ServiceMetrics(version)
  const orders = new Map<string, Order>()
  let requests = 0
  let looks = 0
  let lastOrder = 0

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://shop').pathname
    if (path === '/health') return json(response, 200, { ok: true, version })
    if (path === '/metrics') return text(response, metrics.page())
    const done = metrics.begin()
    response.once('close', () => done(response.statusCode))
    requests += 1
    await pause(8 + (requests % 5) * 4)
    if (requests % failEvery === 0) return json(response, 500, { error: 'out of stock service' })
    if (path === '/items') {
      looks += 1
      if (fault === 'errors' && looks % badErrorEvery === 0)
        return json(response, 500, { error: 'price list is empty' })
      if (fault === 'latency') await pause(badLatencyMs)
      return json(response, 200, { items, version })
    }
    return answerOrders(path, request, response)
  }

  const answerOrders = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = /^\/orders\/(\d+)$/.exec(path)?.[1]
    if (path === '/' && request.method === 'GET') return json(response, 200, { shop: 'open', version })
    if (path === '/orders' && request.method === 'POST') {
      const item = await itemIn(request)
      if (item === null) return json(response, 400, { error: 'expected { "item": "lamp" }' })
      lastOrder += 1
      const order = { id: String(lastOrder), item }
      orders.set(order.id, order)
      // Customers never come back for their orders here: only the newest are kept.
      if (orders.size > 1000) orders.delete(orders.keys().next().value ?? '')
      return json(response, 201, order)
    }
    const order = id === undefined ? undefined : orders.get(id)
    if (!order) return json(response, 404, { error: 'no such page' })
    if (request.method === 'DELETE') {
      orders.delete(order.id)
      return json(response, 200, { removed: order.id })
    }
    return json(response, 200, order)
  }

  return createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
}

async function itemIn(request: IncomingMessage): Promise<string | null> {
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > 10_000) return null
  }
  try {
    const { item } = JSON.parse(body) as { item?: unknown }
    return typeof item === 'string' && items.includes(item) ? item : null
  } catch {
    return null
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

function text(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
  response.end(body)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
