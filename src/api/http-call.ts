/** One HTTP exchange with the engine over its socket, or with a server. Only node:http, so that a short command starts quickly. */
import type http from 'node:http'
import { ApiFault } from './client-types.ts'

// Imported as a module, node:http would be asked for all its exports, one of which loads a whole WebSocket implementation: 40 ms.
const { Agent, request: httpRequest } = process.getBuiltinModule('node:http')

const ANSWER_WITHIN_MS = 10_000

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
  /** No answer within this time is a fault; absent = as long as it takes. */
  readonly timeoutMs?: number
}

/** A server somewhere else, and the secret that says who asks; null = nobody yet. */
export interface RemoteServer {
  readonly url: string
  readonly secret: string | null
}

export interface Line {
  readonly target: string | RemoteServer
  readonly agent: http.Agent
}

/** `target` = the path of a socket, or a server. */
export function openLine(target: string | RemoteServer): Line {
  const settings = { keepAlive: true, maxSockets: 16 }
  if (typeof target === 'string' || !target.url.startsWith('https:')) return { target, agent: new Agent(settings) }
  const { Agent: SecureAgent } = process.getBuiltinModule('node:https')
  return { target, agent: new SecureAgent(settings) }
}

/** Resolves when the head of the answer is there. Rejects with ApiFault: `unreachable` when nobody listens, `lost` when it broke off. */
export function request(line: Line, call: Call): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { send, ...to } = addressOf(line.target)
    const sent = send(
      {
        ...to,
        agent: line.agent,
        method: call.method,
        path: call.path,
        headers: { ...to.headers, ...lengthOf(call.body), ...call.headers },
        ...(call.signal === undefined ? {} : { signal: call.signal }),
        ...(call.timeoutMs === undefined ? {} : { timeout: call.timeoutMs }),
      },
      resolve,
    )
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${call.timeoutMs} ms`)))
    sent.on('error', (cause: NodeJS.ErrnoException) => reject(faultOf(cause, line.target)))
    sent.end(call.body)
  })
}

export async function bytesOf(message: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer)
  } catch (cause) {
    throw faultOf(cause as NodeJS.ErrnoException)
  }
  return Buffer.concat(chunks)
}

/** Whether somebody answers there as an engine does. */
export async function isAnswering(socketPath: string): Promise<boolean> {
  return (await answering(socketPath)) !== null
}

/** The build of the engine that answers there, null for one that does not tell; null = nobody answers. */
export async function answering(socketPath: string): Promise<{ readonly build: string | null } | null> {
  const line = openLine(socketPath)
  try {
    const answer = await request(line, { method: 'GET', path: '/healthz', timeoutMs: ANSWER_WITHIN_MS })
    const body: unknown = JSON.parse((await bytesOf(answer)).toString())
    if (answer.statusCode !== 200 || typeof body !== 'object' || body === null) return null
    return { build: 'build' in body && typeof body.build === 'string' ? body.build : null }
  } catch {
    return null
  } finally {
    line.agent.destroy()
  }
}

function lengthOf(body: string | Uint8Array | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
}

const NOBODY_LISTENS = new Set(['ENOENT', 'ECONNREFUSED'])

function addressOf(target: Line['target']) {
  if (typeof target === 'string') return { send: httpRequest, socketPath: target, headers: { host: 'holdpoint' } }
  const { protocol, hostname, port, host } = new URL(target.url)
  const { request: httpsRequest } = process.getBuiltinModule('node:https')
  return {
    send: protocol === 'https:' ? httpsRequest : httpRequest,
    // A URL spells an IPv6 address in brackets; a socket does not.
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? undefined : Number(port),
    headers: { host, ...(target.secret === null ? {} : { authorization: `Bearer ${target.secret}` }) },
  }
}

function faultOf(cause: NodeJS.ErrnoException, target: Line['target'] = ''): ApiFault {
  if (typeof target !== 'string')
    return new ApiFault(`${target.url} did not answer: ${cause.message}.`, { code: 'lost', status: null, cause })
  if (NOBODY_LISTENS.has(cause.code ?? ''))
    return new ApiFault('No engine is running.', { code: 'unreachable', status: null, cause })
  return new ApiFault(`The engine did not answer: ${cause.message}.`, { code: 'lost', status: null, cause })
}
