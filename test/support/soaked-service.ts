/** A service that keeps nothing of its requests, or something of each, or looks through all it has kept: what soaks are tried on. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Fault = 'leaks' | 'slows'

export interface SoakedService {
  readonly url: string
  readonly metrics: string
  readonly close: () => void
}

export async function soakedService(faults: readonly Fault[] = []): Promise<SoakedService> {
  const kept: Buffer[] = []
  let asked = 0
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      const bytes = kept.reduce((sum, piece) => sum + piece.length, 64 * 1024)
      response.end(`# TYPE shop_heap_bytes gauge\nshop_heap_bytes{part="orders"} ${bytes}\nshop_heap_bytes_limit 1e9\n`)
      return
    }
    asked += 1
    if (faults.includes('leaks')) kept.push(Buffer.alloc(4 * 1024, asked))
    // Sleeps only: a machine that is busy makes it slower, never faster.
    setTimeout(() => response.end('ok'), faults.includes('slows') ? 10 + asked : 10)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    url,
    metrics: `${url}metrics`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
