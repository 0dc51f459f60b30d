/** `limits` of an `sql check`: a comparator for each column, that every row of the answer has to keep. */
import { z } from 'zod'
import { holds, type ParsedLimit, parseLimits } from '../../core/plan/limit.ts'
import type { Json } from '../../core/units.ts'
import { byEnvironment, inEnvironment } from '../parts/by-environment.ts'
import { sayNumber } from '../parts/say.ts'

const comparators = z.string().refine((text) => limitsOf(text) !== null, {
  error: 'expected comparators such as "<= 0", or ">= 10, < 50"',
})

/** `stuck <= 0, old < 10m` in an opening line. */
const written = /^\s*([A-Za-z_]\w*)\s*((?:<|>)[^,]*)$/

export const limitsField = z.preprocess(
  asMapping,
  z.record(z.string().min(1), byEnvironment(comparators), {
    error:
      'expected columns with their limits: { stuck: "<= 0", lag: "< 10s" }, or in an opening line limits="stuck <= 0, lag < 10s"',
  }),
)

export type ColumnLimits = z.infer<typeof limitsField>

function asMapping(given: unknown): unknown {
  if (typeof given !== 'string') return given
  const limits: Record<string, string> = {}
  for (const part of given.split(',')) {
    const [, column = '', comparator = ''] = written.exec(part) ?? []
    if (column === '') return given
    limits[column] = Object.hasOwn(limits, column) ? `${limits[column]}, ${comparator.trim()}` : comparator.trim()
  }
  return limits
}

function limitsOf(text: string): readonly ParsedLimit[] | null {
  const parsed = parseLimits(text)
  return parsed.ok && parsed.value.every(({ limit }) => limit.quantile === null) ? parsed.value : null
}

export interface Kept {
  readonly outcome: 'passed' | 'failed' | 'inconclusive'
  /** Each column with its value beside its limit, or what speaks against it. */
  readonly say: string
}

/** What is missing or no number decides nothing; a limit that is broken weighs more than that. Throws ConfigFault as `inEnvironment` does. */
export function keptBy(
  rows: readonly Readonly<Record<string, Json>>[],
  limits: ColumnLimits,
  environment: string,
): Kept {
  if (rows.length === 0) return { outcome: 'inconclusive', say: 'no row to hold to its limits' }
  const doubts: string[] = []
  const broken: string[] = []
  const kept: string[] = []
  for (const [column, byPlace] of Object.entries(limits)) {
    const text = inEnvironment(byPlace, `limits.${column}`, environment)
    for (const [index, row] of rows.entries()) {
      const which = rows.length === 1 ? column : `${column} of row ${index + 1}`
      const value = Object.hasOwn(row, column) ? row[column] : undefined
      if (value === undefined) doubts.push(`there is no column ${column}`)
      else if (typeof value !== 'number') doubts.push(`${which} is ${JSON.stringify(value).slice(0, 60)}, no number`)
      else if ((limitsOf(text) ?? []).every(({ limit }) => holds(limit, value) === true))
        kept.push(`${which} ${sayNumber(value)} (${text})`)
      else broken.push(`${which} is ${sayNumber(value)}, expected ${text}`)
      if (value === undefined) break
    }
  }
  if (broken.length > 0) return { outcome: 'failed', say: few(broken) }
  if (doubts.length > 0) return { outcome: 'inconclusive', say: few(doubts) }
  return { outcome: 'passed', say: few(kept) }
}

const mostTold = 5

function few(words: readonly string[]): string {
  const more = words.length > mostTold ? ` and ${words.length - mostTold} more` : ''
  return `${words.slice(0, mostTold).join('; ')}${more}`
}
