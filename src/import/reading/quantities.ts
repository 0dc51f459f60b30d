/** Numbers with their comparison and unit, as people write them: `<1%`, `at least 2`, `15-30 minutes`, `within last 24 hours`. */

import { sieved } from '../sieve/sieve.ts'

export type Operator = 'lt' | 'le' | 'gt' | 'ge' | 'eq' | 'between'

export interface Quantity {
  readonly operator: Operator
  readonly value: number
  /** Upper end of `between`; null otherwise. */
  readonly upTo: number | null
  /** `%`, `ms`, `s`, `min`, `h`, `d`, `quarter`, `MB` ... or the counted noun; '' = none. */
  readonly unit: string
  /** p50, p95 ...; null = none is named. */
  readonly statistic: string | null
  /** What it counts as: an age, a duration, or just a number. */
  readonly sense: 'age' | 'duration' | 'number'
  readonly severity: string | null
  /** Place in the text. */
  readonly at: number
}

const units: Readonly<Record<string, string>> = {
  '%': '%',
  percent: '%',
  ms: 'ms',
  millisecond: 'ms',
  milliseconds: 'ms',
  s: 's',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  m: 'min',
  min: 'min',
  mins: 'min',
  minute: 'min',
  minutes: 'min',
  h: 'h',
  hr: 'h',
  hrs: 'h',
  hour: 'h',
  hours: 'h',
  d: 'd',
  day: 'd',
  days: 'd',
  week: 'week',
  weeks: 'week',
  month: 'month',
  months: 'month',
  quarter: 'quarter',
  quarters: 'quarter',
  year: 'year',
  years: 'year',
  kb: 'KB',
  mb: 'MB',
  gb: 'GB',
  tb: 'TB',
}

const times = new Set(['ms', 's', 'min', 'h', 'd', 'week', 'month', 'quarter', 'year'])
const words: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  ten: 10,
}

const number = String.raw`(\d{1,12}(?:[.,]\d{1,6})?|\b(?:an?|one|two|three|four|five|six|ten)\b)`
const unit = String.raw`\s?(%|[a-zA-Z][\w-]{0,30})?`
const compared = sieved(
  new RegExp(
    String.raw`(?:\b(p\d{2}(?:\.\d)?)\s*)?(<=|>=|<|>|≤|≥|\bat least|\bat most|\bno (?:less|fewer) than|\bno more than|\bnot more than|\bup to|\bless than|\bfewer than|\bmore than|\bgreater than|\bbelow|\bunder|\babove|\bover|\bexceed(?:s|ed|ing)?|\bminimum(?: of)?|\bmaximum(?: of)?|\bmin\.|\bmax\.)\s{0,3}${number}${unit}`,
    'gi',
  ),
)
const range = sieved(
  new RegExp(String.raw`(\d{1,9}(?:\.\d{1,4})?)\s?%?\s?(?:-|–|—|\bto\b)\s?(\d{1,9}(?:\.\d{1,4})?)${unit}`, 'gi'),
)
const aged = sieved(
  new RegExp(
    String.raw`\b(?:within|in|during|for)\s+(?:the\s+)?(?:last|past|previous)\s+(?:${number}\s?)?([a-z]{1,12})`,
    'gi',
  ),
)
const within = sieved(new RegExp(String.raw`\bwithin\s+${number}\s?([a-z]{1,12})`, 'gi'))
const plus = sieved(new RegExp(String.raw`(\d{1,9})\+\s?([a-z]{1,12})`, 'gi'))
const lowest = sieved(new RegExp(String.raw`(\d{1,9})\s?([a-z]{1,12})\s+(?:minimum|or more|at least)`, 'gi'))
const lasting = sieved(
  new RegExp(
    String.raw`\b(?:for|first|set to|of|after|lasts?)\s+(?:the\s+)?(?:first\s+)?${number}\s?([a-z]{1,12})`,
    'gi',
  ),
)
const bracketed = sieved(new RegExp(String.raw`\(\s*${number}\s?([a-z]{1,12})\s*\)`, 'gi'))

const operators: Readonly<Record<string, Operator>> = {
  '<': 'lt',
  '<=': 'le',
  '≤': 'le',
  '>': 'gt',
  '>=': 'ge',
  '≥': 'ge',
  'less than': 'lt',
  'fewer than': 'lt',
  below: 'lt',
  under: 'lt',
  'more than': 'gt',
  'greater than': 'gt',
  above: 'gt',
  over: 'gt',
  'at most': 'le',
  'no more than': 'le',
  'not more than': 'le',
  'up to': 'le',
  maximum: 'le',
  'maximum of': 'le',
  'max.': 'le',
}

function operatorOf(word: string): Operator {
  const known = operators[word.toLowerCase()]
  if (known) return known
  return /^exceed/i.test(word) ? 'gt' : 'ge'
}

function numberOf(text: string): number {
  return words[text.toLowerCase()] ?? Number(text.replace(',', '.'))
}

function unitOf(text: string | undefined): string {
  return text === undefined ? '' : (units[text.toLowerCase()] ?? text.toLowerCase())
}

let lastRead: { readonly text: string; readonly found: readonly Quantity[] } | null = null

/** In the order of the text. A place that one reading has taken is not read a second time. */
export function quantitiesIn(source: string): readonly Quantity[] {
  const text = source.slice(0, 2000)
  // Several recognisers ask about one item, one after another.
  if (lastRead?.text !== text) lastRead = { text, found: readQuantities(text) }
  return lastRead.found
}

const numberish = /\d|\b(?:an?|one|two|three|four|five|six|ten|last|past|previous)\b/i

function readQuantities(text: string): readonly Quantity[] {
  if (!numberish.test(text)) return []
  const found: (Quantity & { readonly end: number })[] = []
  const add = (
    match: RegExpMatchArray,
    quantity: Omit<Quantity, 'at' | 'severity' | 'upTo' | 'statistic'> & Partial<Quantity>,
  ) => {
    const at = match.index ?? 0
    const end = at + match[0].length
    // "Load testing under 100 concurrent users" is a load to reach, no limit to stay below.
    if (
      /^under\b/i.test(match[0]) &&
      /^\s*\w*\s*(?:concurrent|simultaneous|parallel|users|viewers|clients)\b/i.test(
        text.slice(end - quantity.unit.length),
      )
    )
      return
    if (!Number.isFinite(quantity.value) || found.some((other) => at < other.end && end > other.at)) return
    found.push({ upTo: null, statistic: null, severity: severityAfter(text, end), ...quantity, at, end })
  }
  const timed = (value: string | undefined): boolean => times.has(unitOf(value))
  for (const match of compared.all(text)) {
    const [, statistic, word = '', value = '', named] = match
    const isAge =
      times.has(unitOf(named)) && /^\s*(?:old|ago)\b/i.test(text.slice((match.index ?? 0) + match[0].length))
    add(match, {
      operator: operatorOf(word),
      value: numberOf(value),
      unit: unitOf(named),
      sense: isAge ? 'age' : 'number',
      statistic: statistic?.toLowerCase() ?? statisticBefore(text, match.index ?? 0),
    })
  }
  for (const match of aged.all(text))
    if (timed(match[2]))
      add(match, { operator: 'le', value: numberOf(match[1] ?? 'one'), unit: unitOf(match[2]), sense: 'age' })
  for (const match of range.all(text))
    add(match, {
      operator: 'between',
      value: Number(match[1]),
      upTo: Number(match[2]),
      unit: match[0].includes('%') ? '%' : unitOf(match[3]),
      sense: timed(match[3]) ? 'duration' : 'number',
    })
  for (const match of lowest.all(text))
    add(match, {
      operator: 'ge',
      value: Number(match[1]),
      unit: unitOf(match[2]),
      sense: timed(match[2]) ? 'duration' : 'number',
    })
  for (const match of plus.all(text))
    add(match, {
      operator: 'ge',
      value: Number(match[1]),
      unit: unitOf(match[2]),
      sense: timed(match[2]) ? 'duration' : 'number',
    })
  for (const match of within.all(text))
    if (timed(match[2]))
      add(match, { operator: 'le', value: numberOf(match[1] ?? ''), unit: unitOf(match[2]), sense: 'duration' })
  for (const pattern of [lasting, bracketed])
    for (const match of pattern.all(text))
      if (timed(match[2]))
        add(match, { operator: 'eq', value: numberOf(match[1] ?? ''), unit: unitOf(match[2]), sense: 'duration' })
  return withStatistic(found.toSorted((a, b) => a.at - b.at))
}

/** `p95 >2s triggers P3, >5s triggers P2`: what the first is of, the next one with the same unit is of too. */
function withStatistic(found: readonly Quantity[]): readonly Quantity[] {
  let before: Quantity | null = null
  return found.map((each) => {
    const statistic: string | null =
      each.statistic ?? (before?.unit === each.unit && before.operator === each.operator ? before.statistic : null)
    before = { ...each, statistic }
    return before
  })
}

/** `>2% triggers P2`, `< 1 % (warning)`: the severity stands behind the number and before the next one. */
function severityAfter(text: string, end: number): string | null {
  const behind = text.slice(end, end + 40).split(/[,;]/)[0] ?? ''
  const named =
    /\b(?:triggers?|raises?|fires?|pages?|alerts?|is|=|→|->)\s+(?:an?\s+)?(P[0-5]|SEV-?\d|critical|high|medium|low|warning)\b/i.exec(
      behind,
    )
  return named?.[1]?.toUpperCase() ?? null
}

/** `p95 latency < 2s`: named a few words before the sign. */
function statisticBefore(text: string, at: number): string | null {
  const before =
    text
      .slice(Math.max(0, at - 40), at)
      .split(/[,;(]/)
      .at(-1) ?? ''
  return /\b(p\d{2}(?:\.\d)?)\b/i.exec(before)?.[1]?.toLowerCase() ?? null
}
