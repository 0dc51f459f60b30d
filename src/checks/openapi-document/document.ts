/** An OpenAPI document (3.x): its operations with their parameters and answers, and what its references mean. */
import { parse } from 'yaml'
import type { Json } from '../../core/units.ts'
import { ConfigFault } from '../parts/fields.ts'
import { oneLine } from '../parts/say.ts'

export type Fields = Readonly<Record<string, Json>>

export interface Parameter {
  readonly name: string
  readonly place: 'path' | 'query' | 'header' | 'cookie'
  readonly isRequired: boolean
  /** One value that it may have; null = the document shows none. */
  readonly example: string | null
}

export interface Operation {
  /** In large letters. */
  readonly method: string
  /** As it is written: `/orders/{id}`. */
  readonly path: string
  readonly parameters: readonly Parameter[]
  /** By status, `2XX` or `default`; references are not followed. */
  readonly responses: Fields
}

export interface OpenApi {
  readonly operations: readonly Operation[]
  /** Follows references inside the document. Throws ConfigFault where one leads nowhere or out of it. */
  readonly resolve: (value: Json) => Json
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']
const mostReferences = 50

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Throws ConfigFault. `name` = where it came from, for sentences. */
export function readOpenApi(text: string, name: string): OpenApi {
  const root = readTree(text, name)
  if (!isFields(root) || typeof root['openapi'] !== 'string' || !root['openapi'].startsWith('3.'))
    throw new ConfigFault(`${name} is no OpenAPI document: expected openapi: 3.x at its top`)
  const resolve = resolver(root, name)
  const operations = Object.entries(isFields(root['paths']) ? root['paths'] : {}).flatMap(([path, item]) =>
    operationsOf(pathOf(path, name), resolve(item), resolve),
  )
  return { operations, resolve }
}

/** It is put behind an address as it stands. */
function pathOf(path: string, name: string): string {
  if (/^\/\S*$/.test(path)) return path
  throw new ConfigFault(`${name} documents the path ${JSON.stringify(path)}: expected one that begins with /`)
}

/** JSON is YAML. A document may use aliases, but not to become huge. */
export function readTree(text: string, name: string): Json {
  try {
    return parse(text, { maxAliasCount: 100, logLevel: 'silent' }) as Json
  } catch (error) {
    throw new ConfigFault(
      `${name} cannot be read: ${oneLine(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))}`,
    )
  }
}

function resolver(root: Fields, name: string): OpenApi['resolve'] {
  return (value) => {
    let found: Json = value
    for (let followed = 0; isFields(found) && typeof found['$ref'] === 'string'; followed += 1) {
      const to = found['$ref']
      if (!to.startsWith('#/') || followed > mostReferences)
        throw new ConfigFault(`${name} refers to ${to}, which is not looked at: expected #/… in the document itself`)
      found = at(root, to.slice(2).split('/').map(unescaped)) ?? missing(to, name)
    }
    return found
  }
}

function missing(to: string, name: string): never {
  throw new ConfigFault(`${name} refers to ${to}, which is not in it`)
}

function at(root: Json, names: readonly string[]): Json | undefined {
  let here: Json | undefined = root
  for (const name of names) {
    const inside: Json | undefined = here
    if (typeof inside !== 'object' || inside === null || !Object.hasOwn(inside, name)) return undefined
    here = (inside as Readonly<Record<string, Json>>)[name]
  }
  return here
}

function unescaped(part: string): string {
  const plain = part.replaceAll('~1', '/').replaceAll('~0', '~')
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

function operationsOf(path: string, item: Json, resolve: OpenApi['resolve']): readonly Operation[] {
  if (!isFields(item)) return []
  const shared = listOf(item['parameters'])
  return methods.flatMap((method) => {
    const operation = item[method]
    if (!isFields(operation)) return []
    // Later ones win: what an operation says of a parameter replaces what its path says.
    const all = [...shared, ...listOf(operation['parameters'])].flatMap((one) => parameterOf(resolve(one), resolve))
    const parameters = new Map(all.map((one) => [`${one.place} ${one.name}`, one]))
    const responses = isFields(operation['responses']) ? operation['responses'] : {}
    return [{ method: method.toUpperCase(), path, parameters: [...parameters.values()], responses }]
  })
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function parameterOf(value: Json, resolve: OpenApi['resolve']): readonly Parameter[] {
  if (!isFields(value) || typeof value['name'] !== 'string') return []
  const place = (['path', 'query', 'header', 'cookie'] as const).find((one) => one === value['in'])
  if (place === undefined) return []
  return [
    {
      name: value['name'],
      place,
      isRequired: place === 'path' || value['required'] === true,
      example: exampleOf(value, resolve),
    },
  ]
}

function exampleOf(parameter: Fields, resolve: OpenApi['resolve']): string | null {
  const schema = parameter['schema'] === undefined ? null : resolve(parameter['schema'])
  const shown = isFields(schema) ? schema : {}
  const named = isFields(parameter['examples']) ? Object.values(parameter['examples']).map(resolve) : []
  const candidates: readonly (Json | undefined)[] = [
    parameter['example'],
    ...named.map((one) => (isFields(one) ? one['value'] : undefined)),
    shown['example'],
    listOf(shown['examples'])[0],
    shown['default'],
    shown['const'],
    listOf(shown['enum'])[0],
  ]
  const found = candidates.find((one) => one !== undefined && one !== null && one !== '')
  if (found === undefined || found === null) return null
  if (Array.isArray(found)) return found.every((one) => typeof one !== 'object') ? found.join(',') : null
  return typeof found === 'object' ? null : String(found)
}
