/** Every route says who may use it, in its own declaration; a route that does not is a bug found at start. */
import { createRoute } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from '../env.ts'
import type { Demand } from './demand.ts'

export { anyone, known, localOnly, needs } from './demand.ts'

export const DEMAND = 'x-holdpoint-needs'

/** In the description of the API: `public`, `known`, `local`, or `release.read at release`. */
export function demandWords(demand: Demand): string {
  return demand.kind === 'right' ? `${demand.rights.join(' or ')} at ${demand.where}` : demand.kind
}

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
