/** What `doctor` asks of the steps of a checklist: whether their checks and actions reach what they need. */
import type { Plan, StepPlan } from '../../core/plan/plan.ts'

export interface Finding {
  readonly what: string
  /** `unasked` = it exists, but cannot be asked without doing something, or not yet. */
  readonly level: 'ok' | 'bad' | 'unasked'
  readonly say: string
}

interface Answer {
  /** `later` = it cannot be told before the release runs. */
  readonly level: 'ok' | 'bad' | 'later'
  readonly say: string
}

interface Asked {
  readonly step: StepPlan
  readonly kind: string
  readonly answer: Answer
}

/** As many at once: a checklist of a hundred requests is asked in seconds, and nobody is flooded. */
const atOnce = 4

/** Steps of one kind with one answer are one finding. */
export async function* askedSteps(
  { steps }: Pick<Plan, 'steps'>,
  ask: (step: StepPlan) => Promise<Answer | null>,
): AsyncGenerator<Finding> {
  const all: Asked[] = []
  for (let at = 0; at < steps.length; at += atOnce) {
    const row = steps.slice(at, at + atOnce)
    const answers = await Promise.all(row.map(ask))
    for (const [index, answer] of answers.entries()) {
      const step = row[index]
      if (step !== undefined && answer !== null) all.push({ step, kind: kindOf(step), answer })
    }
  }
  const alike = Map.groupBy(all, ({ kind, answer }) => JSON.stringify([kind, answer.level, answer.say]))
  for (const same of alike.values()) {
    const [first] = same
    if (first === undefined) continue
    const { level, say } = first.answer
    yield {
      what: nameOf(
        same.map(({ step }) => step.id),
        first.kind,
      ),
      level: level === 'later' ? 'unasked' : level,
      say,
    }
  }
}

function nameOf(ids: readonly string[], kind: string): string {
  const [first = '', ...others] = ids
  const more = others.length === 0 ? '' : ` and ${others.length === 1 ? (others[0] ?? '') : `${others.length} more`}`
  return `${first}${more} (${kind})`
}

function kindOf({ block }: StepPlan): string {
  if (block.word === 'check') return block.kind
  return block.word === 'run' ? (JSON.parse(block.command.script) as { readonly kind: string }).kind : block.word
}
