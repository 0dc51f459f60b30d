/** A running release of a small checklist, for tests of what works for it. */
import { z } from 'zod'
import { compile, type Kinds } from '../core/plan/compile.ts'
import type { CheckDefinition } from '../core/ports/check.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import type { CommandRequest, CommandResult, Launcher } from '../core/ports/launcher.ts'
import type { NotifierDefinition } from '../core/ports/notify.ts'
import { decide } from '../core/release/decide.ts'
import type { Actor, Purpose } from '../core/release/events.ts'
import { evolve } from '../core/release/evolve.ts'
import type { ReleaseCommand } from '../core/release/commands.ts'
import type { ReleaseState } from '../core/release/state.ts'

export interface ReleaseOptions {
  readonly frontMatter?: string
  readonly steps: string
  readonly root?: string
  readonly environment?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly checks?: readonly CheckDefinition<never>[]
  readonly notifiers?: readonly NotifierDefinition<never>[]
}

export function releaseOf(options: ReleaseOptions): ReleaseState {
  const text = `---\nholdpoint: 1\nname: Test\nservice: shop\n${options.frontMatter ?? ''}\n---\n## Checks\n${options.steps}\n`
  const { plan, problems } = compile(
    { file: 'release.md', bytes: new TextEncoder().encode(text), shared: null },
    kindsOf(options),
  )
  if (!plan) throw new Error(JSON.stringify(problems, null, 2))
  return apply(null, {
    kind: 'StartRelease',
    release: 'r1',
    plan,
    version: '1.2.3',
    previous: '1.2.2',
    environment: options.environment ?? Object.keys(plan.environments)[0] ?? 'production',
    inputs: options.inputs ?? {},
    workspace: { root: options.root ?? '/', commit: 'abc', dirty: false },
    artefact: null,
    superseded: null,
    rehearsal: false,
  })
}

/** The same release with an attempt begun, and the attempt's id. */
export function attempting(
  state: ReleaseState,
  step: string,
  purpose: Purpose,
): { state: ReleaseState; attempt: string } {
  const begun = apply(state, { kind: 'BeginAttempt', step, purpose, epoch: 1 })
  const attempt = begun.steps.get(step)?.attempts.at(-1)?.id
  if (attempt === undefined) throw new Error(`no attempt of ${step} was begun`)
  return { state: begun, attempt }
}

export function contextFor(
  state: ReleaseState,
  attempt = 'r1/step/1',
  signal: AbortSignal = new AbortController().signal,
): EffectContext {
  return { state, attempt, epoch: 1, signal, progress: () => {} }
}

/** Answers every command the same way, and remembers what it was asked. */
export function fakeLauncher(
  answer: Partial<CommandResult> | (() => Promise<CommandResult>),
): Launcher & { readonly asked: CommandRequest[] } {
  const asked: CommandRequest[] = []
  const result = (): Promise<CommandResult> =>
    typeof answer === 'function' ? answer() : Promise.resolve(ended(answer))
  return {
    asked,
    run: (request) => {
      asked.push(request)
      return result()
    },
    attach: (attempt) => (attempt.endsWith('gone') ? Promise.resolve(null) : result()),
    cancel: () => Promise.resolve(),
    forget: () => Promise.resolve(),
    peek: () => Promise.resolve(''),
    lend: () => Promise.resolve(),
  }
}

export function ended(overrides: Partial<CommandResult> = {}): CommandResult {
  const nothing = new Uint8Array(0)
  return {
    ended: 'exit',
    exitCode: 0,
    signal: null,
    stdout: nothing,
    stderr: nothing,
    truncated: false,
    output: {},
    startedAt: 1_000,
    endedAt: 2_000,
    why: null,
    ...overrides,
  }
}

const ana: Actor = { id: 'ana', kind: 'person', assurance: 'claimed' }
const engine: Actor = { id: 'engine', kind: 'engine', assurance: 'engine' }

function apply(before: ReleaseState | null, command: ReleaseCommand): ReleaseState {
  const actor = command.kind === 'StartRelease' ? ana : engine
  const decision = decide(before, command, { now: 1_000, actor })
  if (decision.kind === 'refused') throw new Error(`${decision.code}: ${decision.reason}`)
  let state = before
  for (const event of decision.events)
    state = evolve(state, { version: (state?.version ?? 0) + 1, at: 1_000, by: actor, event })
  if (!state) throw new Error('nothing happened')
  return state
}

function kindsOf({ checks = [], notifiers = [] }: ReleaseOptions): Kinds {
  const loose = { config: z.looseObject({}), summary: '', example: '' }
  return {
    checks: new Map(checks.map((check) => [check.kind, check])),
    sources: new Map([['prometheus', { ...loose, kind: 'prometheus', timeoutMs: 1_000 } as never]]),
    drivers: new Map(),
    notifiers: new Map(notifiers.map((notifier) => [notifier.kind, notifier])),
  }
}
