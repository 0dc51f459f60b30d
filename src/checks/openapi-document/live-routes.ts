/** Asks a running service for the documented routes that change nothing: are they there, and is the answer as documented? */
import type { CheckPowers } from '../../core/ports/check.ts'
import type { OutboundAnswer } from '../../core/ports/outbound.ts'
import type { Json } from '../../core/units.ts'
import { ConfigFault } from '../parts/fields.ts'
import { disagreement } from './answer-schema.ts'
import { type Fields, isFields, type OpenApi, type Operation } from './document.ts'

export interface LiveSettings {
  /** What stands before the paths of the document, without a slash at its end. */
  readonly service: string
  readonly headers: Readonly<Record<string, string>>
  /** Values of parameters by name; they go before the document's examples. */
  readonly values: Readonly<Record<string, string>>
  /** The answers are held to their schemas too. */
  readonly answers: boolean
}

export interface LiveReading {
  readonly problems: readonly string[]
  /** What could not be looked at, or says nothing. */
  readonly doubts: readonly string[]
  readonly asked: number
  /** One line for each, for evidence. */
  readonly lines: readonly string[]
}

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const atOnce = 4
/** Headers that a document says nothing about, whatever it says. */
const ours: ReadonlySet<string> = new Set(['accept', 'authorization', 'content-type', 'content-length', 'host'])
/** What no service has: its answer is that of a route that is not there. */
const nowhere = '/holdpoint-asks-for-a-route-that-is-not-there'

type Asking = Pick<CheckPowers, 'http' | 'signal'>

interface Seen {
  readonly problem?: string
  readonly doubt?: string
  readonly line: string
}

export function isSafe({ method }: Pick<Operation, 'method'>): boolean {
  return safe.has(method)
}

/** Throws OutboundFault where the service cannot be reached, ConfigFault where the document is not understood. */
export async function askLive(
  { operations, resolve }: OpenApi,
  settings: LiveSettings,
  powers: Asking,
): Promise<LiveReading> {
  const wanted = operations.filter(isSafe)
  const usual = wanted.length === 0 ? 404 : (await ask('GET', nowhere, {}, settings, powers)).status
  const seen: Seen[] = []
  for (let from = 0; from < wanted.length; from += atOnce) {
    powers.signal.throwIfAborted()
    const some = wanted.slice(from, from + atOnce)
    seen.push(...(await Promise.all(some.map((one) => look(one, usual, resolve, settings, powers)))))
  }
  return {
    problems: seen.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    doubts: seen.flatMap(({ doubt }) => (doubt === undefined ? [] : [doubt])),
    asked: wanted.length,
    lines: [`GET ${nowhere} → ${usual}`, ...seen.map(({ line }) => line)],
  }
}

/** `usual` = what an address that nobody documented answers: from a route that answers the same nobody can tell. */
async function look(
  operation: Operation,
  usual: number,
  resolve: OpenApi['resolve'],
  settings: LiveSettings,
  powers: Asking,
): Promise<Seen> {
  const { method, path } = operation
  const name = `${method} ${path}`
  const filled = requestOf(operation, settings.values)
  if ('without' in filled)
    return {
      doubt: `${name} was not asked: the document has no example of ${filled.without}, and values: names none`,
      line: `${name}: not asked`,
    }
  const answer = await ask(method, filled.target, filled.headers, settings, powers)
  const { status } = answer
  const line = `${method} ${filled.target} → ${status}`
  if (status === 404 || status === 405 || status >= 500) {
    const shown = path === filled.target ? '' : `, asked as ${filled.target}`
    return { problem: `${name} is documented and answers ${status}${shown}`, line }
  }
  if (status === usual) return { doubt: `${name} answers ${status}, as an address does that nobody documented`, line }
  if (!settings.answers) return { line }
  if (status >= 400) return { doubt: `${name} answers ${status}, so its documented answer was not seen`, line }
  const wrong = await disagreeing(answer, operation, resolve)
  return wrong === null ? { line } : { problem: `${name}: ${wrong}`, line: `${line}, ${wrong}` }
}

interface Filled {
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
}

function requestOf(
  { path, parameters }: Operation,
  values: LiveSettings['values'],
): Filled | { readonly without: string } {
  const headers: Record<string, string> = {}
  const query: string[] = []
  let target = path
  for (const { name, place, isRequired, example } of parameters) {
    const given = Object.hasOwn(values, name) ? (values[name] ?? null) : null
    if (place === 'header' && ours.has(name.toLowerCase())) continue
    // What need not be there is left out, unless somebody says a value for it.
    const value = given ?? (isRequired ? example : null)
    if (value === null && !isRequired) continue
    if (value === null || place === 'cookie') return { without: name }
    if (place === 'path') target = target.replaceAll(`{${name}}`, encodeURIComponent(value.toWellFormed()))
    if (place === 'query') query.push(`${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`)
    if (place === 'header') headers[name.toLowerCase()] = value
  }
  const left = /\{([^}]*)\}/.exec(target)?.[1]
  if (left !== undefined) return { without: left }
  return { target: query.length === 0 ? target : `${target}?${query.join('&')}`, headers }
}

function ask(
  method: string,
  target: string,
  own: Readonly<Record<string, string>>,
  { service, headers }: LiveSettings,
  { http, signal }: Asking,
): Promise<OutboundAnswer> {
  const all = { accept: 'application/json, */*;q=0.5', ...own, ...headers }
  return http(`${service}${target}`, { method, headers: all, redirect: 'manual', signal })
}

/** How an answer differs from what is documented of its status; null = it does not. */
async function disagreeing(
  answer: OutboundAnswer,
  { method, responses }: Operation,
  resolve: OpenApi['resolve'],
): Promise<string | null> {
  const { status } = answer
  const said = [String(status), `${Math.floor(status / 100)}XX`, 'default'].find((one) => Object.hasOwn(responses, one))
  if (said === undefined) return `it answers ${status}, which is not documented`
  const response = resolve(responses[said] ?? null)
  const content = isFields(response) && isFields(response['content']) ? response['content'] : {}
  if (method === 'HEAD' || Object.keys(content).length === 0) return null
  const type = (answer.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const media = mediaOf(content, type)
  if (media === null)
    return `it answers ${type === '' ? 'without a content-type' : type}, documented is ${Object.keys(content).join(', ')}`
  const schema = media['schema']
  if (schema === undefined || !/[/+]json$/.test(type)) return null
  const body = jsonOf(await answer.text())
  return body === undefined ? 'its answer is no JSON' : disagreement(body, schema, resolve)
}

function mediaOf(content: Fields, type: string): Fields | null {
  const wide = `${type.split('/')[0] ?? ''}/*`
  for (const wanted of [type, wide, '*/*']) {
    const found = Object.entries(content).find(([name]) => name.split(';')[0]?.trim().toLowerCase() === wanted)?.[1]
    if (isFields(found)) return found
  }
  return null
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** The text at an address. Throws ConfigFault for anything but 200. */
export async function textAt(url: string, headers: Readonly<Record<string, string>>, powers: Asking): Promise<string> {
  const answer = await powers.http(url, { method: 'GET', headers, signal: powers.signal })
  if (answer.status !== 200) throw new ConfigFault(`${url} answers ${answer.status}, expected 200`)
  return answer.text()
}
