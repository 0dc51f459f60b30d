/** `try`: runs one block alone through the real workers; nothing is recorded. */
import type { StepPlan } from '../../core/plan/plan.ts'
import type { Run } from '../command-entry.ts'
import type { Context } from '../context.ts'
import { printJson } from '../context.ts'
import { loadPlan, workspaceOf } from '../document.ts'
import type { ExitCode } from '../faults.ts'
import { Refused, UsageFault } from '../faults.ts'
import { environmentOf, inputsOf } from '../inputs.ts'
import { planStep } from '../plan-steps.ts'
import { foldLine } from '../terminal/fold.ts'
import { type Line, paint } from '../terminal/line.ts'
import { signs } from '../terminal/states.ts'
import { visible } from '../terminal/text.ts'
import { flag, list, text } from '../values.ts'

export const tryStep: Run = async (context, words, options) => {
  const [file = '', given = ''] = words
  const { plan, root } = await loadPlan(file)
  const step = planStep(plan, given)
  if (step.block.word !== 'check' && step.block.word !== 'run')
    throw new UsageFault(`"${step.text}" has no block that runs alone: it is closed by its ${step.block.word}`)
  if (step.block.word === 'run') await confirmAction(context, step, flag(options, 'yes'))
  const { openAlone } = await import('../../app/alone.ts')
  const environment = environmentOf(plan, text(options, 'env'))
  const inputs = inputsOf(plan, list(options, 'set'))
  const alone = await openAlone({
    plan,
    version: text(options, 'version') ?? 'try',
    previous: text(options, 'previous') ?? null,
    environment,
    inputs,
    workspace: await workspaceOf(root),
  })
  try {
    const tried = await alone.tryStep(step, (say) => context.err(`… ${visible(say)}`))
    if (tried === null) throw new Refused(`"${step.text}" has nothing to run`, 'wrong-kind', 2)
    return tell(context, step, tried)
  } finally {
    await alone.close()
  }
}

/** An action changes the world also when it is only tried. */
async function confirmAction(context: Context, step: StepPlan, isSure: boolean): Promise<void> {
  if (isSure) return
  if (!context.interactive)
    throw new UsageFault(`"${step.text}" is an action: it really happens, also when tried. Say --yes to mean it`)
  const { confirm } = await import('../ask-line.ts')
  const question = `"${visible(step.text)}" is an action: it really happens, and nothing takes it back. Run it?`
  await confirm(question, { say: 'not run', code: 'not-started' })
}

type Tried = NonNullable<
  Awaited<ReturnType<Awaited<ReturnType<typeof import('../../app/alone.ts')['openAlone']>>['tryStep']>>
>

/** A picture is named and not written to a terminal. */
function isText(mediaType: string): boolean {
  return /^text\/|json|xml|yaml/.test(mediaType)
}

function tell(context: Context, step: StepPlan, { outcome, say, evidence, captures }: Tried): ExitCode {
  const exit = outcome === 'passed' ? 0 : 1
  const outputs = evidence.map((one) => ({
    name: one.name,
    mediaType: one.mediaType,
    bytes: one.bytes.byteLength,
    text: isText(one.mediaType) ? Buffer.from(one.bytes).toString('utf8') : '',
  }))
  if (context.json) {
    printJson(context, { step: step.id, outcome, say, captures, outputs })
    return exit
  }
  for (const one of outputs) {
    if (one.bytes === 0) continue
    context.out(`── ${visible(one.name)}${isText(one.mediaType) ? '' : `  ${one.mediaType}, ${one.bytes} bytes`}`)
    if (one.text === '') continue
    for (const line of one.text.replace(/\n$/, '').split('\n')) context.out(visible(line))
  }
  for (const [name, value] of Object.entries(captures)) context.out(visible(`${name} = ${value}`))
  const { icon, tone } = signs[outcome]
  const line: Line = [[`${icon} ${outcome}`, tone], `  ${step.text}: ${say}`]
  const paper = { ...context.paper(), width: Number.POSITIVE_INFINITY }
  for (const row of foldLine(line, context.fold())) context.out(paint(row, paper))
  context.err('nothing was recorded')
  return exit
}
