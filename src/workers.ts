/** Wires the engine's hands: the launcher, and whatever runs checks, moves traffic, reads numbers and sends messages. */
import type { Config } from './config/config.ts'
import type { Kinds } from './core/plan/compile.ts'
import type { Clock } from './core/ports/clock.ts'
import type { EnginePorts } from './core/ports/engine.ts'
import { createCheckRunner } from './worker/check-runner.ts'
import { createCommandRunner } from './worker/command-runner.ts'
import { connectLauncher } from './worker/launcher-client.ts'
import { createMessenger } from './worker/messenger.ts'
import { createMetricSources } from './worker/metric-sources.ts'
import { createObserver } from './worker/observer.ts'
import { createOutbound } from './worker/outbound.ts'
import { createSecretVault } from './worker/secret-vault.ts'
import { createTrafficMover } from './worker/traffic-mover.ts'

export interface Workers {
  readonly ports: Omit<EnginePorts, 'store' | 'clock' | 'judge'>
  readonly lend: (secrets: Readonly<Record<string, string>>) => Promise<void>
  readonly close: () => void
}

export async function openWorkers(
  config: Config,
  kinds: Kinds,
  clock: Clock,
  log: (line: string) => void,
): Promise<Workers> {
  const environment = process.env
  const launcher = await connectLauncher({ directory: config.launcherHome, node: process.execPath })
  const vault = createSecretVault(environment)
  const outbound = createOutbound()
  const metrics = createMetricSources({ clock, outbound, vault, sources: kinds.sources })
  const runners = { launcher, checks: kinds.checks, environment, clock, outbound, vault, metric: metrics.metric }
  const movers = { clock, outbound, vault, launcher, environment, drivers: kinds.drivers }
  const checks = createCheckRunner(runners)
  return {
    ports: {
      launcher,
      checks,
      commands: createCommandRunner(runners),
      observer: createObserver({ ...movers, metrics, checks }),
      traffic: createTrafficMover(movers),
      messenger: createMessenger({ notifiers: kinds.notifiers, clock, outbound, vault, console: log }),
    },
    lend: async (secrets) => {
      vault.lend(secrets)
      await launcher.lend(secrets)
    },
    close: () => {
      outbound.close()
      launcher.close()
    },
  }
}
