/** A source of the kind `http`: where the paths of requests begin, and what every request there carries. */
import { z } from 'zod'
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault } from './fields.ts'

export interface Base {
  /** `https://shop.example/api`, without a slash at its end. */
  readonly url: string
  /** Names in small letters, secrets filled in. */
  readonly headers: Readonly<Record<string, string>>
}

export const baseKinds = ['http'] as const

export const onField = z
  .string()
  .min(1)
  .optional()
  .describe('Source of the kind `http`: its address stands before every path, and its headers are sent there')

/** Throws ConfigFault where the source is no base. */
export function baseOf(on: string, powers: Pick<CheckPowers, 'source'>): Base {
  const { kind, config } = powers.source(on)
  const url = typeof config['url'] === 'string' ? config['url'] : ''
  if (kind !== 'http' || !/^https?:\/\/\S/i.test(url)) throw new ConfigFault(`${on} is no source of the kind http`)
  if (/[?#]/.test(url))
    throw new ConfigFault(`the address of ${on} has a query or a fragment, so no path goes behind it`)
  const given = (config['headers'] ?? {}) as Readonly<Record<string, string>>
  const headers = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const)
  const broken = headers.find(([, value]) => /[\r\n\0]/.test(value))
  if (broken) throw new ConfigFault(`the header ${broken[0]} of ${on} has a line break`)
  return { url: url.replace(/\/+$/, ''), headers: Object.fromEntries(headers) }
}
