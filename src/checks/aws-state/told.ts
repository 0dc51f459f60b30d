/** What questions to AWS found, as the answer of a check with its evidence. */
import type { CheckPowers, CheckResult } from '../../core/ports/check.ts'
import { textEvidence } from '../parts/evidence.ts'
import { factsOf, type Finding, judgedFindings, linesOf } from '../parts/finding.ts'
import { oneLine } from '../parts/say.ts'

export function found(state: Finding['state'] | boolean, say: string, facts: Finding['facts'] = {}): Finding {
  return { state: typeof state === 'string' ? state : state ? 'good' : 'bad', say, lines: [], facts }
}

type Plain = string | number | boolean | null

/** A value beside the one that is wanted. */
export function compared(what: string, value: Plain, wanted: Plain): Finding {
  const isSame = value === wanted
  return found(isSame, `${what} is ${String(value)}${isSame ? '' : `, expected ${String(wanted)}`}`)
}

/** What is not there at all is no good release. */
export function missing(say: string): CheckResult {
  return { outcome: 'failed', say: oneLine(say), evidence: [] }
}

/** `lines` = what was seen, for the evidence. */
export function told(
  where: string,
  findings: readonly Finding[],
  lines: readonly string[],
  powers: CheckPowers,
  captures: Readonly<Record<string, string>> = {},
): CheckResult {
  const all = [where, ...linesOf(findings), ...lines]
  const evidence = textEvidence('aws.txt', `${all.join('\n')}\n`)
  return judgedFindings(where, findings, factsOf(findings), powers, { evidence, captures })
}
