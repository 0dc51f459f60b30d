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

/** Names of the ways to say who asks, as the description of the API explains them. */
export const BEARER = 'bearer'
export const COOKIE = 'cookie'
export const BASIC = 'basic'

/**
 * As `createRoute`, with the demand checked before anything else of the route. Its name and who may use it follow from its
 * path and its demand, unless the route says more.
 */
export function route<const C extends RouteConfig>(demand: Demand, config: C): C & { getRoutingPath(): string } {
  const { method, path } = config
  const derived = { operationId: operationIdOf(method, path), ...accessOf(demand) }
  const described = { ...derived, ...config, [DEMAND]: demandWords(demand), middleware: [atTheGate(demand)] }
  return createRoute(described as never) as never
}

/** `GET /v1/releases/{id}/stream` is `getReleasesByIdStream`: as stable as the path. */
export function operationIdOf(method: string, path: string): string {
  const words = path
    .replace(/^\/v1(?=\/)/, '')
    .split('/')
    .flatMap((segment) => (/^\{.*\}$/.test(segment) ? ['by', segment.slice(1, -1)] : segment.split(/[^a-zA-Z0-9]+/)))
    .filter((word) => word !== '')
  return [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('')
}

function accessOf(demand: Demand): object {
  if (demand.kind === 'public') return { security: [] }
  const socket = { url: 'http://localhost', description: 'Through the socket of the engine, on its own machine only' }
  if (demand.kind === 'local') return { security: [], servers: [socket] }
  return { security: [{ [BEARER]: [] }, { [COOKIE]: [] }, { [BASIC]: [] }] }
}

/** Without a guard nobody comes in. */
function atTheGate(demand: Demand): MiddlewareHandler<ApiEnv> {
  return (context, next) => context.get('guard')(demand)(context, next)
}
