/** `release amend`: shows how the checklist of a running release would change, then asks the engine to change it. */
import type { Plan } from '../../core/plan/plan.ts'
import { askEngine } from '../ask-engine.ts'
import type { Run } from '../command-entry.ts'
import { loadPlan } from '../document.ts'
import { Refused } from '../faults.ts'
import { environmentToLend } from '../inputs.ts'
import { findTarget } from '../release-argument.ts'
import type { Line } from '../terminal/line.ts'
import { paint } from '../terminal/line.ts'
import { flag, text } from '../values.ts'

export const amend: Run = async (context, words, options) => {
  const client = await context.client()
  const { view, rest } = await findTarget(client, words, 1)
  const { plan, body } = await loadPlan(rest[0] ?? '')
  const before = await client.plan(view.release)
  if (before === null) throw new Refused(`the plan of ${view.release} is gone`, 'unknown-release', 4)
  const differences = differenceLines(before, plan)
  if (differences.length === 0) throw new Refused('nothing would change', 'no-change', 1)
  for (const line of differences) context.err(paint(line, context.paper()))
  if (context.interactive && !flag(options, 'yes')) {
    const { confirm } = await import('../ask-line.ts')
    const question = 'Amend the release like this? Results of unchanged steps stay, signatures are void.'
    await confirm(question, { say: 'not amended', code: 'not-amended' })
  }
  if (plan.env.length > 0) await client.lendEnvironment(view.release, environmentToLend(plan, process.env))
  const command = {
    kind: 'Amend',
    document: body,
    role: text(options, 'role') ?? '',
    reason: text(options, 'reason') ?? '',
  } as const
  return askEngine(context, client, view, command, text(options, 'sign'))
}

/** Steps that are new, gone or changed; a digest is of a step's own content. */
export function differenceLines(before: Plan, after: Plan): readonly Line[] {
  const old = new Map(before.steps.map((step) => [step.id, step]))
  const fresh = new Map(after.steps.map((step) => [step.id, step]))
  const added = after.steps.filter((step) => !old.has(step.id))
  const removed = before.steps.filter((step) => !fresh.has(step.id))
  const changed = after.steps.filter((step) => old.has(step.id) && old.get(step.id)?.digest !== step.digest)
  const same = before.digest === after.digest
  const lines: readonly Line[] = [
    ...removed.map(
      (step): Line => [
        [`- ${step.text}`, 'bad'],
        [`  line ${step.line}`, 'dim'],
      ],
    ),
    ...added.map(
      (step): Line => [
        [`+ ${step.text}`, 'good'],
        [`  line ${step.line}`, 'dim'],
      ],
    ),
    ...changed.map(
      (step): Line => [
        [`~ ${step.text}`, 'warn'],
        [`  line ${step.line}`, 'dim'],
      ],
    ),
  ]
  return lines.length === 0 && !same ? [['~ settings or order changed, no step did']] : lines
}
