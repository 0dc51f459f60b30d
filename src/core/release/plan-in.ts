/** A plan as it holds in one environment: fields whose limit differs between environments get the one of theirs. */
import type { AnswerSpec, Block, FieldPlan, Plan, StepPlan } from '../plan/plan.ts'
import { fieldsOf } from './fields.ts'

/** The same plan where nothing differs. Its digests are those of the document. */
export function planIn(plan: Plan, environment: string): Plan {
  if (!plan.steps.some(differs)) return plan
  const ofPhase = new Map(plan.phases.map((phase) => [phase.id, phase.environment]))
  return {
    ...plan,
    steps: plan.steps.map((step) => (differs(step) ? stepIn(step, ofPhase.get(step.phase) ?? environment) : step)),
  }
}

function differs(step: StepPlan): boolean {
  return fieldsOf(step).some(({ limits }) => limits !== undefined)
}

function stepIn(step: StepPlan, environment: string): StepPlan {
  const { block, answer } = step
  return { ...step, block: blockIn(block, environment), answer: answer && askedIn(answer, environment) }
}

function blockIn(block: Block, environment: string): Block {
  return block.word === 'fields' || block.word === 'answer' ? askedIn(block, environment) : block
}

function askedIn<T extends Pick<AnswerSpec, 'fields'>>(asked: T, environment: string): T {
  return { ...asked, fields: asked.fields.map((field) => fieldIn(field, environment)) }
}

/** A limit that cannot be read lets nothing through: an environment of which nothing is said has one of those. */
function fieldIn(field: FieldPlan, environment: string): FieldPlan {
  const { limits } = field
  if (limits === undefined) return field
  const own = Object.hasOwn(limits, environment) ? limits[environment] : limits['else']
  return { ...field, limit: own ?? `a limit in ${environment}` }
}
