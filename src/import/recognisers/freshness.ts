/** Things with an age: backups and snapshots that must be young, and exercises whose record must be. */
import type { Around, Finding, ImportItem, Recogniser } from '../item.ts'
import { byWording } from '../reading/finding.ts'
import { quantitiesIn } from '../reading/quantities.ts'

const files = byWording('file-freshness', [
  {
    text: /\bbackups?\b.{0,60}\b(?:completed?|taken|created|made|current|recent|verified|exists?|available|succe\w+|done|old|finished)\b|\b(?:take|create|verify|make)\b.{0,30}\bbackups?\b/i,
    unless: /\bintegrity|retention|policy|procedure|documented|encrypted|restore test|\brds\b|trigger/i,
    why: 'It has an age: the newest backup must be young enough.',
    confidence: 0.79,
    alsoKinds: ['record-freshness'],
  },
  {
    text: /\bsnapshots?\b.{0,40}\b(?:recent|current|exists?|taken|available)\b/i,
    unless: /\btested against\b/i,
    why: 'It has an age: the newest snapshot must be young enough.',
    confidence: 0.72,
    alsoKinds: ['kubernetes'],
  },
  {
    text: /\btrigger\b.{0,30}\bbackup\b/i,
    kind: 'command',
    why: 'It makes a new backup.',
    confidence: 0.8,
    alsoKinds: ['file-freshness'],
  },
])
const records = byWording('record-freshness', [
  {
    text: /\brestore\b.{0,40}\b(?:tested|validated|verified|completed|rehearsed|exercised)\b|\brestore\s+(?:tests?|drills?)\b.{0,40}\b(?:completed|done|passed|in)\b/i,
    why: 'It is an exercise whose record must be young enough.',
    confidence: 0.8,
    alsoKinds: ['command'],
  },
  {
    text: /\b(?:rotated|rotation (?:completed|done)|rotat\w+ within)\b/i,
    why: 'It is done again and again, and its record must be young enough.',
    confidence: 0.79,
  },
  {
    text: /\b(?:within|in)\s+(?:the\s+)?(?:last|past)\s+(?:\d+\s+)?(?:day|week|month|quarter|year)s?\b/i,
    unless: /\bbackup completed\b/i,
    why: 'It must have been done not too long ago.',
    confidence: 0.78,
  },
  {
    text: /^test(?:ed)?\s+(?:the\s+)?(?:rollback|restore|failover)\b|\bdr drill\b/i,
    why: 'It is an exercise whose record must be young enough.',
    confidence: 0.7,
  },
])

/** A record that a drill writes, where an age in days or more is named. */
function withRecord(found: Finding | null, item: ImportItem): Finding | null {
  if (!found || !/^(?:record|file)-freshness$/.test(found.kind) || found.role !== 'step') return found
  const age = quantitiesIn(item.text).find(({ unit }) => /^(?:h|d|week|month|quarter|year)$/.test(unit))
  if (!age) return found
  const days = age.value * ({ h: 1 / 24, d: 1, week: 7, month: 30, quarter: 92, year: 365 }[age.unit] ?? 1)
  const name =
    item.text
      .toLowerCase()
      .split(
        /\b(?:within|in (?:the )?(?:last|past)|completed|taken|verified|created|tested|validated|rotated)\b|[(<≤]/,
      )[0]
      ?.replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'record'
  const named = /^[a-z]/.test(name) ? name : `record-${name}`
  const shown = days < 1 ? `${Math.max(1, Math.round(days * 24))}h` : `${Math.round(days)}d`
  return {
    ...found,
    proposal: { block: `\`\`\`yaml record\nname: ${named}\nmax-age: ${shown}\n\`\`\``, risk: 'reads' },
    params: { ...found.params, record: named, maxAge: shown },
  }
}

export const freshness: Recogniser = {
  name: 'freshness',
  recognise: (item, around: Around) => {
    const [file, record] = [files(item, around), records(item, around)]
    return withRecord(!record || (file && file.confidence >= record.confidence) ? file : record, item)
  },
}
