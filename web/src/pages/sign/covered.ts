/** What a signature covers, for people: the lines under it beside the steps they are about, those that want a look first. Pure. */
import type { ReleaseView, StepView, TimelineLine } from '../../../../src/api/wire/web.ts'

export interface Covered {
  readonly step: StepView
  readonly phase: string
  /** Of the signature, exactly as they are signed. */
  readonly lines: readonly string[]
}

export interface Cover {
  /** Waived, not applicable, failed or open: not simply passed. */
  readonly deviations: readonly Covered[]
  readonly passed: readonly Covered[]
}

/** `own` = the step that is signed: who need not sign it stands with its signatures, it is nothing that was let pass. */
export function coverOf(view: ReleaseView, signs: readonly string[], own: string | null = null): Cover {
  const known = view.phases.flatMap(({ title, steps }) => steps.map((step) => ({ step, phase: title })))
  // Longest first: an id may be the beginning of another.
  const byLength = known.toSorted((one, other) => other.step.id.length - one.step.id.length)
  const lines = new Map<string, string[]>()
  for (const line of signs) {
    const found = byLength.find(({ step }) => isAbout(line, step.id))
    if (found !== undefined) lines.set(found.step.id, [...(lines.get(found.step.id) ?? []), line])
  }
  const covered = known
    .map(({ step, phase }) => ({ step, phase, lines: lines.get(step.id) ?? [] }))
    .filter((one) => one.lines.length > 0 && one.step.word !== 'group' && one.step.id !== own)
  return {
    deviations: covered.filter(({ step }) => step.state !== 'passed'),
    passed: covered.filter(({ step }) => step.state === 'passed'),
  }
}

function isAbout(line: string, id: string): boolean {
  return line.startsWith(id) && /^(: |\.| waived as )/.test(line.slice(id.length))
}

/** Sentences since somebody last signed this step, oldest first; null = nobody ever has. */
export function sinceLastSignature(
  past: readonly TimelineLine[],
  step: string,
): { readonly by: string; readonly at: number; readonly lines: readonly TimelineLine[] } | null {
  const at = past.findLastIndex((line) => line.kind === 'ApprovalGiven' && line.step === step)
  const last = past[at]
  return last === undefined ? null : { by: last.who, at: last.at, lines: past.slice(at + 1) }
}
