/** Keeps what disturbs a service away from production; doubt keeps it out. */
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault, fill } from './fields.ts'

/** Why it may not go to this address in this release, in words without a remedy; null = it may. `named` = hosts of production. */
export function whyProduction(
  address: string,
  named: readonly string[],
  { isProtected, variables }: Pick<CheckPowers, 'isProtected' | 'variables'>,
): string | null {
  const url = URL.parse(address)
  if (url === null) throw new ConfigFault(`${address} is no address`)
  const environment = variables['environment'] ?? ''
  if (isProtected) return `${environment} is a protected environment`
  // A name that means production counts as one, protected or not.
  if (/^(prod|production|live)$/i.test(environment)) return `the release goes to ${environment}`
  const hosts = named.map((host) => fill(host, variables).toLowerCase())
  return hosts.includes(url.hostname) || hosts.includes(url.host) ? `${url.host} is named as production` : null
}
