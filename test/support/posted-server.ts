/** A server on loopback that takes posted JSON and keeps what it took: the ground under the stand-ins of chat services. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Posted {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface PostedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

export interface PostedServer {
  readonly url: string
  readonly port: number
  readonly posted: readonly Posted[]
  close(): void
}

export async function startPostedServer(answer: (request: Posted) => PostedAnswer): Promise<PostedServer> {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
      posted.push(one)
      const { status, headers = {}, body: words } = answer(one)
      response.writeHead(status, headers).end(words)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    posted,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The object that a text is, or null. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null
  } catch {
    return null
  }
}

/** Says 429 so many times before anything else, with the seconds it asks to wait. */
export function limiting(times: number, seconds: string | null): () => PostedAnswer | null {
  let left = times
  return () => {
    if (left <= 0) return null
    left -= 1
    const headers: Record<string, string> = seconds === null ? {} : { 'retry-after': seconds }
    return { status: 429, headers, body: 'Too Many Requests' }
  }
}

/** Empty for what is no text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
