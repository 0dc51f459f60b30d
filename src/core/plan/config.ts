/** Validates the settings of a kind by the kind's own schema, and tells the author where and how. */
import { z } from 'zod'
import type { Json } from '../units.ts'
import { isNear, nearest } from './nearest.ts'
import type { Problems } from './problem.ts'
import { hyphenated, meaningAt, namesAt } from './schema-at.ts'
import type { Entry, FilePlace, Value } from './yaml.ts'

export interface ConfigKind {
  readonly config: z.ZodType
  readonly example: string
}

export interface ConfigGiven {
  readonly json: Readonly<Record<string, Json>>
  readonly values: ReadonlyMap<string, Entry>
  /** Names that are understood besides the schema's own. */
  readonly alsoKnown?: readonly string[]
  /** Names of the schema that an author does not write: the code of the fence. */
  readonly unwritten?: readonly string[]
}

/** False when the schema refuses; every issue has been reported. */
export function checkConfig(
  what: string,
  place: FilePlace,
  kind: ConfigKind,
  given: ConfigGiven,
  problems: Problems,
): boolean {
  const answer = kind.config.safeParse(given.json)
  if (answer.success) return true
  const issues = answer.error.issues
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  )
  for (const issue of issues.slice(0, 20)) {
    // A misspelt name is one slip, and not also a missing one.
    const isMisspelt = issue.path.length === 1 && isNear(String(issue.path[0]), unknown)
    if (!isMisspelt) report(issue, what, place, kind, given, problems)
  }
  return false
}

/** Names of settings a schema has, when it is an object. */
export function namesOf(schema: z.ZodType): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** With hyphens, as authors write them. */
function writtenNames(kind: ConfigKind, given: ConfigGiven): readonly string[] {
  const own = namesOf(kind.config).filter((name) => given.unwritten?.includes(name) !== true)
  return [...own.map(hyphenated), ...(given.alsoKnown ?? [])]
}

function report(
  issue: z.core.$ZodIssue,
  what: string,
  place: FilePlace,
  kind: ConfigKind,
  given: ConfigGiven,
  problems: Problems,
): void {
  const path = issue.path.map(String)
  const example = kind.example
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      problems.error('unknown-attribute', placeOf([...path, key], given, place), {
        found: `unknown name "${[...path, key].join('.')}" in ${what}`,
        expected: nearest(key, path.length === 0 ? writtenNames(kind, given) : namesAt(kind.config, path)),
        example,
      })
    }
    return
  }
  const value = valueAt(path, given)
  const missing = value === undefined
  const shownValue = typeof value === 'string' ? `"${value.slice(0, 60)}"` : JSON.stringify(value)?.slice(0, 60)
  // About settings that do not go together, or that are too few, rather than about one of them.
  if (path.length === 0) {
    const names = Object.keys(given.json)
    problems.error('bad-config', place, {
      found: `${what} with ${names.length === 0 ? 'no setting' : names.join(', ')}`,
      expected: wordsOf(issue),
      example,
    })
    return
  }
  problems.error(missing ? 'missing-attribute' : 'bad-config', placeOf(path, given, place), {
    found: missing ? `${what} without "${path.join('.')}"` : `${shownValue} for "${path.join('.')}" in ${what}`,
    expected: missing ? missingWords(issue, meaningAt(kind.config, path)) : expectedWords(issue, kind, path),
    example,
  })
}

/** What the setting is for tells more than its type does. */
function missingWords(issue: z.core.$ZodIssue, meaning: string | null): string {
  const words = wordsOf(issue)
  if (words === 'Invalid input') return meaning ?? 'a value'
  return meaning === null ? words : `${words}: ${meaning}`
}

/** Of several shapes none fits: what the setting is for says which there are. */
function expectedWords(issue: z.core.$ZodIssue, kind: ConfigKind, path: readonly string[]): string {
  const words = wordsOf(issue)
  return words === 'Invalid input' ? (meaningAt(kind.config, path) ?? 'another value') : words
}

const plainTypes: Readonly<Record<string, string>> = {
  record: 'names and values',
  object: 'names and values',
  array: 'a list',
  string: 'text',
  boolean: 'true or false',
  number: 'a number',
}

function wordsOf(issue: z.core.$ZodIssue): string {
  const message = issue.message
    .replace(/^Invalid (?:input|option): /, '')
    .replace(/^expected /i, '')
    .replace(/, received .*$/, '')
    .replace(/^Too (?:small|big): expected (.*)$/, '$1')
  return message === '' ? 'another value' : (plainTypes[message] ?? message)
}

function valueAt(path: readonly string[], given: ConfigGiven): Json | undefined {
  let value: Json | undefined = given.json
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as { readonly [key: string]: Json })[key]
  }
  return value
}

/** The place of the deepest part of the path that stands in the document. */
function placeOf(path: readonly string[], given: ConfigGiven, place: FilePlace): FilePlace {
  return deepest(path, given.values)?.place ?? place
}

/** The deepest part of the path that stands in the document; null = nothing of it. */
export function deepest(path: readonly (string | number)[], values: ReadonlyMap<string, Entry>): Value | null {
  let found: Value | null = null
  let entries: ReadonlyMap<string, Entry> | null = values
  let items: readonly Value[] | null = null
  for (const key of path) {
    const entry: Entry | undefined = entries?.get(String(key))
    const next: Value | undefined = entry?.value ?? items?.[Number(key)]
    if (!next) return found
    found = next
    entries = next.kind === 'map' ? next.entries : null
    items = next.kind === 'list' ? next.items : null
  }
  return found
}
