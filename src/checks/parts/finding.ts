/** What one question to a service found, and what several of them make of a check: fine, not good, or not known. */
import type { CheckPowers, CheckResult, EvidenceBytes } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { judged } from './judged.ts'
import { oneLine } from './say.ts'

export interface Finding {
  readonly state: 'good' | 'bad' | 'unknown'
  readonly say: string
  /** For the evidence. */
  readonly lines: readonly string[]
  readonly facts: Readonly<Record<string, Json>>
}

/** One that is not good is said before one that is not known; all good are said together, after `where`. */
export function judgedFindings(
  where: string,
  findings: readonly Finding[],
  facts: Readonly<Record<string, Json>>,
  powers: Pick<CheckPowers, 'expect' | 'expectation'>,
  given: { readonly evidence: readonly EvidenceBytes[]; readonly captures?: Readonly<Record<string, string>> },
): CheckResult {
  for (const [state, outcome] of [
    ['bad', 'failed'],
    ['unknown', 'inconclusive'],
  ] as const) {
    const these = findings.filter((finding) => finding.state === state)
    if (these.length > 0)
      return { outcome, say: oneLine(these.map(({ say }) => say).join('; ')), evidence: given.evidence, facts }
  }
  return judged(powers, facts, { say: oneLine(`${where}: ${findings.map(({ say }) => say).join('; ')}`), ...given })
}

/** What all of them found, by name. */
export function factsOf(findings: readonly Finding[]): Finding['facts'] {
  return Object.assign({}, ...findings.map(({ facts }) => facts)) as Finding['facts']
}

/** All of them for the evidence: how each stands, and what was seen. */
export function linesOf(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ state, say, lines }) => [`${state}: ${say}`, ...lines])
}

export function listed(names: readonly string[]): string {
  const more = names.length > 4 ? ` and ${names.length - 4} more` : ''
  return `${names.slice(0, 4).join(', ')}${more}`
}

export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}
