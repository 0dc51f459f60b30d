/** One request and its answer: sent, timed, read into facts, held against its expectations. */
import { evaluateCondition, evaluateValue, pathsOf } from '../../core/plan/expression.ts'
import { type OutboundAnswer, OutboundFault } from '../../core/ports/outbound.ts'
import type { CheckOutcome, CheckPowers } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { ConfigFault } from '../parts/fields.ts'
import { oneLine, sayMillis, wordsOf } from '../parts/say.ts'
import { partsNamed, valueAt } from '../parts/values-named.ts'
import { type Captured, renderRequest, type Values } from './render.ts'
import type { HttpRequest } from './scenario.ts'

export interface Exchange {
  readonly outcome: CheckOutcome
  readonly say: string
  readonly facts: Readonly<Record<string, Json>>
  readonly captured: Captured
  /** What was sent and what came back, for the transcript. */
  readonly record: string
}

const recordedBody = 16 * 1024
const defaultTimeoutMs = 10_000

/** Never throws for what the other side does. */
export async function exchange(
  request: HttpRequest,
  values: Values,
  powers: Pick<CheckPowers, 'http' | 'clock'>,
  signal: AbortSignal,
): Promise<Exchange> {
  let line = `${request.method} ${request.url}`
  const timeoutMs = request.timeoutMs ?? defaultTimeoutMs
  try {
    const { url, headers, body } = renderRequest(request, values)
    line = `${request.method} ${url}`
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const started = powers.clock.now()
    const answer = await powers.http(url, {
      method: request.method,
      headers,
      signal: limited,
      redirect: request.redirect,
      ...(body === null ? {} : { body }),
    })
    const text = await answer.text()
    return judge(request, factsOf(answer, text, powers.clock.now() - started), values.bindings, line)
  } catch (fault) {
    return broken(request, line, faultWords(fault, signal, timeoutMs))
  }
}

function broken(request: HttpRequest, line: string, why: string): Exchange {
  return {
    outcome: 'errored',
    say: `${request.name}: ${why}`,
    facts: {},
    captured: {},
    record: `${line}\n  no answer: ${why}\n`,
  }
}

function faultWords(fault: unknown, signal: AbortSignal, timeoutMs: number): string {
  if (fault instanceof ConfigFault) return fault.message
  if (signal.aborted) return 'the check ran out of time'
  if (fault instanceof OutboundFault && fault.code !== 'aborted') return fault.message
  if (
    fault instanceof Error &&
    (fault.name === 'TimeoutError' || fault.name === 'AbortError' || fault.name === 'OutboundFault')
  )
    return `no answer within ${sayMillis(timeoutMs)}`
  return wordsOf(fault)
}

function factsOf(answer: OutboundAnswer, text: string, took: number): Record<string, Json> {
  const headers: Record<string, Json> = {}
  answer.headers.forEach((value, name) => {
    headers[name] = value
  })
  return { status: answer.status, headers, body: bodyOf(text), text, time_ms: took }
}

function bodyOf(text: string): Json {
  if (!/^\s*(?:[[{"]|-?\d|true\b|false\b|null\b)/.test(text)) return text
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

type Facts = Readonly<Record<string, Json>>

/** The answer's own names win over those of the release. */
function judge(request: HttpRequest, facts: Facts, bindings: Facts, line: string): Exchange {
  const status = Number(facts['status'])
  const standing = `${request.name} answered ${status} in ${sayMillis(Number(facts['time_ms']))}`
  const record = recordOf(line, facts)
  const unmet = firstUnmet(request, facts, bindings)
  if (unmet) return { ...unmet, say: `${standing}, ${unmet.say}`, facts, captured: {}, record }
  const captured = captureAll(request, { ...bindings, ...facts })
  if (typeof captured === 'string')
    return { outcome: 'inconclusive', say: `${standing}; ${captured}`, facts, captured: {}, record }
  return { outcome: 'passed', say: standing, facts, captured, record }
}

function firstUnmet(
  request: HttpRequest,
  facts: Facts,
  bindings: Facts,
): { readonly outcome: CheckOutcome; readonly say: string } | null {
  let undecided: string | null = null
  for (const { condition, text } of request.expects) {
    const answer = evaluateCondition(condition, { ...bindings, ...facts })
    if (answer.kind === 'inconclusive') undecided ??= `cannot decide ${text}: ${answer.why}`
    else if (!answer.value) {
      const say = `expected ${text}${namedValues(condition, facts, bindings)}${redirectHint(request, facts)}`
      return { outcome: 'failed', say }
    }
  }
  return undecided === null ? null : { outcome: 'inconclusive', say: undecided }
}

/** What the names of a condition stand for: parts of the answer, and what is not the answer's own: `(version is "1.4.2")`. */
function namedValues(condition: string, facts: Facts, bindings: Facts): string {
  const named = pathsOf(condition).flatMap((path) => {
    const value = Object.hasOwn(facts, path.split('.')[0] ?? '') ? undefined : valueAt(path, bindings)
    return value === undefined || typeof value === 'object' ? [] : [`${path} is ${JSON.stringify(value)}`]
  })
  const all = [...partsNamed(condition, facts), ...named]
  return all.length === 0 ? '' : ` (${all.join(', ')})`
}

function redirectHint(request: HttpRequest, facts: Facts): string {
  const status = Number(facts['status'])
  if (request.redirect === 'follow' || status < 300 || status > 399) return ''
  const { location } = facts['headers'] as Record<string, Json>
  return ` (it redirects to ${typeof location === 'string' ? location : 'nowhere'}; "# @redirect follow" goes there)`
}

function captureAll(request: HttpRequest, bindings: Facts): Captured | string {
  const captured: Record<string, string | number | boolean> = {}
  for (const { name, from } of request.captures) {
    const answer = evaluateValue(from, bindings)
    if (answer.kind === 'inconclusive') return `cannot capture ${name} = ${from}: ${answer.why}`
    if (answer.value === null || typeof answer.value === 'object')
      return `cannot capture ${name} = ${from}: it is no text, number or boolean`
    captured[name] = answer.value
  }
  return captured
}

function recordOf(line: string, facts: Facts): string {
  const text = textOf(facts['text'])
  const shown =
    text.length > recordedBody
      ? `${text.slice(0, recordedBody)}\n[... ${text.length - recordedBody} characters cut ...]`
      : text
  const type = (facts['headers'] as Record<string, Json>)['content-type']
  const head = `${line}\n  ${Number(facts['status'])} in ${sayMillis(Number(facts['time_ms']))}${type === undefined ? '' : `, ${oneLine(textOf(type), 100)}`}`
  return shown === '' ? `${head}\n` : `${head}\n\n${shown}\n`
}

function textOf(fact: Json | undefined): string {
  return typeof fact === 'string' ? fact : ''
}
