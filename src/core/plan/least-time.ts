/** How long a phase takes at the least: its soaks and waits. A watch moves nobody, so it may go on after a window. */
import type { Plan } from './plan.ts'
import type { Millis } from '../units.ts'

export function leastTimeOf(plan: Plan, phase: string): Millis {
  return plan.steps
    .filter((step) => step.phase === phase)
    .reduce((sum, { block }) => {
      if (block.word === 'wait') return sum + (block.forMs ?? 0)
      if (block.word !== 'rollout') return sum
      return sum + block.stages.reduce((total, stage) => total + stage.soakMs, 0)
    }, 0)
}
