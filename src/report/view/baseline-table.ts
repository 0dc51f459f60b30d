/** The baselines of a release in one table: each value, what its window came to, and where it is from. */
import { fieldWords } from '../../core/release/fields.ts'
import type { FieldPlan } from '../../core/plan/plan.ts'
import type { StepState } from '../../core/release/state.ts'
import type { BaselineRowView } from '../view.ts'
import { dateWords } from '../words.ts'
import type { Scene } from './steps.ts'

export function baselineTable({ state }: Scene): readonly BaselineRowView[] {
  return state.plan.steps.flatMap(({ id, block }) => {
    const step = state.steps.get(id)
    if (block.word !== 'fields' || block.baseline !== true || !step) return []
    return block.fields.map((field) => rowOf(field, step))
  })
}

function rowOf(field: FieldPlan, step: StepState): BaselineRowView {
  const { name, label, type } = field
  const value = step.fields[name]
  const captured = step.windows[name]?.window
  const words = (one: number): string => fieldWords(type, Number(one.toPrecision(4)))
  return {
    step: step.id,
    name,
    label,
    value: typeof value === 'number' ? words(value) : null,
    take: field.capture?.window?.take ?? null,
    median: captured ? words(captured.median) : null,
    p95: captured ? words(captured.p95) : null,
    range: captured ? `${words(captured.lowest)} to ${words(captured.highest)}` : null,
    samples: captured ? `${captured.samples} of ${captured.expected}` : null,
    source: sourceWords(step, name),
  }
}

/** From when it is, who gave it, or why there is none. */
function sourceWords(step: StepState, name: string): string {
  const captured = step.windows[name]?.window
  if (captured) return `${dateWords(captured.from).slice(0, -4)} to ${dateWords(captured.to)}`
  const { answer } = step
  if (step.fields[name] !== undefined && answer) return `${answer.by}: ${answer.note ?? ''}`
  return step.captureFailures[name] ?? (step.waiver ? `waived by ${step.waiver.by}: ${step.waiver.reason}` : '')
}
