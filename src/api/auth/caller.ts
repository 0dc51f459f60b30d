/** Who sent a request, as far as the server knows: settled once, before any route looks at it. */
import type { AccessState, Place, TokenScope } from '../../core/access/access.ts'
import { may, mayAnywhere, placesOf, rolesAt, standInsAt, type Asker } from '../../core/access/may.ts'
import { type Right } from '../../core/access/rights.ts'
import type { Actor } from '../../core/release/events.ts'
import type { Session } from './accounts.ts'

export type Caller =
  /** The owner of the local socket: the operating-system user who runs the engine. May everything; proves nothing. */
  | { readonly kind: 'local'; readonly actor: Actor }
  | {
      readonly kind: 'person'
      readonly id: string
      /** Of a sign-in; null = an API token, which shows nothing about who holds it now. */
      readonly session: Session | null
      readonly token: { readonly id: string; readonly scope: TokenScope } | null
    }
  | {
      readonly kind: 'machine'
      readonly id: string
      readonly token: { readonly id: string; readonly scope: TokenScope }
    }
  | { readonly kind: 'nobody'; readonly why: string }

export { everywhere } from '../../core/access/access.ts'

/** null = the owner of the socket, whom no rule of the directory concerns. */
export function askerOf(caller: Exclude<Caller, { kind: 'nobody' }>): Asker | null {
  return caller.kind === 'local' ? null : { holder: caller.id, scope: caller.token?.scope ?? null }
}

export function callerMay(state: AccessState, caller: Caller, right: Right, place: Place): boolean {
  if (caller.kind === 'nobody') return false
  const asker = askerOf(caller)
  return asker === null || may(state, asker, right, place)
}

export function callerMayAnywhere(state: AccessState, caller: Caller, right: Right): boolean {
  if (caller.kind === 'nobody') return false
  const asker = askerOf(caller)
  return asker === null || mayAnywhere(state, asker, right)
}

/** Services whose releases the caller may see; null = all of them, those of no project included. */
export function visibleServices(state: AccessState, caller: Caller, right: Right): readonly string[] | null {
  if (caller.kind === 'nobody') return []
  const asker = askerOf(caller)
  if (asker === null) return null
  const places = placesOf(state, asker, right)
  if (places.some(({ organisation }) => organisation === null)) return null
  return [...state.projects.values()]
    .filter((project) =>
      places.some(
        ({ organisation, project: id }) => organisation === project.organisation && (id === null || id === project.id),
      ),
    )
    .flatMap(({ services }) => services)
}

/** Whether the caller sees all releases of the services they see, and not those of some environments only. */
export function seesWholeServices(state: AccessState, caller: Caller, right: Right): boolean {
  if (caller.kind === 'nobody') return false
  const asker = askerOf(caller)
  return asker === null || placesOf(state, asker, right).every(({ environment }) => environment === null)
}

/** Who it was, as a release records it. */
export function actorAt(state: AccessState, caller: Exclude<Caller, { kind: 'nobody' }>, place: Place): Actor {
  if (caller.kind === 'local') return caller.actor
  if (caller.kind === 'machine') return { id: caller.id, kind: 'machine', assurance: 'proven' }
  const standIns = standInsAt(state, caller.id, place)
  return {
    id: caller.id,
    kind: 'person',
    assurance: 'proven',
    roles: rolesAt(state, caller.id, place),
    ...(standIns.length > 0 && { standsIn: standIns }),
    ...(caller.session === null ? {} : { signedInAt: caller.session.signedInAt }),
  }
}
