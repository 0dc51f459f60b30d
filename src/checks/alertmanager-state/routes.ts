/** To which receivers an alert goes by the routes of an Alertmanager, as it decides itself: the first that fits, and on by `continue`. */
import { parse } from 'yaml'
import { z } from 'zod'
import { parsePattern } from '../../core/plan/pattern.ts'
import { ServiceFault } from '../parts/service-api.ts'

export type Labels = Readonly<Record<string, string>>

interface Matcher {
  readonly label: string
  readonly accepts: (value: string) => boolean
}

export interface Route {
  readonly receiver: string
  readonly matchers: readonly Matcher[]
  readonly goesOn: boolean
  /** It only tells at some times. */
  readonly isTimed: boolean
  readonly routes: readonly Route[]
}

interface WrittenRoute {
  readonly receiver?: string | null | undefined
  readonly matchers?: readonly string[] | null | undefined
  readonly match?: Labels | null | undefined
  readonly match_re?: Labels | null | undefined
  readonly continue?: boolean | undefined
  readonly mute_time_intervals?: readonly string[] | null | undefined
  readonly active_time_intervals?: readonly string[] | null | undefined
  readonly routes?: readonly WrittenRoute[] | null | undefined
}

const pairs = z.record(z.string(), z.coerce.string()).nullish()
const names = z.array(z.string()).nullish()
const written: z.ZodType<WrittenRoute> = z.looseObject({
  receiver: z.string().nullish(),
  matchers: names,
  match: pairs,
  match_re: pairs,
  continue: z.boolean().optional(),
  mute_time_intervals: names,
  active_time_intervals: names,
  get routes() {
    return z.array(written).nullish()
  },
})

/** Of its configuration as it answers it. Throws ServiceFault. */
export function readRoutes(original: string): Route {
  let config: unknown
  try {
    config = parse(original)
  } catch {
    config = null
  }
  const read = z.looseObject({ route: written }).safeParse(config)
  if (!read.success) throw new ServiceFault('the configuration of Alertmanager cannot be read')
  return routeOf(read.data.route, '')
}

/** What a route does not say it has from the one above. */
function routeOf(given: WrittenRoute, above: string): Route {
  const receiver = given.receiver ?? above
  return {
    receiver,
    matchers: [
      ...(given.matchers ?? []).flatMap(readMatchers),
      ...Object.entries(given.match ?? {}).map(([label, value]) => matcherOf(label, '=', value)),
      ...Object.entries(given.match_re ?? {}).map(([label, value]) => matcherOf(label, '=~', value)),
    ],
    goesOn: given.continue ?? false,
    isTimed: (given.mute_time_intervals ?? []).length + (given.active_time_intervals ?? []).length > 0,
    routes: (given.routes ?? []).map((one) => routeOf(one, receiver)),
  }
}

/** The routes an alert ends at. */
export function routesFor(route: Route, labels: Labels): readonly Route[] {
  if (!route.matchers.every(({ label, accepts }) => accepts(labels[label] ?? ''))) return []
  const found: Route[] = []
  for (const below of route.routes) {
    const ends = routesFor(below, labels)
    found.push(...ends)
    if (ends.length > 0 && !below.goesOn) break
  }
  return found.length === 0 ? [route] : found
}

const matcher = /\s*([a-zA-Z_:][\w:]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^",}]*?))\s*(?:,|$)/y

/** `severity="P1"`, or several with commas, in braces or not. */
function readMatchers(text: string): readonly Matcher[] {
  const inner = text
    .trim()
    .replace(/^\{|\}$/g, '')
    .trim()
  const found: Matcher[] = []
  let at = 0
  while (at < inner.length) {
    matcher.lastIndex = at
    const [, label, operator, quoted, plain] = matcher.exec(inner) ?? []
    if (label === undefined || operator === undefined)
      throw new ServiceFault(`a matcher of Alertmanager cannot be read: ${inner.slice(at, at + 80)}`)
    found.push(matcherOf(label, operator, quoted === undefined ? (plain ?? '') : unescaped(quoted)))
    at = matcher.lastIndex
  }
  return found
}

export function matcherOf(label: string, operator: string, wanted: string): Matcher {
  if (operator === '=') return { label, accepts: (value) => value === wanted }
  if (operator === '!=') return { label, accepts: (value) => value !== wanted }
  const pattern = parsePattern(`^(?:${wanted})$`)
  if (!pattern.ok) throw new ServiceFault(`a pattern of Alertmanager cannot be read: ${wanted.slice(0, 80)}`)
  return { label, accepts: (value) => pattern.value.find(value) === (operator === '=~') }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_whole, sign: string) => (sign === 'n' ? '\n' : sign))
}
