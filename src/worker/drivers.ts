/** Opens the traffic driver of a component, and hands it its powers: commands through the launcher, requests through the guard. */
import type { ComponentPlan } from '../core/plan/plan.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import type { Launcher } from '../core/ports/launcher.ts'
import type { TrafficDriver, TrafficDriverDefinition, TrafficPowers } from '../core/ports/traffic.ts'
import { asSeenBy } from '../core/release/serving.ts'
import { variablesOf } from '../core/release/values.ts'
import { notStarted } from './check-runner.ts'
import { commandRequestOf } from './command-request.ts'
import type { Environment } from './lent-environment.ts'
import type { Outbound } from './outbound.ts'
import { fillSettings, outboundFor } from './powers.ts'
import type { SecretVault } from './secret-vault.ts'

export interface DriverDeps {
  readonly clock: Clock
  readonly outbound: Outbound
  readonly vault: SecretVault
  readonly launcher: Launcher
  /** What was lent to a release, of which its plan names what commands see. */
  readonly environment: (release: string) => Promise<Environment>
  readonly drivers: ReadonlyMap<string, TrafficDriverDefinition<never>>
  /** Commands have a user of their own: with the rights of this process no file that a checklist names is opened. */
  readonly isApart?: boolean
}

/** Throws a sentence when there is no such driver or its settings are not accepted. */
export function openDriver(component: ComponentPlan, context: EffectContext, deps: DriverDeps): TrafficDriver {
  const definition = deps.drivers.get(component.driver)
  if (!definition) throw new Error(`there is no traffic driver ${component.driver} in this engine`)
  const state = asSeenBy(context.state, component.name)
  const isScript = (name: string): boolean => definition.scripts?.includes(name) ?? false
  const entries = Object.entries(component.config)
  const settings = Object.fromEntries(entries.filter(([name]) => !isScript(name)))
  const scripts = Object.fromEntries(entries.filter(([name]) => isScript(name)))
  const filled = fillSettings(settings, variablesOf(state), state.plan, deps.vault)
  const config = definition.config.safeParse({ ...filled, ...scripts })
  if (!config.success)
    throw new Error(`${component.name}: ${config.error.issues[0]?.message ?? 'its settings are not accepted'}`)
  const opened = deps.isApart === true ? (definition.opensFile?.(config.data) ?? null) : null
  if (opened !== null)
    throw new Error(
      `${component.name}: the driver ${component.driver} would open ${opened} with the rights of this server, from which HOLDPOINT_COMMAND_USER keeps checklists apart; commands do it as their own user (traffic: command)`,
    )
  return definition.open(config.data)
}

/** `id` names each command of a driver for the launcher: one that was started under the same id is found again, not started twice. */
export function trafficPowersOf(
  component: ComponentPlan,
  context: EffectContext,
  effect: 'read' | 'change',
  id: () => string,
  deps: DriverDeps,
): TrafficPowers {
  const { attempt, epoch, signal } = context
  const state = asSeenBy(context.state, component.name)
  return {
    signal,
    clock: deps.clock,
    epoch,
    attempt,
    root: state.workspace.root,
    // As they are written: what comes out of a value is not trusted as the document is.
    http: outboundFor(state, deps, deps.drivers.get(component.driver)?.addresses?.(component.config)),
    secret: (name) => deps.vault.value(state.plan, name),
    async command({ env, ...command }) {
      // A weight that waits is a weight that is wrong: commands of drivers go first, forward as well as back.
      const request = await commandRequestOf(state, { ...command, secrets: [] }, attempt, epoch, deps, true)
      if ('refused' in request) return notStarted(request.refused, deps.clock.now())
      if (signal.aborted) return notStarted('it was stopped before it began', deps.clock.now())
      return launched(
        { ...request, attempt: id(), effect, env: { ...request.env, HOLDPOINT_COMPONENT: component.name, ...env } },
        signal,
        deps.launcher,
      )
    },
  }
}

/** A command that nobody waits for any more is ended with its whole tree: it must not change a weight later. */
async function launched(
  request: Parameters<Launcher['run']>[0],
  signal: AbortSignal,
  launcher: Launcher,
): ReturnType<Launcher['run']> {
  const cancel = (): void => void launcher.cancel(request.attempt).catch(() => undefined)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await launcher.run(request)
  } finally {
    signal.removeEventListener('abort', cancel)
    // Its result lives in what the driver makes of it; the spool is of no further use.
    await launcher.forget(request.attempt).catch(() => undefined)
  }
}
