/** Pages of lists that are whole in memory: after which one, how many, and what the next page begins after. */
import type { z } from '@hono/zod-openapi'
import type { pageQuery } from './access-shapes.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** null = there are no more. */
  readonly next: string | null
}

/** Without a limit all of it. With one the items have to be in the order of their keys. */
export function pageOf<T>(items: readonly T[], keyOf: (item: T) => string, query: z.infer<typeof pageQuery>): Page<T> {
  const { limit, after } = query
  if (limit === undefined) return { items, next: null }
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after)
  const last = rest[limit - 1]
  return { items: rest.slice(0, limit), next: rest.length > limit && last !== undefined ? keyOf(last) : null }
}

/** For the header `Link`, where the answer is a plain array. */
export function linkToNext(path: string, query: Readonly<Record<string, string | number>>): string {
  const words = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `<${path}?${words.join('&')}>; rel="next"`
}
