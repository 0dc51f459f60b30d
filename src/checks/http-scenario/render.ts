/** Puts values into a request, each escaped for the place where it stands. */
import { renderTemplate, templateNames } from '../../core/plan/template.ts'
import type { Json } from '../../core/units.ts'
import type { Base } from '../parts/base-source.ts'
import { ConfigFault } from '../parts/fields.ts'
import { filledUrl, type Put } from '../parts/filled.ts'
import { oneTimeCode } from '../parts/one-time-code.ts'
import { type HttpRequest, isPath } from './scenario.ts'

export interface RenderedRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** What requests of a scenario captured, with the types it had in the answers. */
export type Captured = Readonly<Record<string, string | number | boolean>>

/** Where values come from: variables and captures by name, secrets asked for one at a time. */
export interface Values {
  readonly variables: Readonly<Record<string, string>>
  /** The same with their types, for expressions. */
  readonly bindings: Readonly<Record<string, Json>>
  readonly secret: (name: string) => string
  /** Where a path begins; absent = nowhere. */
  readonly base?: Base
  /** Unix milliseconds, for one-time codes. */
  readonly now: () => number
}

/** Throws ConfigFault when a name has no value. */
export function renderRequest(request: HttpRequest, values: Values): RenderedRequest {
  const known = withSecrets(request, values)
  const put: Put = (text, escape) => {
    const { text: rendered, missing } = renderTemplate(text, known, escape)
    if (missing.length > 0) throw new ConfigFault(`{{ ${missing[0]} }} in ${request.name} has no value`)
    return rendered
  }
  const isBelow = isPath(request.url)
  if (isBelow && values.base === undefined) throw new ConfigFault(`${request.name} is a path without a base address`)
  const headers = headersOf(request, isBelow ? (values.base?.headers ?? {}) : {}, put)
  return {
    url: `${isBelow ? values.base?.url : ''}${filledUrl(request.url, put)}`,
    headers,
    body: request.body === null ? null : put(request.body, escapeOfBody(request.body, headers['content-type'])),
  }
}

/** Names of values a request needs. */
export function namesOf(request: HttpRequest): readonly string[] {
  return [request.url, request.body ?? '', ...request.headers.map(([, value]) => value)].flatMap((text) =>
    templateNames(text).map(({ name }) => name),
  )
}

/** `secret.NAME`, and `totp.NAME`: the one-time code of a seed that was captured, or is a secret. */
function withSecrets(request: HttpRequest, values: Values): Readonly<Record<string, string>> {
  const named = namesOf(request).flatMap((name) => {
    if (name.startsWith('secret.')) return [[name, values.secret(name.slice('secret.'.length))]]
    return name.startsWith('totp.')
      ? [[name, oneTimeCode(seedOf(name.slice('totp.'.length), values), values.now())]]
      : []
  })
  return { ...values.variables, ...Object.fromEntries(named) }
}

function seedOf(name: string, { variables, secret }: Values): string {
  return Object.hasOwn(variables, name) ? (variables[name] ?? '') : secret(name)
}

/** What the request says comes before what is said for all of its base. */
function headersOf(request: HttpRequest, ofBase: Base['headers'], put: Put): Readonly<Record<string, string>> {
  const own: Record<string, string> = {}
  for (const [name, value] of request.headers) {
    const rendered = put(value, 'header')
    own[name] = own[name] === undefined ? rendered : `${own[name]}, ${rendered}`
  }
  const headers: Record<string, string> = { ...ofBase, ...own }
  if (request.body !== null && headers['content-type'] === undefined && looksLikeJson(request.body))
    headers['content-type'] = 'application/json'
  return headers
}

function escapeOfBody(body: string, contentType: string | undefined): 'none' | 'url' | 'json' {
  if (contentType === undefined) return looksLikeJson(body) ? 'json' : 'none'
  if (/\bjson\b|\+json/i.test(contentType)) return 'json'
  return /x-www-form-urlencoded/i.test(contentType) ? 'url' : 'none'
}

function looksLikeJson(body: string): boolean {
  return /^\s*[[{](?!\{)/.test(body)
}
