/** What the judge compares: a metric's ratio as a picture and in words, and the evidence for either way. */
import type { EvidenceReading, RatioReading } from '../../core/judge/verdict.ts'
import {
  amountWords,
  dispersionWords,
  isComparable,
  isWithinLimit,
  limitWords,
  ratioWords,
} from '../../report/evidence-words.ts'
import type { MetricView } from '../../report/view.ts'
import { gauge } from './gauge.ts'
import type { Line, Tone } from './line.ts'
import { cutLine, lineWidth } from './line.ts'
import { widthOf } from './text.ts'

/** One line under the metric's own; none where nothing is compared. */
export function comparedLine(metric: MetricView, indent: number, tone: Tone, width: number): readonly Line[] {
  const { ratio, evidence } = metric
  if (ratio === null && evidence === null) return []
  const picture = ratio === null || !isComparable(ratio) ? [] : [...gauge(ratio, tone, gaugeWidth(width)), ' ']
  const words = [
    ratio === null ? '' : ratioAndLimit(ratio),
    evidence === null ? '' : shortEvidence(evidence),
    evidence === null ? '' : dispersionWords(evidence),
  ].filter((part) => part !== '')
  const room = width - indent - lineWidth(picture)
  // A number that is cut is a wrong one: what has no room is left out.
  while (words.length > 1 && widthOf(words.join(' · ')) > room) words.pop()
  return [cutLine([' '.repeat(indent), ...picture, [words.join(' · '), 'dim']], width)]
}

function gaugeWidth(width: number): number {
  return width >= 110 ? 27 : 13
}

/** `2.2 × (1.1 to 4.6) ┃ 1.25`: the sign is that of the picture. */
function ratioAndLimit(ratio: RatioReading): string {
  const limit = ratio.rollback === null ? '' : ` ┃ ${limitWords(ratio.rollback)}`
  return `${ratioWords(ratio)}${isComparable(ratio) ? limit : ''}`
}

/** `✖ 6/100 ✔ 3/20`: with the icons of the zones; the sentence below says it in words. */
function shortEvidence(evidence: EvidenceReading): string {
  const { rollback, rollbackNeeded, go, goNeeded } = evidence
  const back = isWithinLimit(evidence)
    ? 'worse, within limit'
    : `✖ ${amountWords(rollback)}/${amountWords(rollbackNeeded)}`
  return go === null ? back : `${back} ✔ ${amountWords(go)}/${amountWords(goNeeded)}`
}
