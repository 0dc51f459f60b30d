/** What `doctor` asks of the steps of a checklist: whether their checks and actions reach what they need. */
import type { CheckBlock, CommandSpec, Plan, StepPlan } from '../../core/plan/plan.ts'

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

interface Question {
  /** Where it stands: id of a step, and what of it. */
  readonly where: string
  readonly of: CheckBlock | CommandSpec
}

interface Asked extends Question {
  readonly answer: Answer
}

/** As many at once: a checklist of a hundred requests is asked in seconds, and nobody is flooded. */
const atOnce = 4

/** Those of one kind with one answer are one finding. */
export async function* askedSteps(
  plan: Pick<Plan, 'steps' | 'triggers'>,
  ask: (one: Question['of']) => Promise<Answer | null>,
): AsyncGenerator<Finding> {
  const questions = [
    ...plan.steps.flatMap(questionsOf),
    ...plan.triggers.map(({ id, check }) => ({ where: id, of: check })),
  ]
  const all: Asked[] = []
  for (let at = 0; at < questions.length; at += atOnce) {
    const row = questions.slice(at, at + atOnce)
    const answers = await Promise.all(row.map(async (question) => ({ ...question, answer: await ask(question.of) })))
    all.push(...answers.filter((each): each is Asked => each.answer !== null))
  }
  const alike = Map.groupBy(all, ({ of, answer }) => JSON.stringify([kindOf(of), answer.level, answer.say]))
  for (const same of alike.values()) {
    const [first] = same
    if (first === undefined) continue
    const { level, say } = first.answer
    const places = [...new Set(same.map(({ where }) => where))]
    yield { what: nameOf(places, kindOf(first.of)), level: level === 'later' ? 'unasked' : level, say }
  }
}

/** What leads back, and what is looked at while people use the new version, are asked as well: nobody wants to learn it then. */
function questionsOf({ id, block, undo }: StepPlan): readonly Question[] {
  const own = block.word === 'check' ? [block] : block.word === 'run' ? [block.command] : []
  const watched = block.word === 'watch' ? block.checks : []
  return [
    ...own.map((of) => ({ where: id, of })),
    ...watched.map(({ name, check }) => ({ where: `${id}: ${name}`, of: check })),
    ...(undo === null ? [] : [{ where: `${id}, its undo`, of: undo }]),
  ]
}

function nameOf(places: readonly string[], kind: string): string {
  const [first = '', ...others] = places
  const more = others.length === 0 ? '' : ` and ${others.length === 1 ? (others[0] ?? '') : `${others.length} more`}`
  return `${first}${more} (${kind})`
}

function kindOf(of: Question['of']): string {
  return 'kind' in of ? of.kind : (JSON.parse(of.script) as { readonly kind: string }).kind
}
