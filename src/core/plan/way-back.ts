/** The text of the way back, as one digest: a rehearsal of it proves nothing about another one. */
import { digestOf } from '../log/canonical.ts'
import type { PhasePlan, Plan, RecordBlock, StepPlan } from './plan.ts'
import { stepDigest } from './plan-digest.ts'

type Parts = Pick<Plan, 'phases' | 'steps'>

/** sha-256 (hex) over what would run to take everything back: not its places, ids or titles, which change nothing that runs. */
export function wayBackDigest({ phases, steps }: Parts): string {
  const back = phases.filter(({ kind }) => kind === 'rollback')
  const covered = new Set(back.map((phase) => phase.for))
  return digestOf({
    phases: back.map((phase) => ({ for: phase.for, environment: phase.environment, steps: stepsIn(phase, steps) })),
    undone: covered.has(null) ? [] : steps.flatMap((step) => undoOf(step, covered)),
    moved: steps.flatMap(({ block }) =>
      block.word === 'rollout' ? block.components.map(({ name, driver, config }) => ({ name, driver, config })) : [],
    ),
  })
}

function stepsIn(phase: PhasePlan, steps: readonly StepPlan[]) {
  return steps
    .filter((step) => step.phase === phase.id)
    .map(({ text, block, when, only, never, severity, danger, answer }) => ({
      text,
      block,
      when,
      only,
      never,
      severity,
      danger,
      answer,
    }))
}

function undoOf({ text, block, undo, when, only, never }: StepPlan, covered: ReadonlySet<string | null>) {
  if (block.word !== 'run' || (block.component !== null && covered.has(block.component))) return []
  return [{ text, undo, irreversible: block.irreversible, when, only, never }]
}

/** Records of a rehearsed way back ask for one of this very text, within the time that the way back may take. */
export function withWayBack({ phases, steps }: Parts, withinMs: number | undefined): readonly StepPlan[] {
  if (!steps.some(({ block }) => block.word === 'record' && block.of !== undefined)) return steps
  const wayBack = wayBackDigest({ phases, steps })
  const budgets = phases.flatMap(({ budgetMs }) => budgetMs ?? [])
  const budgetMs = Math.min(...budgets, withinMs ?? Number.POSITIVE_INFINITY)
  return steps.map((step) => {
    if (step.block.word !== 'record' || step.block.of === undefined) return step
    const limits = { ...(Number.isFinite(budgetMs) && { took: `<= ${inUnits(budgetMs)}` }), ...step.block.limits }
    const block: RecordBlock = { ...step.block, wayBack, ...(Object.keys(limits).length > 0 && { limits }) }
    return { ...step, block, digest: stepDigest({ ...step, block }) }
  })
}

function inUnits(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}
