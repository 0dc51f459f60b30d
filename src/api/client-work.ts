/** A worker's end of the server's HTTP surface. */
import type { CommandResult } from '../core/ports/launcher.ts'
import type { HeartbeatAnswer } from '../core/ports/work.ts'
import { type NextAnswer, type WorkServer, WorkServerFault } from '../core/ports/work-server.ts'
import { bytesOf, openLine, type RemoteServer, request } from './http-call.ts'

export interface WorkClientOptions {
  readonly server: RemoteServer
  /** This process and its memory of attempts. */
  readonly name: string
  /** null = all that the token brings. */
  readonly environments: readonly string[] | null
  readonly labels: readonly string[] | null
  readonly jobs: number
  readonly version: string
}

/** An answer that does not come so long after it was due is none. */
const PATIENCE_MS = 10_000
const RESULT_PATIENCE_MS = 60_000

export function createWorkClient(options: WorkClientOptions): WorkServer & { close(): void } {
  const { server, name, environments, labels, jobs, version } = options
  const line = openLine(server)
  const post = async <T>(path: string, body: unknown, timeoutMs: number, signal?: AbortSignal): Promise<T> => {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json' }
    const call = { method: 'POST', path, body: text, headers, timeoutMs, ...(signal && { signal }) } as const
    let status: number
    let answer: Buffer
    try {
      const message = await request(line, call)
      status = message.statusCode ?? 0
      answer = await bytesOf(message)
    } catch (cause) {
      throw new WorkServerFault(cause instanceof Error ? cause.message : String(cause), null, { cause })
    }
    return parsedAnswer(answer.toString('utf8'), status, server.url) as T
  }
  const at = (attempt: string, rest: string) => `/v1/work/${encodeURIComponent(attempt)}/${rest}`
  return {
    next: (asked, signal) =>
      post<NextAnswer>(
        '/v1/work/claim',
        { ...asked, name, environments, labels, jobs, version },
        asked.waitMs + PATIENCE_MS,
        signal,
      ),
    heartbeat: (attempt, claim, waitMs, signal) =>
      post<HeartbeatAnswer>(at(attempt, 'heartbeat'), { name, claim, waitMs }, waitMs + PATIENCE_MS, signal),
    output: async (attempt, claim, text) => {
      await post(at(attempt, 'output'), { name, claim, text }, PATIENCE_MS)
    },
    finish: async (attempt, claim, result) => {
      const body = { name, claim, sentAt: Date.now(), result: onWire(result) }
      return (await post<{ kind: 'kept' | 'already' | 'late' }>(at(attempt, 'result'), body, RESULT_PATIENCE_MS)).kind
    },
    close: () => line.agent.destroy(),
  }
}

function onWire(result: CommandResult) {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const { ended, exitCode, signal, truncated, output, startedAt, endedAt, why, followed } = result
  const [stdout, stderr] = [base64(result.stdout), base64(result.stderr)]
  const more = followed === undefined ? {} : { followed }
  return { ended, exitCode, signal, stdout, stderr, truncated, output, startedAt, endedAt, why, ...more }
}

function parsedAnswer(text: string, status: number, url: string): unknown {
  let body: unknown = null
  try {
    body = JSON.parse(text)
  } catch {
    // Told below with what came.
  }
  if (status >= 200 && status < 300 && body !== null) return body
  const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown }
  // A server that ends, or whose database is away, is asked again; so is whatever a proxy says in its place.
  const isPassing = status >= 500 || status === 429 || typeof code !== 'string'
  throw new WorkServerFault(
    typeof detail === 'string' ? detail : `${url} answered ${status}: ${text.slice(0, 200)}`,
    isPassing ? null : (code as string),
  )
}
