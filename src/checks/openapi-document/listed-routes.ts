/** Routes as a service lists them itself, beside those that its document has. */
import type { Json } from '../../core/units.ts'
import { ConfigFault } from '../parts/fields.ts'
import { isFields, type Operation, readOpenApi, readTree } from './document.ts'

export interface Route {
  /** In large letters. */
  readonly method: string
  readonly path: string
}

/** What frameworks add by themselves: missed only where it is documented. */
const byItself: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS'])

/** A list of `GET /orders/:id` or of `{ method(s), path }`, or an OpenAPI document that the service makes of its routes. Throws ConfigFault. */
export function readRoutes(text: string, name: string): readonly Route[] {
  const tree = readTree(text, name)
  if (isFields(tree) && tree['openapi'] !== undefined) return readOpenApi(text, name).operations
  const list = Array.isArray(tree) ? tree : isFields(tree) ? tree['routes'] : undefined
  if (!Array.isArray(list) || list.length === 0)
    throw new ConfigFault(
      `${name} lists no routes: expected ["GET /orders/{id}"], [{ "method": "GET", "path": "/orders/{id}" }] or an OpenAPI document`,
    )
  return list.flatMap((one, index) => routesOf(one, `${name}[${index}]`))
}

function routesOf(one: Json, name: string): readonly Route[] {
  const said = typeof one === 'string' ? /^([A-Za-z]+)\s+(\/\S*)$/.exec(one.trim()) : null
  if (said) return [{ method: (said[1] ?? '').toUpperCase(), path: said[2] ?? '' }]
  const path = isFields(one) ? one['path'] : undefined
  const methods = isFields(one) ? (one['methods'] ?? one['method']) : undefined
  const list = Array.isArray(methods) ? methods : [methods]
  if (typeof path !== 'string' || !list.every((method) => typeof method === 'string'))
    throw new ConfigFault(
      `${name} is no route: expected "GET /orders/{id}" or { "method": "GET", "path": "/orders/{id}" }`,
    )
  return list.map((method) => ({ method: method.toUpperCase(), path }))
}

/** `below` = what the listed paths begin with before those of the document; listed ones elsewhere are not looked at. */
export function differencesOf(
  documented: readonly Operation[],
  listed: readonly Route[],
  { below, except }: { readonly below: string; readonly except: readonly string[] },
): readonly string[] {
  const prefix = below.replace(/\/+$/, '')
  const here = listed.flatMap(({ method, path }) =>
    path === prefix || path.startsWith(`${prefix}/`) ? [{ method, path: path.slice(prefix.length) || '/' }] : [],
  )
  const inDocument = new Set(documented.map(keyOf))
  const inService = new Set(here.map(keyOf))
  const isExcepted = (route: Route): boolean => except.some((one) => covers(one, route))
  const gone = documented.filter((route) => !inService.has(keyOf(route)) && !isExcepted(route))
  const new_ = here.filter(
    (route) => !inDocument.has(keyOf(route)) && !byItself.has(route.method) && !isExcepted(route),
  )
  const once = (words: readonly string[]): readonly string[] => [...new Set(words)]
  return [
    ...once(gone.map(({ method, path }) => `${method} ${path} is documented, and the service does not list it`)),
    ...once(new_.map(({ method, path }) => `${method} ${path} is there, and not documented`)),
  ]
}

/** `GET /metrics`, `/internal/*` (all below it, every method). */
export function covers(except: string, { method, path }: Route): boolean {
  const [, only, wanted = ''] = /^(?:([A-Za-z]+)\s+)?(\/\S*)$/.exec(except.trim()) ?? []
  if (only !== undefined && only.toUpperCase() !== method) return false
  return wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : shapeOf(path) === shapeOf(wanted)
}

function keyOf({ method, path }: Route): string {
  return `${method} ${shapeOf(path)}`
}

/** However a framework writes what varies in a path: `{id}`, `{id:[0-9]+}`, `:id`, `<int:id>`; a slash at the end is none. */
function shapeOf(path: string): string {
  const parts = path.split('/').map((part) => part.replace(/\{[^}]*\}|<[^>]*>|:[A-Za-z_]\w*(?:\([^)]*\))?/g, '{}'))
  return parts.join('/').replace(/(?<=.)\/$/, '')
}
