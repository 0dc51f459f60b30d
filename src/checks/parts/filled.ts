/** Fills `{{ name }}` and `{{ secret.NAME }}` in addresses, headers and bodies, each escaped for the place where it stands. */
import { type Escape, renderTemplate, templateNames } from '../../core/plan/template.ts'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { ConfigFault } from './fields.ts'

/** Throws ConfigFault when a name has no value. */
export type Put = (text: string, escape: Escape) => string

/** Only secrets that a text names are asked for. */
export function putter(powers: Pick<CheckPowers, 'variables' | 'secret'>): Put {
  return (text, escape) => {
    const secrets = templateNames(text).filter(({ name }) => name.startsWith('secret.'))
    const values = {
      ...powers.variables,
      ...Object.fromEntries(secrets.map(({ name }) => [name, powers.secret(name.slice('secret.'.length))])),
    }
    const { text: rendered, missing } = renderTemplate(text, values, escape)
    if (missing.length > 0) throw new ConfigFault(`{{ ${missing[0]} }} has no value`)
    return rendered
  }
}

/** A value at the very beginning may be a whole base address, one in the host part a host; everything after is a part of a path or query. */
export function filledUrl(url: string, put: Put): string {
  const lead = /^\{\{[^}]*\}\}/.exec(url)?.[0]
  if (lead !== undefined) return `${put(lead, 'none').replace(/\/$/, '')}${put(url.slice(lead.length), 'url')}`
  const authority = /^[a-z]+:\/\/(?:\{\{[^}]*\}\}|[^/?#{])*/i.exec(url)?.[0] ?? ''
  const host = put(authority, 'none')
  if (/[/?#@\\\s]/.test(host.replace(/^[a-z]+:\/\//i, '')))
    throw new ConfigFault(`${authority} does not come out as a host and port`)
  return `${host}${put(url.slice(authority.length), 'url')}`
}

/** Every text within, as it stands there. */
export function filledJson(value: Json, put: Put): Json {
  if (typeof value === 'string') return put(value, 'none')
  if (Array.isArray(value)) return value.map((one) => filledJson(one, put))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledJson(one, put)]))
}
