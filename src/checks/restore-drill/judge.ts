/** What a restore drill proved: the answers beside what they have to be, and the two times beside their targets. */
import type { CheckOutcome } from '../../core/ports/check.ts'
import { parseLimit } from '../../core/plan/limit.ts'
import type { Json, Millis } from '../../core/units.ts'
import { sayMillis } from '../parts/say.ts'
import type { DrillTold } from './script.ts'

/** What an answer of the restored data has to be: a comparator such as `>= 1000`, or the text itself. */
export interface Wanted {
  readonly limit?: string
  readonly equals?: string
}

export interface Targets {
  readonly wanted: Readonly<Record<string, Wanted>>
  /** Name of the question whose answer is the instant of the newest row, in seconds since 1970; null = none is asked. */
  readonly newest: string | null
  readonly maxRecoveryMs: Millis | null
  readonly maxDataAgeMs: Millis | null
}

export interface Judged {
  readonly outcome: CheckOutcome
  readonly say: string
  readonly facts: Readonly<Record<string, Json>>
}

/** Everything that is wrong is said; the first of it decides. A drill that broke on our side says nothing of the dump. */
export function judgeDrill(told: DrillTold, targets: Targets): Judged {
  const facts = factsOf(told, targets)
  if (told.broken !== null) return { outcome: 'errored', say: leftWords(told, told.broken), facts }
  if (told.wrong !== null) return { outcome: 'failed', say: leftWords(told, told.wrong), facts }
  const wrong = [...wrongAnswers(told, targets), ...missedTargets(facts, targets)]
  if (wrong.length > 0) return { outcome: 'failed', say: leftWords(told, wrong.join('; ')), facts }
  if (!told.dropped) return { outcome: 'errored', say: leftWords(told, 'the data is good'), facts }
  return { outcome: 'passed', say: goodWords(told, facts), facts }
}

function leftWords({ database, dropped }: DrillTold, say: string): string {
  return dropped ? say : `${say}; the throw-away database ${database} could not be dropped`
}

function goodWords({ dump, skipped }: DrillTold, facts: Judged['facts']): string {
  const passedOver = skipped.length === 0 ? '' : `, ${skipped.length} passed over`
  return `${dump?.name} restored and verified in ${secondsWords(facts['recovery'])}, its data is ${secondsWords(facts['data_age'])} old${passedOver}`
}

function secondsWords(seconds: Json | undefined): string {
  return typeof seconds === 'number' ? sayMillis(seconds * 1000) : 'unknown time'
}

function factsOf(told: DrillTold, { newest }: Targets): Readonly<Record<string, Json>> {
  const { dump, startedAt, verifiedAt, steps, answers, skipped } = told
  const newestAt = newest === null ? null : numberIn(answers[newest])
  const dataAt = newestAt === null ? (newest === null ? (dump?.completedAt ?? null) : null) : newestAt * 1000
  return {
    ...(dump && { dump: dump.name, dump_bytes: dump.bytes, dump_age: seconds(startedAt - dump.completedAt) }),
    ...(verifiedAt !== null && { recovery: seconds(verifiedAt - startedAt) }),
    ...(dataAt !== null && verifiedAt !== null && { data_age: seconds(startedAt - dataAt) }),
    ...Object.fromEntries(steps.map(({ name, ms }) => [`${name}_time`, ms / 1000])),
    skipped: skipped.length,
    answers,
  }
}

/** Never below nothing: a row from a moment ahead of this clock is of now. */
function seconds(ms: Millis): number {
  return Math.max(0, Math.round(ms) / 1000)
}

function numberIn(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}

function wrongAnswers({ answers }: DrillTold, { wanted, newest }: Targets): readonly string[] {
  const wrong = Object.entries(wanted).flatMap(([name, want]) => {
    const answer = answers[name]
    if (answer === undefined) return [`${name} was not answered`]
    return isAsWanted(answer, want)
      ? []
      : [`${name} is ${answer === '' ? 'nothing' : answer}, expected ${want.equals ?? want.limit}`]
  })
  if (newest !== null && numberIn(answers[newest]) === null)
    return [...wrong, 'there is no newest row in the restored data']
  return wrong
}

function isAsWanted(answer: string, { limit, equals }: Wanted): boolean {
  if (equals !== undefined) return answer === equals
  const parsed = parseLimit(limit ?? '')
  const value = numberIn(answer)
  if (!parsed.ok || value === null) return false
  const { operator, value: bound } = parsed.value.limit
  return { '<': value < bound, '<=': value <= bound, '>': value > bound, '>=': value >= bound }[operator]
}

function missedTargets(facts: Judged['facts'], { maxRecoveryMs, maxDataAgeMs }: Targets): readonly string[] {
  const late = (name: string, words: string, most: Millis | null): readonly string[] => {
    const value = facts[name]
    if (most === null || (typeof value === 'number' && value * 1000 <= most)) return []
    return [`${words} ${secondsWords(value)}, the target is ${sayMillis(most)}`]
  }
  return [
    ...late('recovery', 'recovery took', maxRecoveryMs),
    ...late('data_age', 'the data is older than wanted:', maxDataAgeMs),
  ]
}
