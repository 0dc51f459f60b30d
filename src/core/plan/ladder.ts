/** How far up the automation ladder each step of a plan stands: a machine does it, people prove it, or somebody says so. */
import type { Plan, StepPlan } from './plan.ts'

/** `machine`: something runs or measures. `attested`: a person says so with a signature, values, evidence or a record. `manual`: somebody says so. */
export type Rung = 'machine' | 'attested' | 'manual'

export interface Ladder {
  /** Steps that somebody or something does; the three below add up to it. */
  readonly steps: number
  readonly machine: number
  readonly attested: number
  readonly manual: number
}

const machines: ReadonlySet<StepPlan['block']['word']> = new Set([
  'check',
  'run',
  'rollout',
  'watch',
  'wait',
  'readiness',
])
const attests: ReadonlySet<StepPlan['block']['word']> = new Set([
  'approve',
  'handover',
  'record',
  'fields',
  'known-issues',
])

/** null = it only holds other steps. */
export function rungOf({ block }: StepPlan): Rung | null {
  if (block.word === 'group') return null
  if (machines.has(block.word)) return 'machine'
  if (attests.has(block.word)) return 'attested'
  return block.word === 'answer' && (block.evidence === 'required' || block.fields.length > 0) ? 'attested' : 'manual'
}

export function ladderOf({ steps }: Pick<Plan, 'steps'>): Ladder {
  const rungs = steps.map(rungOf)
  const count = (rung: Rung): number => rungs.filter((each) => each === rung).length
  const [machine, attested, manual] = [count('machine'), count('attested'), count('manual')]
  return { steps: machine + attested + manual, machine, attested, manual }
}
