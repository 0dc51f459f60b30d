/** Times in headings and lines: how long before or after, how often, and things that are put into a calendar. */
import type { ImportItem, Proposal, Recogniser } from '../item.ts'
import { byWording, finding } from '../reading/finding.ts'
import { sieved } from '../sieve/sieve.ts'

const before =
  /\b(?:(?:\d+|one|two|three|six|a)\s*(?:-\s*\d+\s*)?(?:working\s+|business\s+)?(?:hours?|days?|weeks?|months?)\s+(?:before|prior|ahead|earlier)|day before|week before|night before|eve of|t-?minus\s*\d+|t-\d+|d-\d+)\b/i
const due = /\(?\bwithin\s+(?:the\s+)?(?:first\s+|next\s+)?(?:\d+|an?|one|two)\s*(?:min\w*|hours?|days?|weeks?)\b/i
const steps = byWording('schedule', [
  {
    text: /\bschedul(?:e|ed|ing)\b/i,
    unless: /\bon-?call schedule|know\b/i,
    why: 'It is put into a calendar.',
    confidence: 0.74,
    alsoKinds: ['retrospective', 'notification', 'contact'],
  },
  {
    text: /\b(?:automated|automatic|scheduled)\s+(?:daily|weekly|hourly|nightly)\b|\b(?:daily|weekly|hourly|nightly)\b.{0,30}\b(?:enabled|configured|scheduled|backups?)\b/i,
    why: 'It happens again and again by itself.',
    confidence: 0.76,
    alsoKinds: ['file-freshness'],
  },
])

const counted =
  /\b(?:(\d{1,3}|one|two|three|six|an?)\s*(?:(?:-|–|to)\s*\d{1,3})?\s*(working\s+|business\s+)?)?(hour|day|week)s?\s+(?:before|prior|ahead|earlier)\b/i
const numbers: Readonly<Record<string, number>> = { a: 1, an: 1, one: 1, two: 2, three: 3, six: 6 }

/** A phase that is due before the planned start: of `1-2 days before` at the latest one day before. Nothing where it is no plain number. */
function dueBlock({ text, level }: ImportItem): Proposal | null {
  const [, said, working, unit = ''] = counted.exec(text.slice(0, 300)) ?? []
  if (unit === '' || level === null || level < 2) return null
  const amount = said === undefined ? 1 : (numbers[said.toLowerCase()] ?? Number(said))
  if (amount < 1) return null
  const time = unit.toLowerCase() === 'hour' ? `${amount}h` : `${amount * (/week/i.test(unit) ? 7 : 1)}d`
  const due = working && /day/i.test(unit) ? `${amount} working ${amount === 1 ? 'day' : 'days'}` : time
  return { block: `\`\`\`yaml phase\ndue: ${due} before\n\`\`\``, risk: 'reads' }
}

const cyclic = sieved(
  /^\W*(?:every|each)\s+(?:day|week|month|quarter|year|sprint)\b|^(?:review|update)\s+(?:schedule|cadence|cycle)\s*:/i,
)

export const leadTime: Recogniser = {
  name: 'lead-time',
  recognise: (item, around) => {
    const text = item.text.slice(0, 300)
    if (item.form === 'heading') {
      if (before.test(text))
        return finding(item, around, {
          kind: 'schedule',
          role: 'rule',
          confidence: 0.85,
          why: 'It says how long before the release this is due.',
          params: { lead: before.exec(text)?.[0] ?? '' },
          proposal: dueBlock(item),
        })
      if (due.test(text))
        return finding(item, around, {
          kind: 'schedule',
          role: 'rule',
          confidence: 0.84,
          why: 'It says until when this is due.',
          params: { due: due.exec(text)?.[0] ?? '' },
        })
      return null
    }
    if (item.form === 'prose' && text.length < 200) {
      if (cyclic.test(text))
        return finding(item, around, {
          kind: 'schedule',
          role: 'rule',
          confidence: 0.93,
          why: 'It comes again and again.',
          params: /\bafter\b/i.test(text) ? { operator: 'after', value: null } : {},
        })
    }
    return steps(item, around)
  },
}
