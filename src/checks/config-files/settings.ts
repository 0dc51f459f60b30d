/** What files of settings say, in one tree: JSON, YAML, TOML and `NAME=value`; those behind win over those before. */
import { parse as parseToml, TomlError } from 'smol-toml'
import { LineCounter, parseAllDocuments } from 'yaml'
import type { Json } from '../../core/units.ts'
import { readEnvFile } from './env-file.ts'

export const formats = ['env', 'json', 'yaml', 'toml'] as const
export type Format = (typeof formats)[number]

export interface ReadSettings {
  readonly tree: Json
  /** `file:line why`, without anything of the text. */
  readonly problems: readonly string[]
  /** Every value is a text, as variables of an environment are. */
  readonly isText: boolean
}

/** By its name; null = it tells nothing. */
export function formatOf(name: string): Format | null {
  const base = name.split('/').at(-1) ?? ''
  if (/^\.?env(?:\.|$)|\.env(?:\.|$)/i.test(base)) return 'env'
  const [, ending = ''] = /\.([a-z]+)$/i.exec(base) ?? []
  const found = { json: 'json', yaml: 'yaml', yml: 'yaml', toml: 'toml' } as const
  return (found as Readonly<Record<string, Format>>)[ending.toLowerCase()] ?? null
}

export function readSettings(name: string, text: string, format: Format): ReadSettings {
  if (format === 'env') {
    const { values, problems } = readEnvFile(text)
    return { tree: { ...values }, problems: problems.map(({ line, why }) => `${name}:${line} ${why}`), isText: true }
  }
  const read = format === 'toml' ? fromToml(name, text) : fromYaml(name, text, format)
  const isTree = typeof read.tree === 'object' && read.tree !== null
  return isTree ? { ...read, isText: false } : { tree: {}, problems: [`${name} holds no settings`], isText: false }
}

type Tree = Pick<ReadSettings, 'tree' | 'problems'>

function fromToml(name: string, text: string): Tree {
  try {
    return { tree: plain(parseToml(text)), problems: [] }
  } catch (fault) {
    const line = fault instanceof TomlError ? `:${fault.line}` : ''
    return { tree: {}, problems: [`${name}${line} is no TOML`] }
  }
}

/** The reader of YAML also tells where JSON goes wrong, and names that stand twice, over which JSON.parse says nothing. */
function fromYaml(name: string, text: string, format: 'json' | 'yaml'): Tree {
  const lines = new LineCounter()
  const found = parseAllDocuments(text, { lineCounter: lines, merge: format === 'yaml', prettyErrors: false })
  const documents = Array.isArray(found) ? found : []
  const errors = documents.flatMap((document) => document.errors)
  const problems = errors
    .slice(0, 5)
    .map(({ pos, code }) => `${name}:${lines.linePos(pos[0]).line} is no ${format.toUpperCase()}: ${wordsOf(code)}`)
  if (problems.length > 0) return { tree: {}, problems }
  if (format === 'json') return fromJson(name, text)
  try {
    const trees = documents.map((document) => plain(document.toJS({ maxAliasCount: 100 })))
    return { tree: trees.reduce<Json>((before, one) => merged(before, one), null), problems: [] }
  } catch {
    return { tree: {}, problems: [`${name} has an alias that leads nowhere, or too many`] }
  }
}

function fromJson(name: string, text: string): Tree {
  try {
    return { tree: JSON.parse(text.replace(/^\uFEFF/, '')) as Json, problems: [] }
  } catch (fault) {
    const [, line] = /line (\d+)/.exec((fault as Error).message) ?? []
    return { tree: {}, problems: [`${name}${line === undefined ? '' : `:${line}`} is no JSON`] }
  }
}

function wordsOf(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ')
}

/** Dates and big numbers as texts; names that lead to what objects have by themselves stay names. */
function plain(value: unknown): Json {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString()
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Map) return plain(Object.fromEntries(value as Map<string, unknown>))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return (value ?? null) as Json
}

type Fields = Readonly<Record<string, Json>>

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Maps go into one another, everything else is replaced; `joined` puts lists one behind the other. */
export function merged(before: Json, after: Json, joined = false): Json {
  if (joined && Array.isArray(before) && Array.isArray(after)) return [...before, ...after]
  if (!isFields(before) || !isFields(after)) return after
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return Object.fromEntries(
    names.map((name) => [
      name,
      !Object.hasOwn(after, name)
        ? (before[name] as Json)
        : !Object.hasOwn(before, name)
          ? (after[name] as Json)
          : merged(before[name] as Json, after[name] as Json, joined),
    ]),
  )
}

/** By its whole name, else by the names between its dots; undefined = it is not there. */
export function settingAt(tree: Json, key: string): Json | undefined {
  if (isFields(tree) && Object.hasOwn(tree, key)) return tree[key]
  let value: Json | undefined = tree
  for (const part of key.split('.')) {
    if (Array.isArray(value)) value = value[Number(part)]
    else if (isFields(value) && Object.hasOwn(value, part)) value = value[part]
    else return undefined
  }
  return value
}

/** Every value that holds no others, by its key. */
export function leavesOf(tree: Json, before = ''): readonly (readonly [key: string, value: Json])[] {
  if (typeof tree !== 'object' || tree === null) return [[before, tree]]
  const entries = Array.isArray(tree) ? tree.map((one, at) => [String(at), one] as const) : Object.entries(tree)
  return entries.flatMap(([name, one]) => leavesOf(one, before === '' ? name : `${before}.${name}`))
}
