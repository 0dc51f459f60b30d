/** What every request carries through the routes. */
import type { ReleaseState } from '../core/release/state.ts'
import type { AccessState } from '../core/access/access.ts'
import type { Caller } from './auth/caller.ts'
import type { Context, MiddlewareHandler } from 'hono'
import type { Demand } from './auth/demand.ts'

/** Through which listener a request came, and from where. */
export interface Door {
  /** `local` = the socket that only its owner may open. */
  readonly kind: 'local' | 'tcp'
  /** Address of the other end, as far as it can be believed. */
  readonly from: string
}

export interface ApiEnv {
  Bindings: { door?: Door }
  Variables: {
    guard: Guarding
    caller: Caller
    access: AccessState
    /** The release that the path names, for routes that declare a right over it. */
    release: ReleaseState
  }
}

/** Settled by `auth/guard.ts`, which knows the directory; before any body is read. */
export type Guarding = (demand: Demand) => MiddlewareHandler<ApiEnv>

/** A request that says nothing of its door came through none that may be trusted. */
export function doorOf(context: Context<ApiEnv>): Door {
  return (context.env as ApiEnv['Bindings'] | undefined)?.door ?? { kind: 'tcp', from: 'unknown' }
}
