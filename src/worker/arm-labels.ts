/** The label matchers of an arm, filled in for one release. */
import type { JudgePlan } from '../core/plan/plan.ts'
import { renderTemplate } from '../core/plan/template.ts'

export type ArmLabels =
  | { readonly ok: true; readonly labels: Readonly<Record<string, string>> | null }
  | { readonly ok: false; readonly why: string }

/** An empty value would match every series without the label: that is nobody's arm. */
export function labelsOf(
  judge: JudgePlan,
  arm: 'canary' | 'stable',
  variables: Readonly<Record<string, string>>,
): ArmLabels {
  if (judge.arms === null) return { ok: true, labels: null }
  const labels: Record<string, string> = {}
  for (const [label, template] of Object.entries(judge.arms[arm])) {
    const { text, missing } = renderTemplate(template, variables, 'none')
    if (missing.length > 0) return { ok: false, why: `{{ ${missing[0]} }} has no value` }
    if (text === '')
      return { ok: false, why: `the label ${label} of the ${arm} arm is empty: ${template} is not known` }
    labels[label] = text
  }
  return { ok: true, labels }
}
