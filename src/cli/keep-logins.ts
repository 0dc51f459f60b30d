/** The file of a person's sign-ins to servers: written beside and moved into place, so that a full disk loses none. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Logins, readLogins } from '../config/config.ts'
import type { Context } from './context.ts'

export interface SignedIn {
  readonly person: string
  readonly session: string
}

export function keepLogins({ config }: Context, change: (logins: Logins) => Logins): void {
  mkdirSync(dirname(config.loginsFile), { recursive: true, mode: 0o700 })
  const beside = `${config.loginsFile}.${process.pid}`
  writeFileSync(beside, `${JSON.stringify(change(readLogins(config.loginsFile)), null, 2)}\n`, { mode: 0o600 })
  renameSync(beside, config.loginsFile)
}

/** From here on commands ask this server, as this person. */
export function keepLogin(context: Context, url: string, { person, session }: SignedIn): void {
  keepLogins(context, (logins) => ({ current: url, servers: { ...logins.servers, [url]: { person, session } } }))
}

/** A sign-in that was renewed; which server commands ask stays as it is. */
export function renewLogin(context: Context, url: string, { person, session }: SignedIn): void {
  keepLogins(context, (logins) => ({ ...logins, servers: { ...logins.servers, [url]: { person, session } } }))
}
