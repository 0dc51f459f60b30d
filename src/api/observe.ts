/** Gives every request an id, and tells whoever watches the process what became of it: a route, never an address with names in it. */
import { randomUUID } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import { matchedRoutes } from 'hono/route'
import type { Context } from 'hono'
import type { Caller } from './auth/caller.ts'
import { type ApiEnv, doorOf } from './env.ts'

export interface RequestSeen {
  /** Also in the answer, as `x-request-id`. */
  readonly id: string
  readonly method: string
  readonly from: string
  /** `traceparent` and `tracestate`, when they came along. */
  readonly trace: Readonly<Record<string, string>>
}

export interface RequestAnswered {
  /** As declared: `/v1/releases/{id}`; `none` when nothing fits the address. */
  readonly route: string
  readonly status: number
  /** Id of a person or machine, `local` or `nobody`. */
  readonly caller: string
  /** Until the answer began; a stream goes on after it. */
  readonly durationMs: number
}

export interface RequestObserver {
  /** Runs `answer`, which never rejects. */
  around(seen: RequestSeen, answer: () => Promise<RequestAnswered>): Promise<unknown>
}

const unwatched: RequestObserver = { around: (_seen, answer) => answer() }

export function observed(observer: RequestObserver = unwatched) {
  return createMiddleware<ApiEnv>(async (context, next) => {
    const id = randomUUID()
    const startedAt = performance.now()
    const seen = { id, method: context.req.method, from: doorOf(context).from, trace: traceIn(context) }
    await observer.around(seen, async () => {
      await next()
      context.res.headers.set('x-request-id', id)
      return {
        route: routeOf(context),
        status: context.res.status,
        caller: nameOf(context.get('caller') as Caller | undefined),
        durationMs: performance.now() - startedAt,
      }
    })
  })
}

function traceIn(context: Context): Readonly<Record<string, string>> {
  const given = ['traceparent', 'tracestate'].map((name) => [name, context.req.header(name)] as const)
  return Object.fromEntries(given.filter((entry): entry is readonly [string, string] => entry[1] !== undefined))
}

function routeOf(context: Context): string {
  const route = matchedRoutes(context).findLast(({ path }) => !path.endsWith('*'))
  return route === undefined ? 'none' : route.path.replace(/:(\w+)/g, '{$1}')
}

function nameOf(caller: Caller | undefined): string {
  if (caller === undefined) return 'nobody'
  return 'id' in caller ? caller.id : caller.kind
}
