/** Serves the process' numbers on a listener of its own: loopback only, one address, nothing else. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from './registry.ts'

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export interface MetricsListening {
  readonly port: number
  close(): Promise<void>
}

/** Rejects when the port is taken. */
export async function listenForMetrics(registry: Registry, port: number): Promise<MetricsListening> {
  const server = createServer((request, response) => {
    const { port: own } = server.address() as AddressInfo
    // A name that was made to point here by a page of somebody else is not one of these.
    const isOurs = [`127.0.0.1:${own}`, `localhost:${own}`].includes(request.headers.host ?? '')
    if (!isOurs || request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(isOurs ? 404 : 421).end()
      return
    }
    void registry.text().then(
      (text) => response.writeHead(200, { 'content-type': METRICS_TYPE }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
