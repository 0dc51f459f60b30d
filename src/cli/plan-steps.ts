/** Which step of a plan a person means: id, text, beginning, ending, or words of it. */
import type { Plan, StepPlan } from '../core/plan/plan.ts'
import { UsageFault } from './faults.ts'

export function planStep(plan: Plan, given: string): StepPlan {
  const wanted = given.toLowerCase()
  const tries: readonly ((step: StepPlan) => boolean)[] = [
    (step) => step.id === given,
    (step) => step.text.toLowerCase() === wanted,
    (step) => step.id.startsWith(given) || step.id.endsWith(given),
    (step) => step.text.toLowerCase().includes(wanted) || step.id.includes(wanted),
  ]
  for (const fits of tries) {
    const [one, ...others] = plan.steps.filter(fits)
    if (one && others.length === 0) return one
    if (one)
      throw new UsageFault(`"${given}" fits ${others.length + 1} steps, give more of one:\n${list([one, ...others])}`)
  }
  throw new UsageFault(`no step fits "${given}"; the steps are\n${list(plan.steps)}`)
}

function list(steps: readonly StepPlan[]): string {
  const shown = steps.slice(0, 20).map((step) => `  ${step.id}   ${step.text}`)
  return [...shown, ...(steps.length > 20 ? [`  … ${steps.length - 20} more`] : [])].join('\n')
}
