/** Roles that a provider brings: applied when it says who somebody is, and taken away when it has said nothing for long. */
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import { heldOf } from '../../core/access/mapped-roles.ts'
import type { Actor } from '../../core/release/events.ts'
import type { Instant, Millis } from '../../core/units.ts'
import type { Directory } from './directory.ts'
import type { Identity } from './openid.ts'

/** Who it was, where it is the provider's doing. */
export const openIdActor: Actor = { id: 'openid', kind: 'engine', assurance: 'engine' }
/** As long as a session lasts at most: a token or a password must not keep alive what the provider may have taken away. */
export const MAPPED_FOR_MS: Millis = 7 * 86_400_000

interface Deps {
  readonly store: Store
  readonly clock: Clock
  readonly directory: Directory
}

const SEEN = 'openid-seen'

/** What mappings make of the claims holds from here on, and nothing that an earlier sign-in brought. A reason, if refused. */
export async function applyMappedRoles(
  { store, clock, directory }: Deps,
  person: string,
  { issuer, claims }: Identity,
): Promise<string | null> {
  const held = heldOf(await directory.current(), issuer, claims)
  const at = clock.now()
  // Before the roles: none stands without a word of when the provider said so.
  if (held.length > 0) await store.putEntry(SEEN, person, JSON.stringify({ at }), { expires: at + 2 * MAPPED_FOR_MS })
  const answer = await directory.ask({ kind: 'ApplyMappedRoles', person, held }, openIdActor, null)
  return answer.kind === 'refused' ? answer.reason : null
}

/** Takes mapped roles from everyone who has not come by the provider for that long. Who they were. */
export async function lapseMappedRoles({ store, clock, directory }: Deps): Promise<readonly string[]> {
  const state = await directory.refresh()
  const mapped = [...state.grants].filter(([, grants]) => grants.some(({ from }) => from !== undefined))
  const lapsed: string[] = []
  for (const [person] of mapped) {
    const entry = await store.getEntry(SEEN, person)
    const at = entry === null ? 0 : (JSON.parse(entry.json) as { at: Instant }).at
    if (clock.now() - at < MAPPED_FOR_MS) continue
    await directory.ask({ kind: 'ApplyMappedRoles', person, held: [] }, openIdActor, null)
    lapsed.push(person)
  }
  return lapsed
}
