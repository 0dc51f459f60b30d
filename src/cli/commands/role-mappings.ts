/** `role map`, `role unmap` and `role mappings`: roles that come from what an OpenID provider says of people. */
import type { RoleMapping } from '../../core/access/access.ts'
import { change, printTable } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { placeAsked, placeWords } from '../place-argument.ts'
import { text } from '../values.ts'

const EXAMPLE = 'holdpoint role map groups=releases approver --at acme/shop/production'

export const map: Run = (context, words, options) => {
  const asked = mappingAsked(words, options)
  return change(context, '/v1/role-mappings', asked, () => [
    `whoever signs in with ${asked.claim}=${asked.value} is ${asked.role} at ${placeWords(asked.place)}, until the provider says so no more`,
  ])
}

export const unmap: Run = (context, words, options) => {
  const asked = mappingAsked(words, options)
  return change(context, '/v1/role-mappings/remove', asked, () => [
    `${asked.claim}=${asked.value} brings ${asked.role} at ${placeWords(asked.place)} no more; who had it by that has lost it`,
  ])
}

export const list: Run = async (context) => {
  const client = await context.client()
  const mappings = await client.ask<readonly RoleMapping[]>('GET', '/v1/role-mappings')
  if (context.json) {
    printJson(context, mappings)
    return 0
  }
  if (mappings.length === 0) context.err(`no claim brings a role; for example: ${EXAMPLE}`)
  else
    printTable(
      context,
      ['CLAIM', 'ROLE', 'WHERE', 'PROVIDER'],
      mappings.map(({ issuer, claim, value, role, place }) => ({
        cells: [`${claim}=${value}`, role, placeWords(place), issuer],
      })),
    )
  return 0
}

/** The value may hold anything, also `=`. */
function mappingAsked([said = '', role = '']: readonly string[], options: Readonly<Record<string, unknown>>) {
  const [claim = '', ...value] = said.split('=')
  if (claim === '' || value.join('=') === '')
    throw new UsageFault(`"${said}" is no claim of a provider, expected claim=value; for example: ${EXAMPLE}`)
  const issuer = text(options, 'issuer')
  return {
    ...(issuer === null ? {} : { issuer }),
    claim,
    value: value.join('='),
    role,
    place: placeAsked(options, EXAMPLE),
  }
}
