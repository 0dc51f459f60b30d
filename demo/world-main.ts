/** The demo's world as a process: two versions of the shop, the proxy, the customers and an inbox. It ends with its parent. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createProxy } from './proxy.ts'
import { createShop } from './service.ts'
import { startTraffic } from './traffic.ts'
import type { WorldAddresses, WorldSettings } from './world.ts'

/** Even a world that was forgotten ends. */
const mostMs = 15 * 60_000

async function main(settings: WorldSettings): Promise<void> {
  const stable = await listening(createShop({ version: settings.previous, fault: 'none' }))
  const canary = await listening(
    createShop({ version: settings.version, fault: settings.bad === false ? 'none' : settings.bad }),
  )
  const proxy = createProxy({ stable, canary })
  const shop = await listening(proxy.front)
  const admin = await listening(proxy.admin)
  const inbox = await listening(createInbox())
  startTraffic({ shop, perSecond: settings.perSecond, seed: settings.seed, mostMs })
  const addresses: WorldAddresses = { shop, admin, stable, canary, inbox }
  process.stdout.write(`${JSON.stringify(addresses)}\n`)
}

/** Where the demo's webhook goes: takes every message, and shows them all. */
function createInbox(): Server {
  const messages: unknown[] = []
  return createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      if (body.length < 100_000) body += chunk.toString()
    })
    request.on('end', () => {
      if (request.method === 'POST') messages.push(parsed(body))
      response.writeHead(request.method === 'POST' ? 202 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(request.method === 'POST' ? { kept: messages.length } : messages))
    })
  })
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

// The parent holds the other end of this pipe: when it goes, so does its world.
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
// Ctrl-C reaches the whole terminal; the parent decides when its world ends.
process.on('SIGINT', () => undefined)
setTimeout(() => process.exit(0), mostMs).unref()

await main(JSON.parse(process.argv[2] ?? '{}') as WorldSettings)
