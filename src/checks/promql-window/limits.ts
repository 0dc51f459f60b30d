/** The limits of a `promql check`: below, above, between, outside, and a distance from a captured value. */
import { holds } from '../../core/plan/limit.ts'
import type { Limit } from '../../core/plan/plan.ts'
import { parseDistance, parseQuantity } from '../../core/plan/quantity.ts'
import { type ByEnvironment, environmentsOf, inEnvironment } from '../parts/by-environment.ts'
import { sayNumber } from '../parts/say.ts'

export interface MetricLimit {
  readonly limit: Limit
  /** Holding this one instead will do as well; absent = nothing else will. */
  readonly or?: Limit
  /** `below 1%`, `within +20% of baseline (0.4)`. */
  readonly words: string
}

type Written = ByEnvironment<string> | null

export interface WrittenLimits {
  readonly below: Written
  readonly above: Written
  readonly between: Written
  readonly outside: Written
  readonly versus: string | null
  readonly within: Written
}

interface LimitSettings {
  readonly below: string | null
  readonly above: string | null
  readonly between: string | null
  readonly outside: string | null
  readonly versus: string | null
  readonly within: string | null
}

export const limitExample =
  'a limit: below=1%, above=10, between="10 and 20", outside="10 and 20", or versus=NAME within=+20%; or expect="value < 0.01"'

/** What is wrong with them in any environment; null = nothing. */
export function mistakeIn(given: WrittenLimits): string | null {
  const told = environmentsOf([given.below, given.above, given.between, given.outside, given.within])
  for (const environment of told.length === 0 ? [''] : told) {
    const limits = limitsOf(partFor(given, environment), null)
    if ('problem' in limits) return limits.problem
  }
  return null
}

/** What is said of this environment; what says nothing of it is left out. */
function partFor(given: WrittenLimits, environment: string): LimitSettings {
  const of = (limit: Written): string | null => {
    if (typeof limit !== 'object' || limit === null) return limit
    return (Object.hasOwn(limit, environment) ? limit[environment] : limit['else']) ?? null
  }
  const { below, above, between, outside, versus, within } = given
  return {
    below: of(below),
    above: of(above),
    between: of(between),
    outside: of(outside),
    versus: within !== null && of(within) === null ? null : versus,
    within: of(within),
  }
}

/** `versus` is the captured number; null while it is not known, as when a plan is compiled. */
export function limitsFor(
  given: WrittenLimits,
  environment: string,
  versus: number | null,
): { readonly limits: readonly MetricLimit[] } | { readonly problem: string } {
  const of = (name: 'below' | 'above' | 'between' | 'outside' | 'within'): string | null => {
    const limit = given[name]
    return limit === null ? null : inEnvironment(limit, name, environment)
  }
  const here = {
    below: of('below'),
    above: of('above'),
    between: of('between'),
    outside: of('outside'),
    within: of('within'),
  }
  return limitsOf({ ...here, versus: given.versus }, versus)
}

function limitsOf(
  given: LimitSettings,
  versus: number | null,
): { readonly limits: readonly MetricLimit[] } | { readonly problem: string } {
  const limits: MetricLimit[] = []
  for (const [operator, text, word] of [
    ['<', given.below, 'below'],
    ['>', given.above, 'above'],
  ] as const) {
    if (text === null) continue
    const one = comparison(operator, text, word)
    if ('problem' in one) return one
    limits.push(one)
  }
  for (const [text, word] of [
    [given.between, 'between'],
    [given.outside, 'outside'],
  ] as const) {
    if (text === null) continue
    const both = rangeOf(text, word)
    if ('problem' in both) return both
    limits.push(...both.limits)
  }
  if ((given.versus === null) !== (given.within === null))
    return { problem: 'expected versus=NAME and within=+20% together' }
  if (given.versus !== null && given.within !== null) {
    const far = distanceOf(given.versus, given.within, versus)
    if ('problem' in far) return far
    if (far.limit !== null) limits.push(far.limit)
  }
  return { limits }
}

/** The first limit a number breaks, in words with both numbers; null = inside all. */
export function breachOf(limits: readonly MetricLimit[], value: number): string | null {
  const broken = limits.find(({ limit, or }) => holds(limit, value) !== true && (!or || holds(or, value) !== true))
  return broken ? `${sayNumber(value)}, expected ${broken.words}` : null
}

export function saysLimit(limit: MetricLimit): string {
  return limit.words
}

function comparison(
  operator: Limit['operator'],
  text: string,
  word: string,
): MetricLimit | { readonly problem: string } {
  const quantity = parseQuantity(text)
  if (!quantity.ok) return { problem: `${word}=${text}: expected ${quantity.expected}, such as ${quantity.example}` }
  return { limit: { quantile: null, operator, value: quantity.value.value, text }, words: `${word} ${text}` }
}

/** At least the first and at most the second, or with `outside` neither. */
function rangeOf(
  text: string,
  word: 'between' | 'outside',
): { readonly limits: readonly MetricLimit[] } | { readonly problem: string } {
  const ends = text
    .trim()
    .split(/\s*(?:\.\.|,|\band\b|\s)\s*/)
    .filter((end) => end !== '')
  const [low, high] = ends
  if (ends.length !== 2 || low === undefined || high === undefined)
    return { problem: `${word}="${text}": expected two values, such as ${word}="10 and 20"` }
  const least = comparison(word === 'between' ? '>=' : '<', low, word)
  if ('problem' in least) return least
  const most = comparison(word === 'between' ? '<=' : '>', high, word)
  if ('problem' in most) return most
  if (least.limit.value > most.limit.value)
    return { problem: `${word}="${text}": the first value is greater than the second` }
  const words = `${word} ${low} and ${high}`
  if (word === 'outside') return { limits: [{ ...least, or: most.limit, words }] }
  return {
    limits: [
      { ...least, words },
      { ...most, words },
    ],
  }
}

function distanceOf(
  name: string,
  text: string,
  versus: number | null,
): { readonly limit: MetricLimit | null } | { readonly problem: string } {
  const isBelow = text.trim().startsWith('-')
  const distance = parseDistance(isBelow ? text.trim().slice(1) : text)
  if (!distance.ok)
    return {
      problem: `within=${text}: expected ${distance.expected}, such as ${distance.example}, or -20% for the least`,
    }
  if (versus === null) return { limit: null }
  if (!Number.isFinite(versus)) return { problem: `${name} is no number to compare with` }
  const { relative, points } = distance.value
  const far = relative === null ? (points ?? Number.NaN) : Math.abs(versus) * relative
  const value = isBelow ? versus - far : versus + far
  const limit: Limit = { quantile: null, operator: isBelow ? '>=' : '<=', value, text }
  const side = isBelow ? 'at least' : 'at most'
  return { limit: { limit, words: `${side} ${sayNumber(value)} (${name} ${sayNumber(versus)} ${text})` } }
}
