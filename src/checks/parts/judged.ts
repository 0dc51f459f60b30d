/** What the author's `expect` makes of facts. */
import type { CheckPowers, CheckResult, EvidenceBytes } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { partsNamed } from './values-named.ts'

interface Observed {
  /** What was seen, in words with its numbers. */
  readonly say: string
  readonly evidence: readonly EvidenceBytes[]
  readonly captures?: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, Json>>
}

/** Passes when `expect` holds, or when there is none: the kind's own rule has been met by whoever calls. */
export function judged(
  powers: Pick<CheckPowers, 'expect' | 'expectation'>,
  facts: Readonly<Record<string, Json>>,
  observed: Observed,
): CheckResult {
  const verdict = powers.expect(facts)
  const wanted = powers.expectation ?? ''
  if (verdict === null || verdict === true) return { outcome: 'passed', facts, ...observed }
  if (verdict === false) {
    const parts = partsNamed(wanted, facts)
    const seen = parts.length === 0 ? '' : ` (${parts.join(', ')})`
    return { ...observed, outcome: 'failed', facts, say: `${observed.say}, expected ${wanted}${seen}` }
  }
  return {
    ...observed,
    outcome: 'inconclusive',
    facts,
    say: `${observed.say}; cannot decide ${wanted}: ${verdict.inconclusive}`,
  }
}
