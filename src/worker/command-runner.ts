/** Runs the commands of actions, probes and undos through the launcher, finds them again, and says what their end means. */
import { tellingLine } from '../core/telling-line.ts'
import { never } from '../core/units.ts'
import { actionShell } from '../core/plan/action-script.ts'
import type { CheckBlock, CommandSpec, StepPlan } from '../core/plan/plan.ts'
import type { EvidenceBytes } from '../core/ports/check.ts'
import type { AttemptResult, CommandRunner, EffectContext } from '../core/ports/engine.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import type { Outcome, Purpose } from '../core/release/events.ts'
import { type CheckRunnerDeps, notStarted, performCheck } from './check-runner.ts'
import { commandRequestOf, stepOfAttempt } from './command-request.ts'
import { recordable } from './recorded.ts'

type CommandPurpose = Exclude<Purpose, 'check'>

export function createCommandRunner(deps: CheckRunnerDeps): CommandRunner {
  const { launcher } = deps
  return {
    run: async (command, purpose, context) =>
      attemptOf(await start(command, purpose, context, deps), command, purpose, context, deps),
    attach: (purpose, context) => attach(purpose, context, deps),
    cancel: (attempt) => launcher.cancel(attempt),
    forget: (attempt) => launcher.forget(attempt),
    peek: (attempt) => launcher.peek(attempt),
  }
}

async function start(
  command: CommandSpec,
  purpose: CommandPurpose,
  { state, attempt, epoch, progress }: EffectContext,
  deps: CheckRunnerDeps,
): Promise<CommandResult> {
  const now = deps.clock.now()
  const isUrgent = purpose !== 'action'
  const request = await commandRequestOf(state, command, attempt, epoch, deps, isUrgent).catch((error: unknown) => ({
    refused: words(error),
  }))
  if ('refused' in request) return notStarted(request.refused, now)
  try {
    return await deps.launcher.run({ ...request, effect: purpose === 'probe' ? 'read' : 'change' }, progress)
  } catch (error) {
    // The request may have reached the launcher, so nobody knows whether the command ran.
    return { ...notStarted(words(error), now), ended: 'lost' }
  }
}

/** What an attempt of another engine came to. A launcher that cannot be asked is no answer yet, so that fault is passed on. */
async function attach(purpose: Purpose, context: EffectContext, deps: CheckRunnerDeps): Promise<AttemptResult | null> {
  const result = await deps.launcher.attach(context.attempt, context.progress)
  if (result === null) return null
  const step = stepPlanOf(context)
  if (purpose !== 'check') {
    const command = step && commandOf(step, purpose)
    return command ? attemptOf(result, command, purpose, context, deps) : null
  }
  const check: CheckBlock | null = step?.block.word === 'check' ? step.block : null
  if (check === null) return null
  const { outcome, say, evidence, captures = {}, facts = {} } = await performCheck(check, context, result, deps)
  return { outcome, say, evidence, captures, facts, observedAt: result.endedAt }
}

function stepPlanOf({ state, attempt }: EffectContext): StepPlan | undefined {
  const id = stepOfAttempt(state, attempt)
  return id === null ? undefined : state.index.step.get(id)
}

function commandOf(step: StepPlan, purpose: CommandPurpose): CommandSpec | null {
  if (purpose === 'undo') return step.undo
  if (step.block.word !== 'run') return null
  return purpose === 'probe' ? step.block.probe : step.block.command
}

/** The one place that says what the end of a command means, whether it was watched or found again. */
function attemptOf(
  result: CommandResult,
  command: CommandSpec,
  purpose: CommandPurpose,
  context: EffectContext,
  deps: CheckRunnerDeps,
): AttemptResult {
  const { outcome, say } = meaningOf(result, command, purpose)
  const raw = {
    outcome,
    say,
    evidence: evidenceOf(result),
    captures: result.output,
    facts: {
      ...(result.exitCode === null ? {} : { exit: result.exitCode }),
      ...(result.ended === 'not-started' ? { notStarted: true } : {}),
      ...(result.ended === 'lost' ? { lost: true } : {}),
    },
  }
  return { ...recordable(raw, command, deps.vault.redactor(context.state.plan)), observedAt: result.endedAt }
}

interface Meaning {
  readonly outcome: Outcome
  readonly say: string
}

function meaningOf(result: CommandResult, command: CommandSpec, purpose: CommandPurpose): Meaning {
  // Dead without an end of its own: whether an action took effect nobody can tell; a reading probe just has no answer.
  const unclear: Outcome = purpose === 'probe' ? 'inconclusive' : 'unknown'
  switch (result.ended) {
    case 'not-started':
      return { outcome: 'errored', say: `it was not started: ${result.why ?? 'no reason given'}` }
    case 'lost':
      return { outcome: unclear, say: `the launcher lost track of it${result.why === null ? '' : `: ${result.why}`}` }
    case 'followed':
    case 'timeout':
      return { outcome: unclear, say: `it did not end within ${command.timeoutMs / 1_000} s and was stopped` }
    case 'cancelled':
      return { outcome: unclear, say: 'it was stopped before it ended' }
    case 'exit':
      return command.shell === actionShell ? actionMeaning(result, purpose) : exitMeaning(result, purpose)
    default:
      return never(result.ended, 'meaningOf')
  }
}

function exitMeaning(result: CommandResult, purpose: CommandPurpose): Meaning {
  if (result.exitCode === null) {
    const outcome = purpose === 'probe' ? 'inconclusive' : 'failed'
    return { outcome, say: `it was killed by ${result.signal ?? 'a signal'}${lastLine(result)}` }
  }
  const took = `${Math.max(0, result.endedAt - result.startedAt) / 1_000} s`
  const detail = result.exitCode === 0 ? '' : lastLine(result)
  if (purpose === 'probe') return probeMeaning(result.exitCode, detail)
  if (result.exitCode === 0) return { outcome: 'passed', say: `exit 0 in ${took}` }
  return { outcome: 'failed', say: `exit ${result.exitCode}, expected 0${detail}` }
}

/** An action of a kind says itself what it did, or why it did not. */
function actionMeaning(result: CommandResult, purpose: CommandPurpose): Meaning {
  if (result.exitCode === null || result.exitCode > 1) return exitMeaning(result, purpose)
  const isDone = result.exitCode === 0
  if (purpose === 'probe')
    return { outcome: isDone ? 'passed' : 'failed', say: isDone ? 'it was read back' : 'read back, it is not so' }
  const said = tellingLine(new TextDecoder().decode(isDone ? result.stdout : result.stderr))
  return { outcome: isDone ? 'passed' : 'failed', say: said === '' ? 'it says nothing' : said }
}

function probeMeaning(exit: number, detail: string): Meaning {
  if (exit === 0) return { outcome: 'passed', say: 'the probe says that it is done' }
  if (exit === 1) return { outcome: 'failed', say: `the probe says that it is not done${detail}` }
  return {
    outcome: 'inconclusive',
    say: `the probe cannot tell: exit ${exit}, expected 0 (done) or 1 (not done)${detail}`,
  }
}

function lastLine(result: CommandResult): string {
  const text = new TextDecoder().decode(result.stderr.length > 0 ? result.stderr : result.stdout)
  const line = tellingLine(text)
  return line === '' ? '' : `: ${line}`
}

function evidenceOf({ stdout, stderr, truncated }: CommandResult): readonly EvidenceBytes[] {
  const piece = (name: string, bytes: Uint8Array): readonly EvidenceBytes[] =>
    bytes.length === 0 ? [] : [{ name, mediaType: 'text/plain; charset=utf-8', bytes, truncated }]
  return [...piece('stdout.txt', stdout), ...piece('stderr.txt', stderr)]
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
