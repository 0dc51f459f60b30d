/** A decision that asks for a fresh sign-in: the password is asked for right here, and the decision is made again, once. */
import type { Client } from '../api/client-types.ts'
import { ApiFault } from '../api/client-types.ts'
import { readLogins } from '../config/config.ts'
import { exitOf, isCode } from '../api/wire/codes.ts'
import { askSecret } from './ask-secret.ts'
import type { Context } from './context.ts'
import { Refused } from './faults.ts'
import { renewLogin, type SignedIn } from './keep-logins.ts'

/** A client with the new sign-in; null = nobody can be asked here, or the sign-in was not by this terminal. */
export async function signInAgain(context: Context, why: string): Promise<Client | null> {
  const { server, loginsFile } = context.config
  const login = server && readLogins(loginsFile).servers[server.url]
  // A token of a pipeline is no sign-in, and a password would not make it one.
  if (server === null || login == null || !server.secret?.startsWith('hps_') || !context.interactive) return null
  context.err(why)
  const { createClient } = await import('../api/client.ts')
  const stranger = createClient({ server: { url: server.url, secret: null } })
  try {
    const password = await askSecret(context, `Password of ${login.person} at ${server.url}`)
    const session = await stranger.ask<SignedIn>('POST', '/v1/sign-in', { person: login.person, password, as: 'token' })
    renewLogin(context, server.url, session)
    return createClient({ server: { url: server.url, secret: session.session } })
  } catch (fault) {
    if (fault instanceof ApiFault && isCode(fault.code))
      throw new Refused(`${fault.message}${withoutPassword(server.url)}`, fault.code, exitOf(fault.code))
    throw fault
  } finally {
    stranger.close()
  }
}

function withoutPassword(url: string): string {
  return `\nsomebody who signs in through a provider: holdpoint login ${url} --openid --fresh\nwith a passkey: holdpoint login ${url} --browser --fresh`
}
