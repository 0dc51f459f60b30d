/** `release approve`: shows what is signed, then signs exactly that; or confirms a dangerous action. */
import { askEngine } from '../ask-engine.ts'
import type { Run } from '../command-entry.ts'
import type { Context } from '../context.ts'
import { findStep, findTarget } from '../release-argument.ts'
import type { ReleaseView, StepView } from '../../report/view.ts'
import { visible } from '../terminal/text.ts'
import { flag, text } from '../values.ts'

export const approve: Run = async (context, words, options) => {
  const client = await context.client()
  const { view, rest } = await findTarget(client, words, 1)
  const step = findStep(view, rest[0], ['approve', 'confirm'])
  // What is signed is what was shown, so a change in between refuses the signature.
  const digest = text(options, 'digest') ?? step.asks?.digest ?? null
  if (context.interactive && !flag(options, 'yes') && step.word === 'approve') await confirmSigning(context, view, step)
  const role = text(options, 'role')
  const command = {
    kind: 'Approve',
    step: step.id,
    role,
    digest,
    typed: text(options, 'confirm'),
    note: text(options, 'note'),
  } as const
  return askEngine(context, client, view, command, text(options, 'sign'))
}

async function confirmSigning(context: Context, view: ReleaseView, step: StepView): Promise<void> {
  for (const line of signedLines(view, step)) context.out(line)
  const { confirm } = await import('../ask-line.ts')
  await confirm(`Sign this as ${context.as ?? context.config.user}?`, { say: 'not signed', code: 'not-signed' })
}

/** What a signature covers, for reading before signing. */
export function signedLines(view: ReleaseView, step: StepView): readonly string[] {
  const signs = step.asks?.signs ?? []
  return [
    `${visible(step.text)}: you sign this for ${visible(view.release)}`,
    ...signs.map((line) => `  ${visible(line)}`),
    `  digest ${step.asks?.digest ?? 'none'}`,
  ]
}

/** `release acknowledge`: shows what is taken over, then takes over exactly that. */
export const acknowledge: Run = async (context, words, options) => {
  const client = await context.client()
  const { view, rest } = await findTarget(client, words, 1)
  const step = findStep(view, rest[0], ['handover'])
  if (context.interactive && !flag(options, 'yes')) await confirmTakingOver(context, view, step)
  const command = {
    kind: 'Acknowledge',
    step: step.id,
    role: text(options, 'role'),
    digest: text(options, 'digest') ?? step.asks?.digest ?? null,
    note: text(options, 'note'),
  } as const
  return askEngine(context, client, view, command, text(options, 'sign'))
}

async function confirmTakingOver(context: Context, view: ReleaseView, step: StepView): Promise<void> {
  context.out(`${visible(step.text)}: you take this over for ${visible(view.release)}`)
  for (const line of step.asks?.signs ?? []) context.out(`  ${visible(line)}`)
  const { confirm } = await import('../ask-line.ts')
  await confirm(`Take over as ${context.as ?? context.config.user}?`, { say: 'not taken over', code: 'not-signed' })
}
