/** Settings of kinds that connect to one host: where it is, over TLS or not, and a password that never stands in a document. */
import { z } from 'zod'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { OutboundPlace } from '../../core/ports/outbound.ts'
import { ConfigFault, fill } from './fields.ts'
import { readText } from './read-text.ts'
import type { WireTls } from './wire.ts'

export const hostField = z
  .string()
  .min(1)
  .refine(isHost, { error: 'expected a name or an address alone, such as db.internal; its port stands in `port:`' })
  .describe('Name or address')

export const numberOfPort = z
  .union([
    z.number().int().min(1).max(65_535),
    z.string().regex(/^\d{1,5}$|\{\{/, { error: 'expected a number from 1 to 65535, or a {{ name }}' }),
  ])
  .describe('1 to 65535, or a {{ name }}')

export const portField = (usual: number): z.ZodDefault<typeof numberOfPort> =>
  numberOfPort.default(usual).describe('1 to 65535, or a {{ name }}')

/** No address with a scheme or a path, and none with a port; of IPv6 with its colons. What is filled in is looked at when it is reached. */
function isHost(text: string): boolean {
  return text.includes('{{') || /^[^\s/:@]+$/.test(text) || /^[\da-f]*:[\da-f:.]*:[\da-f:.]*$/i.test(text)
}

export const tlsFields = {
  tls: z.boolean().default(false).describe('Over TLS, with a certificate that is trusted'),
  ca: z.string().min(1).optional().describe("File with the certificates that are trusted, instead of this Node's own"),
}

export const passwordField = z
  .string()
  .regex(/^\{\{\s*secret\.[A-Za-z0-9_.-]+\s*\}\}$/, {
    error: 'expected the name of a secret, such as "{{ secret.PASSWORD }}": its value never stands in a document',
  })
  .describe('`{{ secret.NAME }}`')

interface HostSettings {
  readonly host: string
  readonly port: string | number
}

export interface Reached {
  readonly place: OutboundPlace
  /** host:port, for sentences. */
  readonly where: string
}

/** Throws ConfigFault for a port that is none, and OutboundFault where the guard says no. */
export async function reach(
  scheme: string,
  given: HostSettings,
  powers: Pick<CheckPowers, 'variables' | 'place'>,
): Promise<Reached> {
  const host = fill(given.host, powers.variables)
  const port = Number(fill(String(given.port), powers.variables))
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new ConfigFault(`${host} has no port ${given.port}`)
  const place = await powers.place(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)
  return { place, where: `${host}:${port}` }
}

export async function tlsOf(
  given: { readonly tls: boolean; readonly ca?: string | undefined },
  powers: Pick<CheckPowers, 'root' | 'variables'>,
): Promise<WireTls | null> {
  if (!given.tls) return null
  return given.ca === undefined ? {} : { ca: await readText(powers, given.ca) }
}
