/** Sends the requests of a security probe, each marked as ours and with a time of its own, and keeps a transcript without secrets. */
import { type OutboundAnswer, OutboundFault } from '../../core/ports/outbound.ts'
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault } from '../parts/fields.ts'
import { oneLine } from '../parts/say.ts'
import { type RequestLine, typeOf } from './request-line.ts'

export interface Answer {
  readonly status: number
  readonly headers: OutboundAnswer['headers']
  readonly text: string
}

export interface Question {
  /** In the transcript: `with an expired token`. */
  readonly as: string
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
  /** In place of the line's own. */
  readonly body?: string | Uint8Array
}

export interface Asker {
  readonly ask: (line: RequestLine, question: Question) => Promise<Answer>
  /** The same at an address of its own, such as a signed link. */
  readonly open: (url: string, question: Question) => Promise<Answer>
  readonly secret: (name: string) => string
  readonly sleep: (ms: number) => Promise<void>
  readonly signal: AbortSignal
  readonly origin: string
  /** How many were sent. */
  readonly asked: () => number
  readonly transcript: () => string
}

/** What one part of the probe saw. */
export interface Seen {
  /** What is not as it has to be. */
  readonly findings: readonly string[]
  /** What could not be told. */
  readonly undecided: readonly string[]
}

const answerWithinMs = 10_000
/** Load balancers and dashboards can tell our requests from those of people. */
const marks = { 'user-agent': 'holdpoint-security-probe', 'x-synthetic': 'holdpoint' }

/** `credential` = a header in which TOKEN stands for a token: `authorization: Bearer TOKEN`. */
export function askerOf(base: string, credential: string, powers: CheckPowers): Asker {
  const records: string[] = []
  const root = base.replace(/\/$/, '')
  const open = async (method: string, url: string, question: Question, shown: string): Promise<Answer> => {
    const signal = AbortSignal.any([powers.signal, AbortSignal.timeout(answerWithinMs)])
    const { body } = question
    const headers = { ...marks, ...credentialOf(credential, question.token), ...question.headers }
    try {
      const sent = { method, headers, signal, redirect: 'manual' as const, ...(body === undefined ? {} : { body }) }
      const answer = await powers.http(url, sent)
      const text = await answer.text()
      records.push(`${shown} (${question.as}): ${answer.status}`)
      return { status: answer.status, headers: answer.headers, text }
    } catch (fault) {
      records.push(`${shown} (${question.as}): no answer`)
      if (powers.signal.aborted) throw new ConfigFault('the check ran out of time')
      throw fault
    }
  }
  return {
    ask: (line, question) => {
      const typed: Record<string, string> = line.body === null ? {} : { 'content-type': typeOf(line.body) }
      const body = question.body ?? line.body ?? undefined
      const whole = { ...question, headers: { ...typed, ...question.headers }, ...(body === undefined ? {} : { body }) }
      return open(line.method, `${root}${line.path}`, whole, sayLine(line))
    },
    open: (url, question) => open('GET', url, question, 'GET the signed link'),
    secret: (name) => powers.secret(name).trim(),
    sleep: (ms) => powers.clock.sleep(ms, powers.signal),
    signal: powers.signal,
    origin: new URL(root).origin,
    asked: () => records.length,
    transcript: () => records.join('\n'),
  }
}

function credentialOf(credential: string, token: string | undefined): Readonly<Record<string, string>> {
  if (token === undefined) return {}
  const colon = credential.indexOf(':')
  return {
    [credential.slice(0, colon).trim().toLowerCase()]: credential
      .slice(colon + 1)
      .trim()
      .replaceAll('TOKEN', () => token),
  }
}

/** Method and path, short enough for a sentence. */
export function sayLine({ method, path }: RequestLine): string {
  return oneLine(`${method} ${path}`, 90)
}

export const isFine = ({ status }: Answer): boolean => status >= 200 && status < 300

/** A token or role that may not: refused in words of HTTP, or undecided where a limit of requests came before. */
export function refusal(answer: Answer, statuses: readonly number[], what: string): Seen {
  if (statuses.includes(answer.status)) return nothingWrong
  if (answer.status === 429) return undecided(`${what}: 429, a limit of requests came before`)
  return found(`${what}: ${answer.status}, expected ${statuses.join(' or ')}`)
}

/** What has to work, or a refusal beside it would show nothing. */
export function acceptance(answer: Answer, what: string): Seen {
  if (isFine(answer)) return nothingWrong
  if (answer.status === 429) return undecided(`${what}: 429, a limit of requests came before`)
  return found(`${what}: ${answer.status}, expected 200 to 299`)
}

export const nothingWrong: Seen = { findings: [], undecided: [] }
export const found = (what: string): Seen => ({ findings: [what], undecided: [] })
export const undecided = (what: string): Seen => ({ findings: [], undecided: [what] })

export function together(seen: readonly Seen[]): Seen {
  return { findings: seen.flatMap((one) => one.findings), undecided: seen.flatMap((one) => one.undecided) }
}

/** The other side, or the way there, is broken: not what our own settings say. */
export function isNoAnswer(fault: unknown): boolean {
  return fault instanceof OutboundFault && (fault.code === 'unreachable' || fault.code === 'broken-answer')
}
