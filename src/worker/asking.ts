/** Asks for `doctor` whether what a check or an action needs can be reached: commands only read, nothing is recorded. */
import { actionShell, type ActionScript, actionScriptOf, textsOf } from '../core/plan/action-script.ts'
import type { CheckBlock, CommandSpec } from '../core/plan/plan.ts'
import { renderTemplate } from '../core/plan/template.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import { variablesOf } from '../core/release/values.ts'
import { tellingLine } from '../core/telling-line.ts'
import type { Json } from '../core/units.ts'
import { type CheckRunnerDeps, definitionOf, startPart } from './check-runner.ts'
import { powersOf } from './powers.ts'
import { sentence } from './recorded.ts'

export interface AskedStep {
  /** `later` = it cannot be told before the release runs. */
  readonly level: 'ok' | 'bad' | 'later'
  readonly say: string
}

/** null = there is nothing to ask. Never throws. */
export async function askCheck(
  check: CheckBlock,
  context: EffectContext,
  deps: CheckRunnerDeps,
): Promise<AskedStep | null> {
  const definition = definitionOf(check.kind, deps.checks)
  const config = definition?.config.safeParse(check.config)
  if (!definition?.probe || !config?.success) return null
  // Whoever is let in here is no answer to it, and who is not has to be refused by the service itself.
  if (check.config['refused'] === true) return { level: 'later', say: 'asked when it runs: it has to refuse' }
  let begun = 0
  const command: Parameters<typeof powersOf>[3]['command'] = (one) => {
    begun += 1
    return startPart({ ...one, part: 'forward' }, begun, context, deps)
  }
  const powers = (): ReturnType<typeof powersOf> =>
    powersOf(definition, check, context, { signal: context.signal, command }, deps)
  const answer = await told(async () => definition.probe?.(config.data, powers()) ?? null)
  if (answer === null) return null
  const say = sentence(deps.vault.redactor(context.state.plan).text(answer.say))
  return answer.ok ? { level: 'ok', say } : (waitsFor(check.config, context) ?? { level: 'bad', say })
}

/** An action of a kind; null = it is a script of the checklist's own, which nobody starts just to ask. */
export async function askAction(
  command: CommandSpec,
  context: EffectContext,
  deps: CheckRunnerDeps,
): Promise<AskedStep | null> {
  if (command.shell !== actionShell) return null
  const action = JSON.parse(command.script) as ActionScript
  const waiting = waitsFor(action.config, context)
  if (waiting !== null) return waiting
  const script = actionScriptOf({ ...action, mode: 'ask' })
  const timeoutMs = Math.min(command.timeoutMs, askWithinMs)
  const end = await startPart({ ...command, script, timeoutMs, part: 'forward' }, 1, context, deps)
  const { level, say } = actionAnswer(end)
  return { level, say: sentence(deps.vault.redactor(context.state.plan).text(say)) }
}

const askWithinMs = 30_000

/** As the process of an action tells it: 0 it can be done, 1 it cannot, 2 nobody knows yet. */
function actionAnswer({ ended, exitCode, why, stdout, stderr }: CommandResult): AskedStep {
  if (ended !== 'exit') return { level: 'bad', say: why ?? 'it did not answer in time' }
  const words = tellingLine(new TextDecoder().decode(exitCode === 0 ? stdout : stderr))
  if (exitCode === 0) return { level: 'ok', say: words }
  return exitCode === 2 ? { level: 'later', say: `not yet: ${words}` } : { level: 'bad', say: words }
}

function waitsFor(config: Readonly<Record<string, Json>>, { state }: EffectContext): AskedStep | null {
  const variables = variablesOf(state)
  const missing = textsOf(config)
    .flatMap((text) => renderTemplate(text, variables, 'none').missing)
    // No step gives these.
    .filter((name) => !/^(?:secret|totp)\./.test(name))
  return missing[0] === undefined
    ? null
    : { level: 'later', say: `known when it runs: {{ ${missing[0]} }} comes from an earlier step` }
}

/** Whatever goes wrong while asking is the answer. */
async function told(
  question: () => Promise<{ ok: boolean; say: string } | null>,
): Promise<{ ok: boolean; say: string } | null> {
  try {
    return await question()
  } catch (fault) {
    return { ok: false, say: fault instanceof Error ? fault.message : String(fault) }
  }
}
