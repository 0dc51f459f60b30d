/** YAML with places: front matter, shared settings and the bodies of `yaml` blocks. Only plain data: no aliases, no tags. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, visit } from 'yaml'
import type { Json } from '../units.ts'
import type { Place } from './plan.ts'
import type { Problems, Remark } from './problem.ts'

/** One value with its place. `text` is a scalar as it was written, so that `1.10` stays `1.10` where a name is meant. */
export type Value =
  | {
      readonly kind: 'scalar'
      readonly value: string | number | boolean | null
      readonly text: string
      readonly place: FilePlace
    }
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly place: FilePlace }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Entry>; readonly place: FilePlace }

export interface Entry {
  readonly place: FilePlace
  readonly value: Value
}

export interface FilePlace extends Place {
  readonly file: string
}

export type MapValue = Extract<Value, { kind: 'map' }>

const longest = 128 * 1024
const deepest = 40

/** null = the text is no mapping, and the problems say why. An empty text is an empty mapping. */
export function readYaml(text: string, from: FilePlace, problems: Problems): MapValue | null {
  const empty: MapValue = { kind: 'map', entries: new Map(), place: from }
  if (text.trim() === '') return empty
  if (text.length > longest || bracketDepth(text) > deepest) {
    problems.error('yaml-syntax', from, {
      found: text.length > longest ? `${text.length} characters of YAML` : 'YAML with very deep brackets',
      expected: `at most ${longest} characters and ${deepest} levels`,
      example: 'timeout: 10s',
    })
    return null
  }
  const counter = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    logLevel: 'silent',
    uniqueKeys: true,
    stringKeys: true,
  })
  const placeAt = (offset: number): FilePlace => {
    const { line, col } = counter.linePos(offset)
    return {
      file: from.file,
      line: from.line + Math.max(1, line) - 1,
      column: Math.max(1, col) + (line <= 1 ? from.column - 1 : 0),
    }
  }
  if (reportFaults(document, placeAt, problems)) return null
  const value = document.contents ? convert(document.contents, placeAt, 0) : null
  if (value?.kind === 'map') return value
  if (value === null || (value.kind === 'scalar' && value.value === null)) return empty
  problems.error('yaml-shape', value.place, {
    found: value.kind === 'list' ? 'a list' : `"${value.text.slice(0, 60)}"`,
    expected: 'a mapping: names, each with a colon and a value',
    example: 'timeout: 10s',
  })
  return null
}

function reportFaults(
  document: ReturnType<typeof parseDocument>,
  placeAt: (offset: number) => FilePlace,
  problems: Problems,
): boolean {
  for (const error of document.errors.filter(({ code }) => code === 'DUPLICATE_KEY'))
    problems.error('yaml-duplicate-key', placeAt(error.pos[0]), {
      found: 'the same name twice in one mapping',
      expected: 'each name once',
      example: 'timeout: 10s',
    })
  // What a parser says after its first fault is about its own confusion.
  const first = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY')
  if (first) problems.error('yaml-syntax', placeAt(first.pos[0]), syntaxWords(first.message))
  let faulty = document.errors.length > 0
  const refuse = (code: 'yaml-alias' | 'yaml-tag', node: Node, found: string): void => {
    faulty = true
    problems.error(code, placeAt(node.range?.[0] ?? 0), {
      found,
      expected:
        code === 'yaml-alias' ? 'every value written out: anchors and aliases are not read' : 'a value without a tag',
      example: 'timeout: 10s',
    })
  }
  visit(document, (_key, node) => {
    if (isAlias(node)) refuse('yaml-alias', node, `the alias "*${node.source}"`)
    else if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor)
      refuse('yaml-alias', node, `the anchor "&${node.anchor}"`)
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.tag !== undefined)
      refuse('yaml-tag', node, `the tag "${node.tag}"`)
  })
  return faulty
}

/** A brace, a bracket or a comma in a value that stands in braces is the usual slip, and the parser only says where it stumbled. */
function syntaxWords(message: string): Remark {
  const found = `YAML that cannot be read: ${message.split('\n')[0] ?? ''}`
  if (!/at node end|flow-(?:map|seq)-(?:start|end)/.test(message))
    return { found, expected: 'YAML: names, each with a colon and a value', example: 'timeout: 10s' }
  return {
    found,
    expected: 'quotes around a value that holds a brace, a bracket, a comma or a colon',
    example: `{ set: './shift.sh "\${HOLDPOINT_WEIGHT}"' }`,
  }
}

function convert(node: unknown, placeAt: (offset: number) => FilePlace, depth: number): Value {
  const place = placeAt((node as Node | null)?.range?.[0] ?? 0)
  if (isMap(node)) {
    const entries = new Map<string, Entry>()
    for (const pair of node.items) {
      const key = pair.key as Node
      const name = isScalar(key) ? String(key.source ?? key.value) : ''
      const at = placeAt(key.range?.[0] ?? 0)
      entries.set(name, {
        place: at,
        value: pair.value === null ? nothing(at) : convert(pair.value, placeAt, depth + 1),
      })
    }
    return { kind: 'map', entries, place }
  }
  if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => convert(item, placeAt, depth + 1)), place }
  if (!isScalar(node)) return nothing(place)
  const value: unknown = node.value
  if (typeof value === 'string') return { kind: 'scalar', value, text: value, place }
  const text = node.source ?? String(value)
  if (typeof value === 'boolean' || value === null) return { kind: 'scalar', value, text, place }
  // Infinity and NaN have a YAML word and no meaning in a plan: they stay words.
  return { kind: 'scalar', value: typeof value === 'number' && Number.isFinite(value) ? value : text, text, place }
}

function nothing(place: FilePlace): Value {
  return { kind: 'scalar', value: null, text: '', place }
}

/** Before parsing, because a parser that calls itself for each bracket can be made to run out of stack. */
function bracketDepth(text: string): number {
  let [depth, most] = [0, 0]
  for (const character of text) {
    if (character === '[' || character === '{') most = Math.max(most, ++depth)
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1)
  }
  const dashes = /^[ ]*(?:- ){41}/m.test(text) ? deepest + 1 : 0
  const indents = deepestIndent(text)
  return Math.max(most, dashes, indents)
}

/** Block nesting, counted by how often the indent grows without falling back. */
function deepestIndent(text: string): number {
  const open: number[] = []
  let most = 0
  for (const line of text.split('\n')) {
    const indent = /^ */.exec(line)?.[0].length ?? 0
    if (indent === line.length) continue
    while ((open.at(-1) ?? -1) >= indent) open.pop()
    open.push(indent)
    most = Math.max(most, open.length)
  }
  return most
}

/** The plain data of a value. */
export function jsonOf(value: Value): Json {
  if (value.kind === 'scalar') return value.value
  if (value.kind === 'list') return value.items.map(jsonOf)
  return Object.fromEntries([...value.entries].map(([name, entry]) => [name, jsonOf(entry.value)]))
}

/** A scalar that did not come from YAML: an attribute of an info string. */
export function scalar(value: string | boolean, place: FilePlace): Value {
  return { kind: 'scalar', value, text: String(value), place }
}
