/** The tiny language of a scraped page: `name{label="v",code=~"5.."}`, optionally inside `sum(…)`. */
import { parsePattern } from '../core/plan/pattern.ts'
import type { PageSeries } from './exposition.ts'

export interface Selector {
  readonly name: string
  readonly isSum: boolean
  /** Labels that matchers look at; a family without one of them was never meant. */
  readonly labels: readonly string[]
  readonly matches: (series: PageSeries) => boolean
}

export type ParsedSelector =
  | { readonly kind: 'selector'; readonly selector: Selector }
  | { readonly kind: 'refused'; readonly why: string }

const example = 'write a selector such as http_requests_total{code=~"5.."} or sum(…) of one'

export function parseSelector(text: string): ParsedSelector {
  const trimmed = text.trim()
  const call = /^([a-z_]+)\s*(?:by\s*\([^)]*\)\s*)?\(/.exec(trimmed)
  if (call && call[1] !== 'sum')
    return refused(`a scraped page knows no ${call[1]}(…), increases are computed here: ${example}`)
  const sum = /^sum\s*(?:by\s*\(\s*le\s*\)\s*)?\((.*)\)$/s.exec(trimmed)
  const inner = sum ? (sum[1] ?? '').trim() : trimmed
  if (sum && /^(i?rate|increase|delta)\s*\(/.test(inner))
    return refused(`a scraped page knows no rate, increases are computed here: ${example}`)
  const head = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*/.exec(inner)
  if (!head?.[1]) return refused(example)
  const rest = inner.slice(head[0].length)
  if (rest === '') return selectorOf(head[1], sum !== null, [])
  if (!rest.startsWith('{'))
    return refused(/^\s*\[/.test(rest) ? `no range such as [1m] is needed: ${example}` : example)
  const matchers = readMatchers(rest)
  return matchers.kind === 'refused' ? matchers : selectorOf(head[1], sum !== null, matchers.matchers)
}

const growth =
  /\b(?:i?rate|increase|i?delta)\s*\(\s*([a-zA-Z_:][a-zA-Z0-9_:]*\s*(?:\{(?:\{\{[^{}]*\}\}|[^{}])*\})?)\s*\[[^\]]*\]\s*\)/g

/** A query as it stands in a document, with its slots. null = it can be read. */
export function checkSelector(text: string): { readonly expected: string; readonly example: string } | null {
  const parsed = parseSelector(withoutSlots(text))
  if (parsed.kind === 'selector') return null
  const plain = text.trim().replace(growth, '$1')
  const isBetter = parseSelector(withoutSlots(plain)).kind === 'selector'
  return { expected: parsed.why, example: isBetter ? plain : 'sum(http_requests_total{code=~"5..",{{arm}}})' }
}

/** `{{arm}}` becomes matchers of labels, any other slot a value inside quotes. */
function withoutSlots(text: string): string {
  return text.replace(/\{\{\s*arm\s*\}\}/g, 'arm="x"').replace(/\{\{[^{}]*\}\}/g, 'x')
}

interface Matcher {
  readonly label: string
  readonly accepts: (value: string) => boolean
}

function selectorOf(name: string, isSum: boolean, matchers: readonly Matcher[]): ParsedSelector {
  const selector: Selector = {
    name,
    isSum,
    labels: matchers.map((matcher) => matcher.label),
    // A label that is not there counts as empty, as in PromQL.
    matches: (series) => matchers.every((matcher) => matcher.accepts(series.labels[matcher.label] ?? '')),
  }
  return { kind: 'selector', selector }
}

const matcherShape =
  /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)\s*(,|(?=\}))/y

function readMatchers(
  text: string,
):
  | { readonly kind: 'matchers'; readonly matchers: readonly Matcher[] }
  | { readonly kind: 'refused'; readonly why: string } {
  const matchers: Matcher[] = []
  let at = 1
  for (;;) {
    const close = /\s*\}\s*/y
    close.lastIndex = at
    if (close.test(text)) return close.lastIndex === text.length ? { kind: 'matchers', matchers } : refused(example)
    matcherShape.lastIndex = at
    const found = matcherShape.exec(text)
    if (!found) return refused(`the part "${text.slice(at, at + 40)}" cannot be read: ${example}`)
    const matcher = matcherOf(found[1] ?? '', found[2] ?? '', unquoted(found[3] ?? ''))
    if (matcher === null) return refused(`${found[3]} is no regular expression in RE2 syntax`)
    matchers.push(matcher)
    at = matcherShape.lastIndex
  }
}

function matcherOf(label: string, operator: string, wanted: string): Matcher | null {
  if (operator === '=') return { label, accepts: (value) => value === wanted }
  if (operator === '!=') return { label, accepts: (value) => value !== wanted }
  const pattern = parsePattern(`^(?:${wanted})$`)
  if (!pattern.ok) return null
  const positive = operator === '=~'
  return { label, accepts: (value) => pattern.value.find(value) === positive }
}

function unquoted(literal: string): string {
  const inner = literal.slice(1, -1)
  if (literal.startsWith('`')) return inner
  return inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/g,
    (_whole, hex?: string, unicode?: string, character?: string) => {
      if (hex !== undefined || unicode !== undefined)
        return String.fromCharCode(Number.parseInt(hex ?? unicode ?? '', 16))
      return character === 'n' ? '\n' : character === 't' ? '\t' : (character ?? '')
    },
  )
}

function refused(why: string): { readonly kind: 'refused'; readonly why: string } {
  return { kind: 'refused', why }
}
