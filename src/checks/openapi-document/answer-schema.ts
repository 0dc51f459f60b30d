/** Whether a JSON value agrees with a schema of an OpenAPI document. What it does not know it refuses, and never takes for agreed. */
import type { Json } from '../../core/units.ts'
import { parsePattern } from '../../core/plan/pattern.ts'
import { ConfigFault } from '../parts/fields.ts'
import { type Fields, isFields, type OpenApi } from './document.ts'

/** Say something about a value, but nothing that it is held to. */
const remarks: ReadonlySet<string> = new Set(
  `$comment $schema $id $anchor title description default deprecated example examples readOnly writeOnly externalDocs xml
  discriminator format contentMediaType contentEncoding`.split(/\s+/),
)
const deepest = 200

/** The first place where it does not agree, in words that hold no value; null = it agrees. Throws ConfigFault for a schema that is not understood. */
export function disagreement(value: Json, schema: Json, resolve: OpenApi['resolve'], place = 'body'): string | null {
  return look(value, schema, { resolve, place, depth: 0 })
}

interface Here {
  readonly resolve: OpenApi['resolve']
  readonly place: string
  readonly depth: number
}

type Rule = (value: Json, rule: Json, schema: Fields, here: Here) => string | null

function look(value: Json, given: Json, here: Here): string | null {
  if (here.depth > deepest) throw new ConfigFault(`the schema of ${here.place} goes too deep to be looked at`)
  if (given === true) return null
  if (given === false) return `${here.place} may not be there`
  if (!isFields(given)) throw new ConfigFault(`the schema of ${here.place} is none`)
  const inside = { ...here, depth: here.depth + 1 }
  const { $ref, ...beside } = given
  if ($ref !== undefined) {
    // In 3.0 nothing beside a reference counts; in 3.1 it counts as well.
    const other = look(value, here.resolve({ $ref }), inside)
    return other ?? (Object.keys(beside).length === 0 ? null : look(value, beside, inside))
  }
  if (value === null && given['nullable'] === true) return null
  for (const [name, rule] of Object.entries(given)) {
    if (remarks.has(name) || name.startsWith('x-') || name === '$defs' || name === 'definitions') continue
    const keep = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (keep === undefined)
      throw new ConfigFault(`the schema of ${here.place} says "${name}", which is not understood here`)
    const why = keep(value, rule, given, inside)
    if (why !== null) return why
  }
  return null
}

const number =
  (holds: (value: number, limit: number, schema: Fields) => boolean, words: string): Rule =>
  (value, limit, schema, { place }) =>
    typeof value !== 'number' || typeof limit !== 'number' || holds(value, limit, schema)
      ? null
      : `${place} is ${value}, expected ${words} ${limit}`

const size =
  (of: (value: Json) => number | null, holds: (size: number, limit: number) => boolean, words: string): Rule =>
  (value, limit, _schema, { place }) => {
    const found = of(value)
    return found === null || typeof limit !== 'number' || holds(found, limit)
      ? null
      : `${place} has ${found}, expected ${words} ${limit}`
  }

const letters = (value: Json): number | null => (typeof value === 'string' ? Array.from(value).length : null)
const items = (value: Json): number | null => (Array.isArray(value) ? value.length : null)
const members = (value: Json): number | null => (isFields(value) ? Object.keys(value).length : null)
const least = (found: number, limit: number): boolean => found >= limit
const most = (found: number, limit: number): boolean => found <= limit

const rules: Readonly<Record<string, Rule>> = {
  type: (value, type, _schema, { place }) => {
    const wanted = Array.isArray(type) ? type : [type]
    return wanted.some((one) => isOf(value, one))
      ? null
      : `${place} is ${nameOf(value)}, expected ${wanted.join(' or ')}`
  },
  nullable: () => null,
  enum: (value, list, _schema, { place }) =>
    Array.isArray(list) && list.some((one) => isSame(one, value)) ? null : `${place} is none of the values it may have`,
  const: (value, only, _schema, { place }) => (isSame(only, value) ? null : `${place} is not the value it has to be`),
  // In 3.0 `exclusive` is a yes beside the limit, in 3.1 a limit of its own.
  minimum: number(
    (value, limit, { exclusiveMinimum }) => (exclusiveMinimum === true ? value > limit : value >= limit),
    'at least',
  ),
  maximum: number(
    (value, limit, { exclusiveMaximum }) => (exclusiveMaximum === true ? value < limit : value <= limit),
    'at most',
  ),
  exclusiveMinimum: number((value, limit) => value > limit, 'more than'),
  exclusiveMaximum: number((value, limit) => value < limit, 'less than'),
  multipleOf: number((value, step) => isMultiple(value, step), 'a multiple of'),
  minLength: size(letters, least, 'at least'),
  maxLength: size(letters, most, 'at most'),
  minItems: size(items, least, 'at least'),
  maxItems: size(items, most, 'at most'),
  minProperties: size(members, least, 'at least'),
  maxProperties: size(members, most, 'at most'),
  pattern: (value, source, _schema, { place }) => {
    const pattern = typeof source === 'string' ? parsePattern(source) : null
    if (!pattern?.ok) throw new ConfigFault(`the schema of ${place} has a pattern that is not understood here`)
    return typeof value !== 'string' || pattern.value.find(value)
      ? null
      : `${place} does not match /${pattern.value.source}/`
  },
  // What is only ever sent, such as a password, is required of requests.
  required: (value, names, { properties }, { place, resolve }) => {
    if (!isFields(value) || !Array.isArray(names)) return null
    const isOnlySent = (name: string): boolean => {
      const schema = isFields(properties) && Object.hasOwn(properties, name) ? resolve(properties[name] ?? null) : null
      return isFields(schema) && schema['writeOnly'] === true
    }
    const gone = names.find((name) => !Object.hasOwn(value, String(name)) && !isOnlySent(String(name)))
    return gone === undefined ? null : `${place} has no ${String(gone)}`
  },
  properties: (value, list, _schema, here) => {
    if (!isFields(value) || !isFields(list)) return null
    return first(Object.entries(list), ([name, schema]) =>
      Object.hasOwn(value, name) ? look(value[name] ?? null, schema, below(here, name)) : null,
    )
  },
  additionalProperties: (value, rule, { properties, patternProperties }, here) => {
    if (!isFields(value)) return null
    if (patternProperties !== undefined)
      throw new ConfigFault(`the schema of ${here.place} says "patternProperties", which is not understood here`)
    const known = isFields(properties) ? properties : {}
    return first(Object.entries(value), ([name, one]) =>
      Object.hasOwn(known, name)
        ? null
        : rule === false
          ? `${here.place} has ${name}, which is not documented`
          : look(one, rule, below(here, name)),
    )
  },
  items: (value, schema, _schema, here) =>
    Array.isArray(value)
      ? first([...value.entries()], ([index, one]) => look(one, schema, { ...here, place: `${here.place}[${index}]` }))
      : null,
  uniqueItems: (value, isWanted, _schema, { place }) =>
    isWanted !== true || !Array.isArray(value) || new Set(value.map(canonical)).size === value.length
      ? null
      : `${place} has the same item twice`,
  allOf: (value, list, _schema, here) => first(schemasOf(list, here), (schema) => look(value, schema, here)),
  anyOf: (value, list, _schema, here) =>
    schemasOf(list, here).some((schema) => look(value, schema, here) === null)
      ? null
      : `${here.place} is none of what it may be`,
  oneOf: (value, list, _schema, here) => {
    const fitting = schemasOf(list, here).filter((schema) => look(value, schema, here) === null).length
    return fitting === 1 ? null : `${here.place} is ${fitting} of what it may be, expected one`
  },
  not: (value, schema, _schema, here) =>
    look(value, schema, here) === null ? `${here.place} is what it may not be` : null,
}

function schemasOf(list: Json, { place }: Here): readonly Json[] {
  if (Array.isArray(list) && list.length > 0) return list
  throw new ConfigFault(`the schema of ${place} lists no schemas where some belong`)
}

function first<T>(list: readonly T[], why: (one: T) => string | null): string | null {
  for (const one of list) {
    const found = why(one)
    if (found !== null) return found
  }
  return null
}

function below(here: Here, name: string): Here {
  return { ...here, place: `${here.place}.${name}` }
}

function nameOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

function isOf(value: Json, type: Json): boolean {
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value)
  return nameOf(value) === type
}

function isSame(one: Json, other: Json): boolean {
  return canonical(one) === canonical(other)
}

/** Members of an object have no order. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_key, one: Json) =>
    isFields(one) ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1))) : one,
  )
}

function isMultiple(value: number, step: number): boolean {
  const times = value / step
  return step > 0 && Math.abs(times - Math.round(times)) < 1e-9 * Math.max(1, Math.abs(times))
}
