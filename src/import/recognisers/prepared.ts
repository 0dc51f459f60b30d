/** What is prepared and handed on: a baseline, readiness, known issues, a hand-over, presence, what recurs, and restore drills. Proposes only what the words say. */
import type { Around, Finding, ImportItem, Proposal, Recogniser } from '../item.ts'
import { valueQuery } from '../joined/metric-queries.ts'
import type { Metric } from '../joined/limits.ts'
import { finding } from '../reading/finding.ts'
import { isStep } from '../reading/place.ts'
import { sieved } from '../sieve/sieve.ts'

/** It adds a block to what others take the item for, and decides only where nobody else knows it. */
const aside = 0.05

const baselineWords = sieved(
  /\b(?:capture|record|note|document|establish)\b.{0,40}\bbaselines?\b|\bbaselines?\b.{0,40}\b(?:captured|recorded|noted)\b|\b(?:capture|record|note)\s+(?:the\s+)?current\s+(?:error rate|latency|response time)/i,
)

const measured: readonly { readonly words: RegExp; readonly metric: Metric; readonly type: string }[] = [
  { words: /\berror[- ]?rates?\b/i, metric: { name: 'error-rate', kind: 'ratio', worse: 'higher' }, type: 'percent' },
  {
    words: /\b(?:latenc(?:y|ies)|response times?|p95)\b/i,
    metric: { name: 'latency', kind: 'histogram', worse: 'higher' },
    type: 'duration',
  },
  { words: /\bmemory\b/i, metric: { name: 'memory', kind: 'gauge', worse: 'higher' }, type: 'number' },
  { words: /\bcpu\b/i, metric: { name: 'cpu', kind: 'gauge', worse: 'higher' }, type: 'number' },
]

function baseline(item: ImportItem, around: Around): Finding | null {
  if (!baselineWords.test(item.text.slice(0, 300))) return null
  const inside = around.sectionItems.filter(({ parent }) => parent === item.line).slice(0, 12)
  const text = [item, ...inside].map((each) => each.text.slice(0, 200)).join('\n')
  const values = measured
    .filter(({ words }) => words.test(text))
    .map(
      ({ metric, type }) => `  ${metric.name}: { type: ${type}, query: ${JSON.stringify(valueQuery(metric, null))} }`,
    )
  const block = ['```yaml baseline', 'over: 1h', 'values:', ...values, '```'].join('\n')
  return values.length === 0
    ? null
    : finding(item, around, {
        kind: 'metric-baseline',
        confidence: aside,
        why: 'The numbers of now are kept, to compare with.',
        proposal: { block, risk: 'reads' },
      })
}

/** What is asked for, and the words of other steps without which nobody could derive it. */
const aspects: readonly { readonly words: RegExp; readonly of: string; readonly about: RegExp }[] = [
  { words: /^all (?:checklist )?items (?:are )?(?:complete|completed|done)\b/i, of: 'items', about: /./ },
  { words: /^all tests? (?:are )?(?:pass|passed|passing|green)\b/i, of: 'tests', about: /\btests?\b/i },
  {
    words: /^all security (?:reviews?|checks?) (?:are )?(?:approved|passed|done|complete|completed)\b/i,
    of: 'security',
    about: /\bsecurity\b/i,
  },
]
const readyAbove = sieved(/\breadiness\b|\bready\b|\bgo ?\/ ?no-?go\b/i)

function readiness(item: ImportItem, around: Around): Finding | null {
  const text = item.text.slice(0, 200).trim()
  const aspect = aspects.find(({ words }) => words.test(text))
  if (!aspect || !readyAbove.test(item.section.slice(-2).join(' > ').slice(0, 200))) return null
  const isDerived = around.outline.items.some(
    (other) => other.form === item.form && other.line < item.line && aspect.about.test(other.text.slice(0, 200)),
  )
  if (!isDerived) return null
  const of = aspect.of === 'items' ? '' : `of: ${aspect.of}\n`
  return finding(item, around, {
    kind: 'manual',
    confidence: aside,
    why: 'It is a yes that follows from the other steps.',
    proposal: { block: `\`\`\`yaml readiness\n${of}\`\`\``, risk: 'reads' },
  })
}

const issueWords = sieved(
  /^(?:all )?known (?:issues|bugs)\b.{0,40}\b(?:documented|listed|reviewed|recorded|triaged)\b/i,
)
const takenOver = sieved(
  /\bon-?call\b.{0,40}\b(?:hand-?(?:over|off)|takes over|has taken over)\b|\bhand(?:ed|s)?[- ]?(?:over|off)\b.{0,20}\bto\s+(?:the\s+)?on-?call\b/i,
)
const together = sieved(
  /\b(?:two|2|three|3)\s+(?:people|persons|engineers|developers|team members|operators)\b.{0,40}\b(?:present|available|online|in the room|at the keyboard)\b/i,
)
const cycle = sieved(
  /\b(weekly|monthly|quarterly|annual|annually|yearly|(?:every|each) (?:week|month|quarter|year))\b/i,
)
const exercise = sieved(/\b(?:drill|exercise|rehears(?:al|ed)|rotat(?:ion|ed)|restore test|audit)\b/i)
const postgres = sieved(/\b(?:postgres(?:ql)?|pg_dump)\b/i)
const restoring = sieved(/\brestor(?:e|ed|ing)\b.{0,60}\b(?:test|scratch|throw-?away|separate|empty|verif\w+)/i)

const spans: Readonly<Record<string, string>> = { w: '1 week', m: '1 month', q: '1 quarter', y: '1 year', a: '1 year' }

interface Said {
  readonly words: (text: string) => boolean
  readonly why: string
  readonly kind: Finding['kind']
  readonly propose: (text: string) => Proposal | null
  readonly confidence?: number
}

const sayings: readonly Said[] = [
  {
    words: (text) => issueWords.test(text),
    kind: 'manual',
    why: 'It is a register of issues, which people fill in.',
    propose: () => ({ block: '```yaml known-issues\n```', risk: 'reads' }),
  },
  {
    words: (text) => takenOver.test(text),
    kind: 'manual',
    why: 'One hands over with notes and the way back, another takes over.',
    propose: () => ({ block: '```yaml handover\nto: on-call\n```', risk: 'reads' }),
  },
  {
    words: (text) => together.test(text),
    kind: 'manual',
    confidence: 0.86,
    why: 'People have to be there all the while: `present: 2` in the `yaml phase` of its section holds to it; whose section it is could not be decided.',
    propose: () => null,
  },
  {
    words: (text) => restoring.test(text) && postgres.test(text),
    kind: 'record-freshness',
    confidence: 0.81,
    why: 'A `yaml check` of the kind `restore-drill` does it in a throw-away database; what the restored data has to hold could not be decided.',
    propose: () => null,
  },
  {
    words: (text) => cycle.test(text) && exercise.test(text) && !/\b(?:schedule[ds]?|plan(?:ned)?|next)\b/i.test(text),
    kind: 'record-freshness',
    why: 'It comes again and again, and its record must be young enough. A checklist of its own with `schedule` asks for it when it is due.',
    propose: (text) => ({ block: recordOf(text), risk: 'reads' }),
  },
]

function recordOf(text: string): string {
  const unit = (cycle.exec(text)?.[1] ?? '').toLowerCase().replace(/^(?:every|each)\s+/, '')
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return `\`\`\`yaml record\nname: ${name || 'record'}\nmax-age: ${spans[unit[0] ?? ''] ?? '1 year'}\n\`\`\``
}

export const prepared: Recogniser = {
  name: 'prepared',
  recognise: (item, around) => {
    if (!isStep(item, around)) return null
    const text = item.text.slice(0, 300)
    const found = baseline(item, around) ?? readiness(item, around)
    if (found) return found
    const said = sayings.find(({ words }) => words(text))
    if (!said) return null
    const { kind, why, confidence = aside } = said
    return finding(item, around, { kind, why, confidence, proposal: said.propose(text) })
  },
}
