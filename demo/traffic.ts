/** Customers: a steady stream of real requests, whatever the answers are, for a bounded time. */
import { Agent, request as requestTo } from 'node:http'

export interface TrafficSettings {
  readonly shop: string
  readonly perSecond: number
  /** The same seed makes the same customers. */
  readonly seed: number
  readonly mostMs: number
}

/** A shop that answers too slowly gets no more than this at once; those customers are lost. */
const mostInFlight = 400
const tickMs = 20

/** Returns the function that ends it. */
export function startTraffic({ shop, perSecond, seed, mostMs }: TrafficSettings): () => void {
  const agent = new Agent({ keepAlive: true, maxSockets: mostInFlight })
  const random = randomFrom(seed)
  const end = Date.now() + mostMs
  let inFlight = 0
  let owed = 0
  let before = performance.now()
  const send = (): void => {
    if (inFlight >= mostInFlight) return
    inFlight += 1
    const { method, path, body } = pick(random())
    const once = oneTime(() => {
      inFlight -= 1
    })
    const headers = body === null ? {} : { 'content-type': 'application/json' }
    const sent = requestTo(new URL(path, shop), { method, headers, agent, timeout: 10_000 }, (answer) => {
      answer.resume()
      answer.once('close', once)
    })
    sent.once('error', once)
    sent.once('timeout', () => sent.destroy())
    sent.end(body)
  }
  const timer = setInterval(() => {
    const now = performance.now()
    // After a stall the stream goes on at its rate; the lost customers do not all come at once.
    owed += Math.min(now - before, 5 * tickMs) * (perSecond / 1000)
    before = now
    for (; owed >= 1; owed -= 1) send()
    if (Date.now() > end) stop()
  }, tickMs)
  const stop = (): void => {
    clearInterval(timer)
    agent.destroy()
  }
  return stop
}

function pick(random: number): { method: string; path: string; body: string | null } {
  if (random < 0.7) return { method: 'GET', path: '/items', body: null }
  if (random < 0.85) return { method: 'GET', path: '/', body: null }
  return { method: 'POST', path: '/orders', body: '{"item":"lamp"}' }
}

function oneTime(act: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) act()
    isDone = true
  }
}

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
