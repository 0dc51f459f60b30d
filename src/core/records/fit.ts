/** Whether what has been recorded satisfies who asks for it, until when, and why not: the one rule for gates, lists and pages. */
import { recordAgeWords } from '../plan/record-age.ts'
import { parseLimit } from '../plan/limit.ts'
import type { LedgerRecord } from '../ports/store.ts'
import type { Instant, Millis } from '../units.ts'
import { freshUntil } from './age.ts'
import type { RecordWish } from './wish.ts'

export type Fit =
  | { readonly record: LedgerRecord; readonly until: Instant; readonly say: string }
  | { readonly record: null; readonly until: null; readonly say: string }

/**
 * The newest record decides: a restore that failed yesterday is not outweighed by one that went well last week. Records of
 * another environment, and those without the evidence that is asked for, say nothing either way.
 */
export function fitOf(records: readonly LedgerRecord[], wish: RecordWish, now: Instant): Fit {
  const newest = newestFor(records, wish, now)
  if (newest === null) return none(`${wish.name}: there is no record yet${whichWords(wish)}`)
  const until = freshUntil(wish, newest.observedAt)
  const age = ageWords(now - newest.observedAt)
  if (newest.outcome === 'failed')
    return none(`${wish.name}: the newest record, ${age} old, says that it failed: ${newest.note}`)
  if (now > until) return none(`${wish.name}: the newest record is ${age} old, ${allowedWords(wish)}`)
  if (wish.wayBack !== undefined && newest.facts?.['way_back'] !== wish.wayBack)
    return none(
      `${wish.name}: observed ${age} ago, but of another way back: its text was changed since, rehearse it again`,
    )
  const broken = brokenLimit(newest, wish)
  if (broken !== null) return none(`${wish.name}: observed ${age} ago, but ${broken}`)
  return {
    record: newest,
    until,
    say: `${wish.name}: observed ${age} ago, ${allowedWords(wish)}${keptWords(newest, wish)}`,
  }
}

/** The newest that could count at all, whatever it says; null = there is none. */
export function newestFor(records: readonly LedgerRecord[], wish: RecordWish, now: Instant): LedgerRecord | null {
  const counting = records.filter(
    (each) =>
      each.name === wish.name &&
      each.observedAt <= now &&
      (wish.environment === undefined || each.environment === wish.environment) &&
      (wish.evidence !== 'required' || each.evidence.length > 0),
  )
  return counting.toSorted((one, other) => other.observedAt - one.observedAt)[0] ?? null
}

function none(say: string): Fit {
  return { record: null, until: null, say }
}

function whichWords({ environment, evidence }: RecordWish): string {
  const words = [environment === undefined ? '' : `of ${environment}`, evidence === 'required' ? 'with evidence' : '']
  const said = words.filter((word) => word !== '').join(' ')
  return said === '' ? '' : ` ${said}`
}

function allowedWords(wish: RecordWish): string {
  return wish.calendar === undefined
    ? `at most ${ageWords(wish.maxAgeMs)} allowed`
    : `allowed is one since the beginning of ${recordAgeWords(wish)}`
}

/** The first limit that a record does not keep, in words. What was not written down is not kept. */
export function brokenLimit(
  record: Pick<LedgerRecord, 'facts' | 'tookMs'>,
  { limits = {} }: RecordWish,
): string | null {
  for (const [name, text] of Object.entries(limits)) {
    const value = factOf(record, name)
    const parsed = parseLimit(text)
    if (!parsed.ok) return `its limit "${text}" of ${name} cannot be read`
    if (value === null) return `it does not say ${name}, which is to be ${text}`
    const { operator, value: limit } = parsed.value.limit
    if (!holds(value, operator, limit)) return `${name} was ${valueWords(value, parsed.value.unit)}, allowed is ${text}`
  }
  return null
}

/** Every limit beside what was measured: `; took was 4 min, allowed is <= 10m`. */
function keptWords(record: LedgerRecord, { limits = {} }: RecordWish): string {
  return Object.entries(limits)
    .map(([name, text]) => {
      const parsed = parseLimit(text)
      return `; ${name} was ${valueWords(factOf(record, name) ?? 0, parsed.ok ? parsed.value.unit : 'plain')}, allowed is ${text}`
    })
    .join('')
}

/** A number that a record has: a fact of its own, or `took` in seconds. */
export function factOf({ facts = {}, tookMs }: Pick<LedgerRecord, 'facts' | 'tookMs'>, name: string): number | null {
  const value = Object.hasOwn(facts, name)
    ? facts[name]
    : name === 'took' && tookMs !== undefined
      ? tookMs / 1000
      : null
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function holds(value: number, operator: '<' | '<=' | '>' | '>=', limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
  }
}

function valueWords(value: number, unit: 'ratio' | 'seconds' | 'plain'): string {
  if (unit === 'seconds') return ageWords(value * 1000)
  return unit === 'ratio' ? `${Number((value * 100).toPrecision(3))}%` : String(Number(value.toPrecision(6)))
}

/** `12 d`, `3 h`, `14 min`, `42 s`: the largest unit, rounded down, so that nothing looks older than it is. */
export function ageWords(ms: Millis): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ] as const
  const [length, unit] = units.find(([each]) => ms >= each) ?? [1000, 's']
  return `${Math.floor(ms / length)} ${unit}`
}
