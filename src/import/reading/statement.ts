/** What the words of one item demand: subject, operator, value, unit, window, severity and consequence. */
import type { Json } from '../../core/units.ts'
import { sieved, type Sieved } from '../sieve/sieve.ts'
import { oneLine } from '../one-line.ts'
import { quantitiesIn, type Quantity } from './quantities.ts'

export interface Demand {
  readonly subject: string
  readonly operator: string
  /** A number, two of them, a word such as `true`, `success` or `reference`; null = the document leaves it open. */
  readonly value: Json
  readonly unit: string | null
  readonly statistic: string | null
  readonly severity: string | null
  readonly consequence: string | null
  readonly window: string | null
  /** `baseline`: the value is a distance from what was before. */
  readonly reference: string | null
}

export interface Place {
  readonly severity: string | null
  readonly consequence: string | null
  /** When it holds: the words of the heading above. */
  readonly window: string | null
}

const choiceLine = sieved(/^[^:]{1,80}:\s*(\w[\w ]{0,30}(?:\s*\/\s*\w[\w ]{0,30}){1,8})$/)
const counted = sieved(
  /(?:^|\s)(\d{1,9})\s+(?:concurrent|simultaneous|parallel|viewers|users|connections|streams|clients|sessions|requests)\b/i,
)
const measured = sieved(/:\s*~?(\d{1,9}(?:\.\d+)?)\s?(%|ms|s|MB|GB|KB)?\b(?!\s*(?:viewers|streams))/)

const nowhere: Place = { severity: null, consequence: null, window: null }

export function demandsIn(source: string, place: Place = nowhere): readonly Demand[] {
  const text = oneLine(source.slice(0, 2000))
  let made: Omit<Demand, 'operator' | 'value'> | null = null
  const baseOf = (): Omit<Demand, 'operator' | 'value'> =>
    (made ??= {
      ...place,
      severity: place.severity ?? mildIn(text),
      subject: subjectOf(text),
      unit: null,
      statistic: null,
      reference: null,
    })
  const found: Demand[] = []
  const add = (operator: string, value: Json, more: Partial<Demand> = {}): void => {
    found.push({ ...baseOf(), operator, value, ...more })
  }
  const quantities = quantitiesIn(text)
  const choices = choiceLine.exec(text)?.[1]?.split(/\s*\/\s*/)
  if (choices) add(/^yes$/i.test(choices[0] ?? '') ? 'eq' : 'in', /^yes$/i.test(choices[0] ?? '') ? 'yes' : choices)
  for (const status of statusesIn(text)) add('eq', status, { subject: `${baseOf().subject} status`, unit: 'status' })
  for (const each of quantities) found.push(demandOf(each, text, baseOf()))
  for (const [pattern, operator, value, more] of phrases)
    if (pattern.test(text)) add(operator, value, more?.(text) ?? {})
  const counts = counted.exec(text)
  if (counts && quantities.every(({ at }) => at > counts.index + 12 || at < counts.index - 12))
    add(
      /\b(?:under|total|handle|support|with|stable|functional|acceptable)\b|:/i.test(text) ? 'ge' : 'eq',
      Number(counts[1]),
      { unit: 'count' },
    )
  const measure = found.length === 0 ? measured.exec(text) : null
  if (measure) add('eq', Number(measure[1]), { unit: measure[2] ?? null })
  return found
}

function demandOf(each: Quantity, text: string, base: Omit<Demand, 'operator' | 'value'>): Demand {
  const value: Json = each.upTo === null ? each.value : [each.value, each.upTo]
  return {
    ...base,
    subject: subjectOf(clauseAt(text, each.at)) || base.subject,
    operator: each.operator,
    value,
    unit: each.unit || null,
    statistic: each.statistic,
    reference:
      each.unit === '%' &&
      /\b(?:increase|decrease|degrad\w+|regress\w+|drop|versus|vs|baseline|compared|than (?:before|baseline))\b/i.test(
        clauseAt(text, each.at),
      )
        ? 'baseline'
        : null,
    severity: each.severity ?? base.severity,
    window: each.sense === 'age' ? 'age' : base.window,
  }
}

/** A wish is a warning, never a stop. */
function mildIn(text: string): string | null {
  return mild.test(text) ? 'warning' : null
}

const mild = sieved(/\b(?:preferred|preferably|ideally|nice to have)\b/i)

function clauseAt(text: string, at: number): string {
  const from = Math.max(text.lastIndexOf(',', at), text.lastIndexOf(';', at), 0)
  return text.slice(from === 0 ? 0 : from + 1, at + 60).split(/[,;](?=\s)/)[0] ?? ''
}

const severities: readonly (readonly [Sieved, string])[] = [
  [sieved(/\bP([0-5])\b/), 'P'],
  [sieved(/\bSEV-?(\d)\b/i), 'SEV'],
]

/** P1, SEV2 ... named anywhere in these words. */
export function severityIn(text: string): string | null {
  for (const [pattern, name] of severities) {
    const match = pattern.exec(text.slice(0, 2000))
    if (match) return `${name}${match[1]}`
  }
  return null
}

/** The words before the comparison, without leads such as "Verify" and marks. */
export function subjectOf(text: string): string {
  const plain = text.replace(lead, '')
  const end = comparison.exec(plain)?.index ?? plain.length
  return (plain.slice(0, end).trim() || plain).slice(0, 80).toLowerCase()
}

const lead = /^(?:verify|check|confirm|ensure|make sure|validate|monitor|review|compare)\s+(?:that\s+)?/i
const comparison =
  /\s*(?:[<>≤≥=]|\bp\d{2}\b|:|\(|\bis\b|\bare\b|\bwithin\b|\bat least\b|\bbelow\b|\babove\b|\bpass(?:es|ing)?\b|\breturns?\b)/i

const answered = sieved(
  /\b(?:returns?|responds?(?: with)?|status(?: code)?|with|gives?|answers?(?: with)?|http|→|->|=)\s+(?:an?\s+)?(?:status\s+|http\s+)?([1-5]\d\d)\b(?!\s*(?:ms|s|%|\.|\w))/gi,
)
const upgraded = sieved(/\bupgrades?\s+(?:the\s+)?connection\b/i)

function statusesIn(text: string): readonly number[] {
  const found = [...answered.all(text)]
  if (found.length > 0) return [...new Set(found.map((match) => Number(match[1])))]
  return upgraded.test(text) ? [101] : []
}

type Phrase = readonly [pattern: Sieved, operator: string, value: Json, more?: (text: string) => Partial<Demand>]

const phrases: readonly Phrase[] = [
  [
    sieved(
      /(?:^|[:(,]\s*|\b(?:shows?|reports?|with|verify|ensure|confirm|assert|there (?:are|is))\s+)(?:no|zero|0)\s+(?!increase|spike|drop|regress|longer|later|more|less|fewer|degrad|change)\w/i,
    ),
    'eq',
    0,
  ],
  [sieved(/:\s*(?:0|none|zero)\s*$/i), 'eq', 0],
  [
    sieved(
      /\bnot\s+(?:exhausted|exceeded|leaking|degraded|lost)\b|\bweak\b.{0,30}\bdisabled\b|\b(?:addressed|resolved)\b/i,
    ),
    'eq',
    0,
  ],
  [sieved(/\bno\s+complaints?\b|\bwithout\s+(?:errors?|warnings?)\b/i), 'eq', 0],
  [
    sieved(
      /\b(?:pass(?:es|ed|ing)?|succeed(?:s|ed)?|successful(?:ly)?|builds?|works?|working|properly formatted|green|clean)\b/i,
    ),
    'eq',
    'success',
  ],
  [
    sieved(
      /\b(?:all|each|every)\b.{0,60}\b(?:complete|completed|healthy|running|ready|merged|committed|listed|documented)\b|\bcomplete all\b|\bmust be (?:completed|verified)\b/i,
    ),
    'eq',
    'all',
  ],
  [
    sieved(
      /\b(?:completed?|approved|documented|defined|tested|verified|executed|enabled|disabled|configured|created|exists?|available|updated|notified|confirmed|reviewed|prepared|checked|used|ready|valid|healthy|in sync|in place|clean|active|responds?|works?|rejected|refused|blocked|accepted|set|encrypted|rotated|current|identified|assigned|have|has|trained|attached|present|visible|reachable|accessible)\b/i,
    ),
    'eq',
    'true',
  ],
  [sieved(/\bauth\w*\s+enabled\b|\b(?:rejected|refused|denied|blocked)\b/i), 'eq', 'refused'],
  [
    sieved(
      /\b(?:stable|normal(?:ly)?|steady|unchanged|consistent|improved|flat|baseline|remains?\s+low|as before|no\s+(?:increase|spike|drop|drop-off|regressions?|degradation|growth|unusual)|compared?\b.*\bagainst|leaks?|drop-off)\b/i,
    ),
    'reference',
    'reference',
  ],
  [
    sieved(/\bincreasing\b|\bdecreasing\b|\bgrowing\b/i),
    'trend',
    'trend',
    (text) => ({ unit: /increas|grow/i.test(text) ? 'up' : 'down' }),
  ],
  [sieved(/\bno\s+(?:\w+[- ]){0,3}(?:regressions?|degradation|growth|drop-off)\b/i), 'eq', 0],
  [
    sieved(
      /\b(?:acceptable|within\s+(?:the\s+)?(?:sla|slo|range|limits|budget|target|normal|expected|acceptable)|expected range|healthy|recent|current|success rate|high volume|valid|meets?\b.{0,40}\b(?:target|threshold)s?|up[- ]to[- ]date)\b/i,
    ),
    'open',
    null,
  ],
  [
    sieved(
      /\b(?:document|record|note|capture|write down)\b.{0,60}\b(?:achieved|measured|reached|rto|rpo|duration|values?|metrics|baseline)\b/i,
    ),
    'record',
    null,
  ],
  [
    sieved(
      /\bbefore\s+(?:the\s+|each\s+|every\s+|any\s+)?\w+|\bafter\s+(?:the\s+|each\s+|every\s+)?(?:\w+\s+){0,3}\w+/i,
    ),
    'before',
    null,
    (text) => ({ window: /\b((?:before|after)\s.{1,40})/i.exec(text)?.[1]?.toLowerCase() ?? null }),
  ],
  [
    sieved(/\bif\s+(?!applicable|needed|any\b)\w|\bfor\s+(?:major|minor|patch)\s+releases?\b|\bif necessary\b/i),
    'if',
    'true',
  ],
  [sieved(/\bevery\s+quarter\b|\bquarterly\b|\blast quarter\b/i), 'le', 1, () => ({ unit: 'quarter' })],
  [sieved(/\b(?:daily|every day|nightly)\b/i), 'every', 1, () => ({ unit: 'd' })],
  [sieved(/\bweekly\b|\bevery week\b/i), 'every', 1, () => ({ unit: 'week' })],
  [sieved(/\bday before\b/i), 'eq', 1, () => ({ unit: 'd' })],
  [sieved(/\bimmediate(?:ly)?\b/i), 'eq', 'immediately'],
  [sieved(/\b(?:semantic version\w*|semver|major\.minor\.patch|matches)\b|\bv?X\.Y\.Z\b/i), 'matches', 'pattern'],
  [sieved(/\b(?:low[- ]traffic|off[- ]peak|business hours|quiet hours|maintenance window)\b/i), 'in', 'low-traffic'],
  [
    sieved(/\bfridays?\b|\bholidays?\b|\bweekends?\b/i),
    'not-in',
    'days',
    (text) => ({
      unit: [...text.matchAll(/\b(fridays?|weekends?|holidays?)\b/gi)]
        .map((match) => (match[1] ?? '').toLowerCase())
        .join(', '),
    }),
  ],
  [sieved(/\b(?:simultaneous(?:ly)?|at (?:the same time|once)|in parallel)\b/i), 'le', 1],
  [sieved(/\bthen\b.*\bthen\b|\bfirst\b.*\bthen\b/i), 'order', null],
  [
    sieved(/\b(?:outage|unavailable|down|unreachable|corruption|loss|exploited|broken|breach|data loss)\b/i),
    'eq',
    'true',
  ],
  [sieved(/\b(?:any|critical issue|concerning)\b/i), 'ge', 1],
  [sieved(/\bor\b.*\?$|\?$/i), 'choose', 'one'],
  [sieved(/\b(?:always|use|have|keep|must)\b/i), 'eq', 'true'],
  [sieved(/^(?:skip|ignore|rush|forget|deploy without|deploy multiple)\b/i), 'eq', 'false'],
  [sieved(/\btest(?:s|ing)?\s+(?:pass|run)|\bsmoke\b/i), 'eq', 'true'],
]
