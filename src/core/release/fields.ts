/** The fields and tables that a step asks for, and their values as people wrote them. */
import type { FieldPlan, StepPlan, TablePlan } from '../plan/plan.ts'

/** The fields a step asks for, wherever its document put them. */
export function fieldsOf({ block, answer }: StepPlan): readonly FieldPlan[] {
  const own = block.word === 'fields' || block.word === 'answer' ? block.fields : []
  return [...own, ...(answer?.fields ?? [])]
}

/** The open-ended tables a step asks for, wherever its document put them. */
export function tablesOf({ block, answer }: StepPlan): readonly TablePlan[] {
  const own = block.word === 'fields' || block.word === 'answer' ? block.tables : undefined
  if (own === undefined) return answer?.tables ?? []
  return [...own, ...(answer?.tables ?? [])]
}

/** A value as people wrote it: percentages and durations are kept as ratios and seconds. */
export function fieldWords(type: FieldPlan['type'] | undefined, value: string | number | boolean): string {
  if (typeof value !== 'number') return String(value)
  if (type === 'percent') return `${Number((value * 100).toPrecision(12))} %`
  return type === 'duration' ? `${value} s` : String(value)
}
