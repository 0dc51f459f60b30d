/** What the launcher is asked for a command of a release: folder, environment and secrets by reference. */
import { realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { actionShell, fillAction } from '../core/plan/action-script.ts'
import type { CommandSpec, StepPlan } from '../core/plan/plan.ts'
import type { CommandPlace, CommandRequest, Following, Launcher } from '../core/ports/launcher.ts'
import { asSeenBy, componentOf } from '../core/release/serving.ts'
import type { ReleaseState, StepState } from '../core/release/state.ts'
import { environmentOf, variablesOf } from '../core/release/values.ts'
import type { Environment } from './lent-environment.ts'

/** Output kept per stream. */
export const outputCapBytes = 1024 * 1024

export interface CommandToRun
  extends Pick<CommandSpec, 'shell' | 'script' | 'cwd' | 'timeoutMs' | 'secrets' | 'worker'> {
  /** Values for the script of a check kind, beside what every command sees. */
  readonly env?: Readonly<Record<string, string>>
  /** One of several of a run; `cleanup` also when nobody wants the check any more. */
  readonly part?: 'forward' | 'cleanup'
  /** It does not end by itself. */
  readonly follow?: Following
}

export interface RequestDeps {
  readonly launcher: Pick<Launcher, 'isElsewhere'>
  /** What was lent to a release, of which its plan names what commands see. */
  readonly environment: (release: string) => Promise<Environment>
}

/** The request, or why the command cannot be started, in words. */
export async function commandRequestOf(
  state: ReleaseState,
  command: CommandToRun,
  attempt: string,
  epoch: number,
  deps: RequestDeps,
  isUrgent = false,
): Promise<CommandRequest | { readonly refused: string }> {
  const undeclared = command.secrets.find((name) => !state.plan.secrets[name])
  if (undeclared !== undefined) return { refused: `secret ${undeclared} is not declared under secrets:` }
  const plan = stepPlanOf(state, attempt)
  const phaseEnvironment = state.plan.phases.find(({ id }) => id === plan?.phase)?.environment ?? null
  const component = plan === undefined ? null : componentOf(state, plan)
  const seen = asSeenBy(state, component)
  const place = placeOf(state, command, phaseEnvironment, isUrgent)
  const filled = scriptOf(seen, command)
  if ('refused' in filled) return filled
  const isElsewhere = deps.launcher.isElsewhere?.(place) ?? false
  const { root } = state.workspace
  const folder = isElsewhere ? folderElsewhere(root, place.folder) : folderOf(root, command.cwd)
  if ('refused' in folder) return folder
  return {
    attempt,
    epoch,
    shell: command.shell,
    script: filled.script,
    cwd: folder.path,
    env: {
      // What a terminal lent stays on this machine.
      ...(isElsewhere ? {} : await declaredEnvironment(state, deps.environment)),
      ...environmentOf(seen, attempt, epoch, phaseEnvironment),
      ...(component !== null && { HOLDPOINT_COMPONENT: component }),
      ...command.env,
    },
    secrets: Object.fromEntries(
      command.secrets.flatMap((name) => (state.plan.secrets[name] ? [[name, state.plan.secrets[name]]] : [])),
    ),
    timeoutMs: command.timeoutMs,
    outputCapBytes,
    ...(command.follow !== undefined && { follow: command.follow }),
    place,
  }
}

/** An action of a kind gets its values in its settings; a script of a shell is never written into. */
function scriptOf(
  state: ReleaseState,
  { shell, script }: CommandToRun,
): { readonly script: string } | { readonly refused: string } {
  if (shell !== actionShell) return { script }
  const isProtected = state.plan.environments[state.environment]?.protected ?? false
  const filled = fillAction(script, variablesOf(state), isProtected)
  return 'missing' in filled ? { refused: `{{ ${filled.missing} }} has no value` } : filled
}

function placeOf(
  { plan, environment, workspace }: ReleaseState,
  command: CommandToRun,
  phaseEnvironment: string | null,
  isUrgent: boolean,
): CommandPlace {
  return {
    service: plan.service,
    environment: phaseEnvironment ?? environment,
    labels: command.worker ?? plan.worker ?? [],
    folder: command.cwd === null ? '' : relative(workspace.root, resolve(workspace.root, command.cwd)),
    environmentNames: plan.env,
    isUrgent,
  }
}

/** The step that an attempt belongs to; null for an attempt that is in no step, such as a trigger's. */
export function stepOfAttempt(state: ReleaseState, attempt: string): string | null {
  // An attempt is named after its release and step. Only a guess: the step's own list decides.
  const named = attempt.slice(state.id.length + 1, attempt.lastIndexOf('/'))
  if (hasAttempt(state.steps.get(named), attempt)) return named
  for (const [id, step] of state.steps) if (hasAttempt(step, attempt)) return id
  return null
}

function hasAttempt(step: StepState | undefined, attempt: string): boolean {
  return step?.attempts.some((one) => one.id === attempt) ?? false
}

/** The step of an attempt as the checklist has it; undefined for an attempt that is in no step. */
export function stepPlanOf(state: ReleaseState, attempt: string): StepPlan | undefined {
  const step = stepOfAttempt(state, attempt)
  return step === null ? undefined : state.index.step.get(step)
}

/** A name that was not lent stays unset: what this process has under it may be another terminal's. */
async function declaredEnvironment(
  { id, plan }: ReleaseState,
  lent: (release: string) => Promise<Environment>,
): Promise<Record<string, string>> {
  if (plan.env.length === 0) return {}
  const environment = await lent(id)
  return Object.fromEntries(
    plan.env.flatMap((name) => {
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** The folder after following links, which must not lead out of the checklist's own. */
function folderOf(root: string, cwd: string | null): { readonly path: string } | { readonly refused: string } {
  const base = realPathOf(root)
  if (base === null) return { refused: `the checklist's folder ${root} does not exist` }
  const path = cwd === null ? base : realPathOf(resolve(base, cwd))
  if (path === null) return { refused: `there is no folder ${cwd} in ${root}` }
  if (!isInside(base, path)) return { refused: `cwd=${cwd} leads out of the checklist's folder` }
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  return isFolder ? { path } : { refused: `cwd=${cwd} is no folder` }
}

/** As it is written; the worker follows links in its own folder and refuses what leads out of it. */
function folderElsewhere(root: string, folder: string): { readonly path: string } | { readonly refused: string } {
  const path = join(root, folder)
  return isInside(root, path) ? { path } : { refused: `cwd=${folder} leads out of the checklist's folder` }
}

/** Asked in place: handing a look of some microseconds to another thread costs more than the look. */
function realPathOf(path: string): string | null {
  try {
    return realpathSync.native(path)
  } catch {
    return null
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith('../'))
}
