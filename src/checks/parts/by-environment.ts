/** A setting that is one value everywhere, or another in each environment: `{ production: 1h, else: 24h }`. */
import { z } from 'zod'
import type { Json } from '../../core/units.ts'
import { ConfigFault } from './fields.ts'

export type ByEnvironment<T> = T | Readonly<Record<string, T>>

const otherwise = 'else'

/** Where settings are words, as in an opening line: `production: 1%, else: 5%`. */
const written = /^\s*[A-Za-z][\w.-]*\s*:[^,]+(?:,\s*[A-Za-z][\w.-]*\s*:[^,]+)*$/

export function byEnvironment<T extends z.ZodType>(value: T) {
  return z.preprocess(asMapping, z.union([value, z.record(z.string().min(1), value)]))
}

function asMapping(given: unknown): unknown {
  if (typeof given !== 'string' || !written.test(given)) return given
  return Object.fromEntries(
    given.split(',').map((part) => {
      const colon = part.indexOf(':')
      return [part.slice(0, colon).trim(), part.slice(colon + 1).trim()]
    }),
  )
}

/** Throws ConfigFault where it says nothing of this environment, nor `else`. */
export function inEnvironment(limit: ByEnvironment<string>, name: string, environment: string): string {
  if (typeof limit !== 'object') return limit
  const found = Object.hasOwn(limit, environment) ? limit[environment] : limit[otherwise]
  if (found !== undefined) return found
  throw new ConfigFault(`${name} says nothing of ${environment || 'no environment'}, nor else`)
}

/** The environments that these settings tell apart, `else` among them. */
export function environmentsOf(settings: readonly (Json | undefined)[]): readonly string[] {
  const names = settings.flatMap((setting) => {
    const mapping = asMapping(setting)
    return typeof mapping === 'object' && mapping !== null && !Array.isArray(mapping) ? Object.keys(mapping) : []
  })
  return [...new Set(names)]
}

/** Those that must be declared. */
export function namedEnvironments(settings: readonly (Json | undefined)[]): readonly string[] {
  return environmentsOf(settings).filter((name) => name !== otherwise)
}
