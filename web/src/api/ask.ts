/** Asks the server, with the session of this browser; a refusal is thrown with the words that the server chose. */
import type { Code } from '../../../src/api/wire/web.ts'

/** The server says no, in words for the person who asked. */
export class Refused extends Error {
  override name = 'Refused'
  readonly code: Code
  readonly status: number
  /** For `stale-view`: what happened since the person looked. */
  readonly changed: readonly string[]
  /** For `bad-body`: which part, and what about it. */
  readonly issues: readonly { readonly where: string; readonly what: string }[]

  constructor(status: number, body: ProblemBody) {
    super(body.detail ?? `The server answered ${status}.`)
    this.status = status
    this.code = body.code ?? 'bug'
    this.changed = body.changed ?? []
    this.issues = body.issues ?? []
  }
}

interface ProblemBody {
  readonly code?: Code
  readonly detail?: string
  readonly changed?: readonly string[]
  readonly issues?: readonly { readonly where: string; readonly what: string }[]
}

/** Nobody answers: the network, or the server. */
export class Unreachable extends Error {
  override name = 'Unreachable'
  constructor() {
    super('The server cannot be reached. What you wrote is still here; try again in a moment.')
  }
}

/** Sent when the session is over: the frame asks for a sign-in and keeps the page. */
export const SIGNED_OUT = 'holdpoint:signed-out'

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return asked<T>(path, { method: 'GET', signal: signal ?? null })
}

export function post<T>(path: string, body: unknown): Promise<T> {
  return asked<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** Bytes of a person's file; the answer names them by their hash. */
export function putEvidence(bytes: Blob): Promise<{ readonly sha256: string; readonly size: number }> {
  return asked('/v1/evidence', {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: bytes,
  })
}

export async function getBytes(path: string): Promise<ArrayBuffer> {
  return (await answerTo(path, { method: 'GET' })).arrayBuffer()
}

async function asked<T>(path: string, init: RequestInit): Promise<T> {
  return (await (await answerTo(path, init)).json()) as T
}

async function answerTo(path: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' }).catch(
    (cause: unknown) => {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
      throw new Unreachable()
    },
  )
  if (answer.ok) return answer
  throw await refusalOf(answer)
}

export async function refusalOf(answer: Response): Promise<Refused> {
  const body = (await answer.json().catch(() => ({}))) as ProblemBody
  const refused = new Refused(answer.status, body)
  if (refused.code === 'not-signed-in') window.dispatchEvent(new Event(SIGNED_OUT))
  return refused
}

/** What to show to a person about anything that was thrown. */
export function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
