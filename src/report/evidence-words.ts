/** The numbers of the statistical judge in words: a ratio with its interval and limits, evidence beside what is needed. */
import type { EvidenceReading, RatioReading } from '../core/judge/verdict.ts'
import { count, times } from '../core/judge/sentences.ts'
import { numberWords } from './words.ts'

/** An interval wider than this says nothing but that there is too little to compare. */
const widest = 100
/** Below this the counts scatter as those of independent requests do, as far as anybody can see. */
const plainDispersion = 1.2

export function isComparable({ low, high }: RatioReading): boolean {
  return low > 0 && Number.isFinite(high) && high <= widest * low
}

/** `2.2 × (1.4 to 3.6)`, or that nobody can tell yet. */
export function ratioWords(ratio: RatioReading): string {
  if (!isComparable(ratio)) return 'too few to compare'
  return `${times(ratio.value)} × (${times(ratio.low)} to ${times(ratio.high)})`
}

/** `rollback 1.2 ×, go 1.4 ×`; empty where no limit is relative to stable. */
export function ratioLimitWords({ rollback, go }: RatioReading): string {
  return [rollback === null ? '' : `rollback ${limitWords(rollback)} ×`, go === null ? '' : `go ${limitWords(go)} ×`]
    .filter((part) => part !== '')
    .join(', ')
}

/** What the ratio is about, where that is not the metric itself: `requests slower than 250 ms`. */
export function comparedWords({ slowerThan }: RatioReading): string {
  return slowerThan === null ? '' : `requests slower than ${numberWords(slowerThan, 'seconds')}`
}

/** A limit is what somebody wrote, or follows from that: no digit of it is left out. */
export function limitWords(limit: number): string {
  return String(Number(limit.toPrecision(4)))
}

/** Plainly worse than stable, and that turns nothing back: the difference may be within the limit. */
export function isWithinLimit({ rollback, rollbackNeeded, isBeyondLimit }: EvidenceReading): boolean {
  return rollback >= rollbackNeeded && !isBeyondLimit
}

/** `6 of 100 needed to roll back, 3 of 20 needed to go on`. */
export function evidenceWords(evidence: EvidenceReading): string {
  const { rollback, rollbackNeeded, go, goNeeded } = evidence
  const back = isWithinLimit(evidence)
    ? 'worse than stable, not shown to be beyond its limit'
    : `${count(rollback)} of ${count(rollbackNeeded)} needed to roll back`
  return go === null ? back : `${back}, ${count(go)} of ${count(goNeeded)} needed to go on`
}

/** `dispersion 1.8`; empty where there is none to speak of. */
export function dispersionWords({ dispersion }: EvidenceReading): string {
  return dispersion > plainDispersion ? `dispersion ${times(dispersion)}` : ''
}

/** `0.04`, `6`, `120`, `5k`: an amount of evidence in at most four columns. */
export function amountWords(value: number): string {
  if (value < 0.01) return '0'
  if (value < 10) return String(Number(value.toPrecision(value < 0.1 ? 1 : 2)))
  if (value < 1000) return String(Math.round(value))
  return value < 1e6 ? `${Math.round(value / 1000)}k` : '>1M'
}
