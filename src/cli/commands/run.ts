/** `run`: starts a release from a checklist or a kept plan, and attends it. */
import { attend } from '../attend/attend.ts'
import { refusal } from '../ask-engine.ts'
import type { Run, Values } from '../command-entry.ts'
import type { Context } from '../context.ts'
import { loadPlan, workspaceOf } from '../document.ts'
import { environmentOf, environmentToLend, inputsOf, secretsToLend } from '../inputs.ts'
import { planSummary } from '../plan-text.ts'
import { problemText } from '../problem-text.ts'
import { paint } from '../terminal/line.ts'
import { duration, flag, list, text } from '../values.ts'
import type { Plan } from '../../core/plan/plan.ts'

const DEFAULT_WAIT = '1m'

export const run: Run = async (context, words, options) => {
  const [file = ''] = words
  const patience = patienceOf(options)
  const { plan, body, root, problems } = await loadPlan(file)
  for (const problem of problems) context.err(problemText(problem))
  const version = text(options, 'version') ?? ''
  const environment = environmentOf(plan, text(options, 'env'))
  const inputs = inputsOf(plan, list(options, 'set'))
  if (context.interactive && !flag(options, 'yes'))
    await confirmStart(context, plan, version, environment, flag(options, 'dryRun'))
  const client = await context.client()
  const secrets = secretsToLend(plan, process.env)
  if (Object.keys(secrets).length > 0) await client.lend(secrets)
  const started = await client.start({
    document: body,
    version,
    previous: text(options, 'previous'),
    environment,
    inputs,
    workspace: await workspaceOf(root),
    artefact: text(options, 'artefact'),
    supersede: flag(options, 'supersede'),
    rehearsal: flag(options, 'dryRun'),
    idempotencyKey: null,
    env: environmentToLend(plan, process.env),
  })
  if (started.kind === 'refused') throw refusal(started)
  return attend(context, client, started.release, { ...patience, after: 0 })
}

/** How long to stay, and where events go: shared with `release watch`. */
export function patienceOf(options: Values): {
  until: 'released' | 'closed'
  waitMs: number
  eventsFile: string | null
} {
  return {
    until: text(options, 'until') === 'closed' ? 'closed' : 'released',
    waitMs: duration(text(options, 'wait') ?? DEFAULT_WAIT, '--wait'),
    eventsFile: text(options, 'events'),
  }
}

async function confirmStart(
  context: Context,
  plan: Plan,
  version: string,
  environment: string,
  rehearsal: boolean,
): Promise<void> {
  for (const line of planSummary(plan)) context.out(paint(line, context.paper()))
  const { confirm } = await import('../ask-line.ts')
  const what = rehearsal
    ? `Rehearse ${plan.service} ${version} → ${environment}`
    : `Release ${plan.service} ${version} → ${environment}`
  await confirm(`${what}?`, { say: 'not started', code: 'not-started' })
}
