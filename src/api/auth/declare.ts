/** Every route says who may use it, in its own declaration; a route that does not is a bug found at start. */
import { createRoute } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { Right } from '../../core/access/rights.ts'
import type { ApiEnv } from '../env.ts'

/** Where the right has to hold. */
export type Where =
  /** At the place of the release that the path names. */
  | 'release'
  /** At the project that the path names. */
  | 'project'
  /** Somewhere; the route shows, or takes, only what belongs there. */
  | 'somewhere'
  /** Over the whole server. */
  | 'server'

export type Demand =
  /** Nobody is asked who they are. */
  | { readonly kind: 'public' }
  /** Any person or machine that the server knows; the route concerns the caller alone. */
  | { readonly kind: 'known' }
  /** The owner of the local socket, and nobody over the network. */
  | { readonly kind: 'local' }
  | { readonly kind: 'right'; readonly rights: readonly Right[]; readonly where: Where }

export const anyone: Demand = { kind: 'public' }
export const known: Demand = { kind: 'known' }
export const localOnly: Demand = { kind: 'local' }

/** Any of these rights is enough to come in; what exactly is done may ask for a particular one. */
export function needs(rights: Right | readonly Right[], where: Where): Demand {
  return { kind: 'right', rights: typeof rights === 'string' ? [rights] : rights, where }
}

export const DEMAND = 'x-holdpoint-needs'

/** In the description of the API: `public`, `known`, `local`, or `release.read at release`. */
export function demandWords(demand: Demand): string {
  return demand.kind === 'right' ? `${demand.rights.join(' or ')} at ${demand.where}` : demand.kind
}

/** Settled by `guard.ts`, which knows the directory; before any body is read. */
export type Guarding = (demand: Demand) => MiddlewareHandler<ApiEnv>

type RouteConfig = Parameters<typeof createRoute>[0]

/** As `createRoute`, with the demand checked before anything else of the route. */
export function route<const C extends RouteConfig>(demand: Demand, config: C): C & { getRoutingPath(): string } {
  const described = { ...config, [DEMAND]: demandWords(demand), middleware: [atTheGate(demand)] }
  return createRoute(described as never) as never
}

/** Without a guard nobody comes in. */
function atTheGate(demand: Demand): MiddlewareHandler<ApiEnv> {
  return (context, next) => context.get('guard')(demand)(context, next)
}
