/** Puts values into a request, each escaped for the place where it stands. */
import { renderTemplate, templateNames } from '../../core/plan/template.ts'
import type { Json } from '../../core/units.ts'
import { ConfigFault } from '../parts/fields.ts'
import type { HttpRequest } from './scenario.ts'

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
}

/** Throws ConfigFault when a name has no value. */
export function renderRequest(request: HttpRequest, values: Values): RenderedRequest {
  const known = withSecrets(request, values)
  const put = (text: string, escape: Parameters<typeof renderTemplate>[2]): string => {
    const { text: rendered, missing } = renderTemplate(text, known, escape)
    if (missing.length > 0) throw new ConfigFault(`{{ ${missing[0]} }} in ${request.name} has no value`)
    return rendered
  }
  const headers = headersOf(request, put)
  return {
    url: renderUrl(request.url, put),
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

function withSecrets(request: HttpRequest, values: Values): Readonly<Record<string, string>> {
  const secrets = namesOf(request).filter((name) => name.startsWith('secret.'))
  return {
    ...values.variables,
    ...Object.fromEntries(secrets.map((name) => [name, values.secret(name.slice('secret.'.length))])),
  }
}

type Put = (text: string, escape: 'none' | 'url' | 'json' | 'header') => string

/** A value at the very beginning may be a whole base address, one in the host part a host; everything after is a part of a path or query. */
function renderUrl(url: string, put: Put): string {
  const lead = /^\{\{[^}]*\}\}/.exec(url)?.[0]
  if (lead !== undefined) return `${put(lead, 'none').replace(/\/$/, '')}${put(url.slice(lead.length), 'url')}`
  const authority = /^[a-z]+:\/\/(?:\{\{[^}]*\}\}|[^/?#{])*/i.exec(url)?.[0] ?? ''
  const host = put(authority, 'none')
  if (/[/?#@\\\s]/.test(host.replace(/^[a-z]+:\/\//i, '')))
    throw new ConfigFault(`${authority} does not come out as a host and port`)
  return `${host}${put(url.slice(authority.length), 'url')}`
}

function headersOf(request: HttpRequest, put: Put): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const [name, value] of request.headers) {
    const rendered = put(value, 'header')
    headers[name] = headers[name] === undefined ? rendered : `${headers[name]}, ${rendered}`
  }
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
