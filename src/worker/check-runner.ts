/** Runs checks of every kind: config, time, powers, and a result fit to be recorded. Whatever goes wrong is `errored`, never a pass. */
import type { CheckBlock } from '../core/plan/plan.ts'
import type { CheckDefinition, CheckResult } from '../core/ports/check.ts'
import type { CheckRunner, EffectContext } from '../core/ports/engine.ts'
import type { CommandResult, Launcher } from '../core/ports/launcher.ts'
import { type CommandToRun, commandRequestOf } from './command-request.ts'
import type { Environment } from './lent-environment.ts'
import { type PowerDeps, type PowerRun, powersOf } from './powers.ts'
import { knownOutcome, recordable } from './recorded.ts'

export interface CheckRunnerDeps extends PowerDeps {
  readonly launcher: Launcher
  readonly checks: ReadonlyMap<string, CheckDefinition<never>> | readonly CheckDefinition<never>[]
  /** What was lent to a release, of which its plan names what commands see. */
  readonly environment: (release: string) => Promise<Environment>
}

/** How long a check may take to clean up after its time is over. */
const goodbyeMs = 15_000

export function createCheckRunner(deps: CheckRunnerDeps): CheckRunner {
  return {
    run: (check, context) => performCheck(check, context, null, deps),
  }
}

/** One check, with its command either started or, where `found` is its result, found again: both give the same result for the same bytes. */
export async function performCheck(
  check: CheckBlock,
  context: EffectContext,
  found: CommandResult | null,
  deps: CheckRunnerDeps,
): Promise<CheckResult> {
  let isLost = false
  let begun = 0
  const command = async (one: CommandToRun): Promise<CommandResult> => {
    begun += 1
    const ended =
      one.part !== undefined
        ? await startPart(one, begun, context, deps)
        : (found ?? (await startCommand(one, context, deps)))
    isLost = ended.ended === 'lost'
    return ended
  }
  const result = knownOutcome(await guarded(check, context, command, deps))
  // Nobody knows what it read: it only reads, so it may be run again, a few times.
  const told = isLost && result.outcome !== 'passed' ? { ...result, facts: { ...result.facts, lost: true } } : result
  return recordable(told, check, deps.vault.redactor(context.state.plan))
}

async function guarded(
  check: CheckBlock,
  context: EffectContext,
  command: PowerRun['command'],
  deps: CheckRunnerDeps,
): Promise<CheckResult> {
  const definition = definitionOf(check.kind, deps.checks)
  if (!definition) return errored(`there is no check of the kind ${check.kind} in this engine`)
  const config = definition.config.safeParse(check.config)
  if (!config.success) return errored(`its settings are not accepted: ${firstIssue(config.error)}`)
  const end = new AbortController()
  const signal = AbortSignal.any([context.signal, end.signal])
  try {
    const run = async (): Promise<CheckResult> => {
      const powers = powersOf(definition, check, context, { signal, command }, deps)
      return definition.run(config.data, powers)
    }
    // A command's time is kept by the launcher, which outlives this process and says itself how the command ended.
    if (definition.needs.includes('command')) return await run()
    return await timed(run(), check, context, end, deps)
  } catch (error) {
    return errored(error instanceof Error ? error.message : String(error))
  } finally {
    // With a reason of our own: making the usual one, with its stack, costs as much as judging a small check.
    end.abort('the check has ended')
  }
}

/** The check's own result if it comes in time. After that it is told to stop and may still say what it saw, but not pass. */
async function timed(
  running: Promise<CheckResult>,
  check: CheckBlock,
  context: EffectContext,
  end: AbortController,
  deps: CheckRunnerDeps,
): Promise<CheckResult> {
  const settled = running.catch((error: unknown) => errored(error instanceof Error ? error.message : String(error)))
  const over = await Promise.race([settled.then(() => false), passes(check.timeoutMs, context, end.signal, deps)])
  if (!over) return settled
  end.abort()
  const late = await Promise.race([settled, deps.clock.sleep(goodbyeMs).then(() => null)])
  const why = context.signal.aborted
    ? 'it was stopped before it ended'
    : `it did not end within ${check.timeoutMs / 1_000} s`
  if (late === null) return errored(why)
  return late.outcome === 'passed' ? { ...late, outcome: 'errored', say: why } : late
}

/** Resolves true when the time is over or the release wants no more of it. Sleeps may end early, so the clock is asked again. */
async function passes(
  ms: number,
  context: EffectContext,
  done: AbortSignal,
  { clock }: CheckRunnerDeps,
): Promise<boolean> {
  const until = clock.now() + ms
  const signal = AbortSignal.any([context.signal, done])
  while (!signal.aborted && clock.now() < until) await clock.sleep(until - clock.now(), signal)
  return true
}

async function startCommand(
  command: CommandToRun,
  context: EffectContext,
  deps: CheckRunnerDeps,
): Promise<CommandResult> {
  const { state, attempt, epoch } = context
  const request = await commandRequestOf(state, command, attempt, epoch, deps)
  if ('refused' in request) return notStarted(request.refused, deps.clock.now())
  return deps.launcher.run({ ...request, effect: 'read' }, context.progress)
}

/** One of several commands of a run. An engine that takes over does not look for it: that run begins again. */
export async function startPart(
  command: CommandToRun,
  nth: number,
  context: EffectContext,
  deps: Pick<CheckRunnerDeps, 'launcher' | 'environment' | 'clock'>,
): Promise<CommandResult> {
  const { state, attempt, epoch, signal } = context
  const request = await commandRequestOf(state, command, attempt, epoch, deps)
  if ('refused' in request) return notStarted(request.refused, deps.clock.now())
  const own = `${attempt}.${nth}`
  if (signal.aborted && command.part !== 'cleanup')
    return notStarted('the release wants no more of it', deps.clock.now())
  const stop = (): void => void deps.launcher.cancel(own).catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await deps.launcher.run({ ...request, attempt: own, effect: 'read' }, context.progress)
  } finally {
    signal.removeEventListener('abort', stop)
    await deps.launcher.forget(own).catch(() => undefined)
  }
}

/** The result of a command that was refused before the launcher heard of it. */
export function notStarted(why: string, now: number): CommandResult {
  const nothing = new Uint8Array(0)
  return {
    ended: 'not-started',
    exitCode: null,
    signal: null,
    stdout: nothing,
    stderr: nothing,
    truncated: false,
    output: {},
    startedAt: now,
    endedAt: now,
    why,
  }
}

export function definitionOf(kind: string, checks: CheckRunnerDeps['checks']): CheckDefinition<never> | undefined {
  return 'get' in checks ? checks.get(kind) : checks.find((definition) => definition.kind === kind)
}

function firstIssue(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
}): string {
  const [issue] = error.issues
  if (!issue) return 'no reason given'
  const path = issue.path.map(String).join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}

function errored(say: string): CheckResult {
  return { outcome: 'errored', say, evidence: [] }
}
