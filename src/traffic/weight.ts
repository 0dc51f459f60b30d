/** What a weight may be, and when the one read back counts as the one that was set. */
import type { Reached, Reading } from '../core/ports/traffic.ts'
import type { WeightPercent } from '../core/units.ts'

/** Balancers round to whole weights: half a point off is the same weight. Nothing and everything are exact. */
const slackPoints = 0.5

export function requireWeight(percent: WeightPercent): void {
  if (!Number.isFinite(percent) || percent < 0 || percent > 100)
    throw new Error(`A weight is between 0 and 100 %, not ${percent}.`)
}

export function isReached(percent: WeightPercent, wanted: WeightPercent): boolean {
  if (wanted === 0 || wanted === 100) return percent === wanted
  return percent > 0 && Math.abs(percent - wanted) <= slackPoints
}

/** A reading held against what was ordered. What cannot be read is never reached. */
export function reachedBy(reading: Reading, wanted: WeightPercent): Reached {
  if (reading.kind === 'cannot-tell') return { kind: 'cannot-tell', percent: null, say: reading.say }
  if (isReached(reading.percent, wanted)) return { kind: 'reached', percent: reading.percent, say: reading.say }
  return { kind: 'pending', percent: reading.percent, say: `${reading.say}, ${show(wanted)} ordered` }
}

export function show(percent: WeightPercent): string {
  return `${Number(percent.toFixed(2))} %`
}
