/** `whoami` and `password`: the caller's own account. */
import { readLogins } from '../../config/config.ts'
import { dateWords } from '../../report/words.ts'
import { printTable } from '../ask-server.ts'
import { askSecrets } from '../ask-secret.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { Refused } from '../faults.ts'
import { renewLogin, type SignedIn } from '../keep-logins.ts'
import { type GrantOnWire, placeWords, sourceWords } from '../place-argument.ts'

interface Me {
  readonly id: string
  readonly kind: 'local' | 'person' | 'machine'
  readonly name?: string
  readonly grants: readonly GrantOnWire[]
  /** An older server does not tell. */
  readonly standsIn?: readonly (Pick<GrantOnWire, 'role' | 'place'> & {
    readonly for: string
    readonly until: number
  })[]
  readonly session: { readonly signedInAt: number } | null
}

export const whoami: Run = async (context) => {
  const client = await context.client()
  const me = await client.ask<Me>('GET', '/v1/me')
  const server = context.config.server?.url ?? null
  if (context.json) {
    printJson(context, { server, ...me })
    return 0
  }
  if (me.kind === 'local') {
    context.out(`${me.id}, by the local engine of ${context.config.home}; nothing is proven here`)
    return 0
  }
  context.out(`${me.id}${me.name === undefined || me.name === me.id ? '' : ` (${me.name})`} at ${server}`)
  context.out(me.session === null ? 'by a token' : signInWords(me.session.signedInAt))
  if (me.grants.length === 0 && (me.standsIn ?? []).length === 0)
    context.out('no role anywhere: someone who manages people can grant one')
  printTable(
    context,
    ['ROLE', 'WHERE', 'BY'],
    [
      ...me.grants.map((grant) => ({ cells: [grant.role, placeWords(grant.place), sourceWords(grant)] })),
      ...(me.standsIn ?? []).map(({ role, place, for: of, until }) => ({
        cells: [role, placeWords(place), `in place of ${of} until ${dateWords(until)}`],
      })),
    ],
  )
  return 0
}

function signInWords(at: number): string {
  return at === 0 ? 'signed in; since when the provider does not say' : `signed in ${dateWords(at)}`
}

/** Every other sign-in of the person is over then. */
export const password: Run = async (context) => {
  const { server } = context.config
  if (server === null)
    throw new Refused('the local engine has no passwords; sign in first: holdpoint login URL', 'not-signed-in', 1)
  const [before = '', after = ''] = await askSecrets(context, [
    { what: 'Password you have now', isNew: false },
    { what: 'New password (12 characters or more)', isNew: true },
  ])
  const client = await context.client()
  const session = await client.ask<SignedIn>('POST', '/v1/password', { before, after })
  if (readLogins(context.config.loginsFile).servers[server.url] !== undefined) renewLogin(context, server.url, session)
  if (context.json) printJson(context, { server: server.url, person: session.person })
  else context.out('changed; every other sign-in of yours is over')
  return 0
}
