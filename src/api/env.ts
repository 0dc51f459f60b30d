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

/** What a listener knows of a request beside it; tests that call the routes themselves know less. */
export interface Bindings {
  readonly door?: Door
  /** Of a connection that can be written to; absent = the answer has to carry its body. */
  readonly direct?: Direct
}

/** Left by a route: what goes on after the headers of its answer, whatever is still added to them. */
export interface Direct {
  pour: Pour | null
}

/** Resolves when there is no more to tell. `gone` aborts when the other side is no longer there. */
export type Pour = (to: Outflow, gone: AbortSignal) => Promise<void>

export interface Outflow {
  /** Bytes may be shared: nobody changes them. A promise = there is room for more once it resolves; it never rejects. */
  write(bytes: Uint8Array): Promise<void> | null
}

export interface ApiEnv {
  Bindings: Bindings
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
  return bindingsOf(context).door ?? { kind: 'tcp', from: 'unknown' }
}

export function bindingsOf(context: Context<ApiEnv>): Bindings {
  return (context.env as Bindings | undefined) ?? {}
}
