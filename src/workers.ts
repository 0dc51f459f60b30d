/** Wires the engine's hands: the launcher, and whatever runs checks, moves traffic, reads numbers and sends messages. */
import type { Config } from './config/config.ts'
import type { Kinds } from './core/plan/compile.ts'
import type { Clock } from './core/ports/clock.ts'
import type { EnginePorts } from './core/ports/engine.ts'
import { createCheckRunner } from './worker/check-runner.ts'
import { createCommandRunner } from './worker/command-runner.ts'
import { connectLauncher } from './worker/launcher-client.ts'
import { lazyLauncher } from './worker/lazy-launcher.ts'
import { createLentEnvironment } from './worker/lent-environment.ts'
import { createMessenger } from './worker/messenger.ts'
import { createMetricSources } from './worker/metric-sources.ts'
import { createObserver } from './worker/observer.ts'
import { createOutbound } from './worker/outbound.ts'
import { createSecretVault } from './worker/secret-vault.ts'
import { createTrafficMover } from './worker/traffic-mover.ts'

export interface Workers {
  readonly ports: Omit<EnginePorts, 'store' | 'clock' | 'judge'>
  readonly lend: (secrets: Readonly<Record<string, string>>) => Promise<void>
  readonly lendEnvironment: (release: string, values: Readonly<Record<string, string>>) => void
  /** The launcher may end when its commands have. */
  readonly retire: () => Promise<void>
  readonly close: () => void
}

export function openWorkers(config: Config, kinds: Kinds, clock: Clock, log: (line: string) => void): Workers {
  const launcher = lazyLauncher(() => connectLauncher({ directory: config.launcherHome, node: process.execPath }))
  const vault = createSecretVault(process.env)
  const lent = createLentEnvironment()
  const outbound = createOutbound()
  const shared = { clock, outbound, vault, launcher, environment: lent.of }
  const metrics = createMetricSources({ clock, outbound, vault, sources: kinds.sources })
  const running = { ...shared, checks: kinds.checks, metric: metrics.metric }
  const checks = createCheckRunner(running)
  return {
    ports: {
      launcher,
      checks,
      commands: createCommandRunner(running),
      observer: createObserver({ ...shared, drivers: kinds.drivers, metrics, checks }),
      traffic: createTrafficMover({ ...shared, drivers: kinds.drivers }),
      messenger: createMessenger({ notifiers: kinds.notifiers, clock, outbound, vault, console: log }),
    },
    lend: async (secrets) => {
      vault.lend(secrets)
      await launcher.lend(secrets)
    },
    lendEnvironment: lent.lend,
    retire: () => launcher.retire(),
    close: () => {
      outbound.close()
      launcher.close()
    },
  }
}
