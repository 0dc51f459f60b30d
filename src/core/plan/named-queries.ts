/** `queries:` of the front matter: a query is written once, and `{{ query.NAME }}` stands for it wherever a source is asked. */
import type { ReadBlock } from './fences.ts'
import type { Read } from './front-matter-members.ts'
import { nearest } from './nearest.ts'
import type { Problems } from './problem.ts'
import { shown } from './settings.ts'
import type { Word } from './words.ts'
import type { Entry, FilePlace, Value } from './yaml.ts'

/** By name, with those that stand in them already put in. */
export type NamedQueries = Readonly<Record<string, string>>

const example = 'queries: { errors: "sum(rate(http_errors_total[1m])) / sum(rate(http_requests_total[1m]))" }'
const slot = /\{\{\s*query\.([A-Za-z][\w.-]*)\s*\}\}/g

/** Reads them in their order: one may stand in those after it. */
export function namedQueryReader(): Read<string> {
  const before: Record<string, string> = {}
  return (name, { place, value }, from) => {
    const text = value.kind === 'scalar' && typeof value.value === 'string' ? value.text.trim() : ''
    if (text === '') {
      from.error('bad-value', value.place, {
        found: `${shown(value)} as the query "${name}"`,
        expected: 'the text of a query',
        example,
      })
      return null
    }
    const whole = withNamed(text, { queries: before, problems: from.problems }, place)
    before[name] = whole
    return whole
  }
}

interface Known {
  readonly queries: NamedQueries
  readonly problems: Problems
}

/** Alone it is the query itself; within another one it stands in parentheses, as a value that was worked out before. */
export function withNamed(text: string, { queries, problems }: Known, place: FilePlace): string {
  if (text.search(slot) === -1) return text
  const known = Object.keys(queries)
  // What a field captures begins with the language of the query.
  const alone = text.trim().replace(/^promql\s+/, '')
  return text.replace(slot, (whole, name: string) => {
    const query = Object.hasOwn(queries, name) ? queries[name] : undefined
    if (query !== undefined) return alone === whole ? query : `(${query})`
    problems.error('unknown-query', place, {
      found: `unknown query "${name}" in ${whole}`,
      expected: known.length === 0 ? 'a query declared before it in the front matter' : nearest(name, known),
      example,
    })
    return '0'
  })
}

/** Blocks that ask sources. */
const asking: readonly Word[] = [
  'check',
  'trigger',
  'watch',
  'rollout',
  'stage',
  'baseline',
  'fields',
  'answer',
  'deploy',
]
/** Texts that are commands and requests, into which nothing is ever pasted. */
const apart: readonly string[] =
  'script requests deploy serves healthy restart back set read restore decrypt trigger'.split(' ')

/** The block with its named queries put in. */
export function blockWithNamed(block: ReadBlock, known: Known): ReadBlock {
  if (!asking.includes(block.word)) return block
  const isQuery = block.language === 'promql' || block.language === 'sql'
  if (block.language !== 'yaml' && !isQuery) return block
  const below = { ...block.place, line: block.place.line + 1, column: 1 }
  return {
    ...block,
    settings: block.settings.mapped((entry, name) => entryWithNamed(entry, name, known)),
    body: isQuery ? withNamed(block.body, known, below) : block.body,
  }
}

export function entryWithNamed({ place, value }: Entry, name: string, known: Known): Entry {
  return { place, value: value.kind === 'scalar' && apart.includes(name) ? value : valueWithNamed(value, known) }
}

function valueWithNamed(value: Value, known: Known): Value {
  switch (value.kind) {
    case 'map':
      return {
        ...value,
        entries: new Map([...value.entries].map(([name, entry]) => [name, entryWithNamed(entry, name, known)])),
      }
    case 'list':
      return { ...value, items: value.items.map((item) => valueWithNamed(item, known)) }
    case 'scalar': {
      if (typeof value.value !== 'string') return value
      const text = withNamed(value.text, known, value.place)
      return text === value.text ? value : { ...value, value: text, text }
    }
  }
}
