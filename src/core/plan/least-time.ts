/** How long a phase takes at the least: its soaks and waits, and its watches, which move nobody. */
import type { Plan } from './plan.ts'
import type { Millis } from '../units.ts'

/** While users are moved: a watch may go on after a window. */
export function leastTimeOf(plan: Plan, phase: string): Millis {
  return plan.steps
    .filter((step) => step.phase === phase)
    .reduce((sum, { block }) => {
      if (block.word === 'wait') return sum + (block.forMs ?? 0)
      if (block.word !== 'rollout') return sum
      return sum + block.stages.reduce((total, stage) => total + stage.soakMs, 0)
    }, 0)
}

/** Watches in turn one after another; those with an offset beside them. */
export function watchTimeOf(plan: Plan, phase: string): Millis {
  const watches = plan.steps.flatMap(({ block, phase: of }) => (of === phase && block.word === 'watch' ? [block] : []))
  const inTurn = watches.filter(({ startsMs }) => startsMs === undefined).reduce((sum, { forMs }) => sum + forMs, 0)
  return Math.max(inTurn, ...watches.map(({ startsMs = 0, forMs }) => startsMs + forMs))
}
