/** Wires the engine's hands: the launcher, and whatever runs checks, moves traffic, reads numbers and sends messages. */
import { existsSync } from 'node:fs'
import { askDatabase } from '../checks/sql-query/database.ts'
import type { Config } from '../config/config.ts'
import type { Kinds } from '../core/plan/compile.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { EnginePorts } from '../core/ports/engine.ts'
import type { Store } from '../core/ports/store.ts'
import type { WorkPool } from '../core/ports/work.ts'
import { createCheckRunner } from '../worker/check-runner.ts'
import { createCommandRunner } from '../worker/command-runner.ts'
import { createLaunchers } from '../worker/launchers.ts'
import { type Confinement, unconfined } from '../worker/launcher/confinement.ts'
import { connectLauncher } from '../worker/launcher-client.ts'
import { lazyLauncher } from '../worker/lazy-launcher.ts'
import { createLentEnvironment } from '../worker/lent-environment.ts'
import { createMessenger } from '../worker/messenger.ts'
import { createKeeper } from '../worker/kept-for-next.ts'
import { createMetricSources } from '../worker/metric-sources.ts'
import { createObserver } from '../worker/observer.ts'
import { createPool } from '../worker/pool/pool.ts'
import { createOutbound } from '../worker/outbound.ts'
import { createFollowUpReader } from '../worker/follow-ups.ts'
import { createRosterReader } from '../worker/roster/reader.ts'
import { createReportedReader } from '../worker/reported.ts'
import { createSecretVault } from '../worker/secret-vault.ts'
import { createTrafficMover } from '../worker/traffic-mover.ts'
import { withSecrets } from '../worker/with-secrets.ts'

export interface Workers {
  readonly ports: Omit<EnginePorts, 'store' | 'clock' | 'judge'>
  /** Commands for workers in other networks. */
  readonly work: WorkPool
  /** Commands that the engine lets run at once. */
  readonly jobs: number
  readonly lend: (secrets: Readonly<Record<string, string>>) => Promise<void>
  readonly lendEnvironment: (release: string, values: Readonly<Record<string, string>>) => void
  /** Messages lead to the pages at this address from now on. */
  readonly servedAt: (address: string) => void
  /** Where people reach the pages; undefined = nowhere, or not yet. */
  readonly address: () => string | undefined
  /** The launcher may end when its commands have. */
  readonly retire: () => Promise<void>
  readonly close: () => void
}

/** With workers their places decide how much runs at once; a command that waits for one holds up nothing here. */
const MOST_JOBS = 10_000

export function openWorkers(
  config: Config,
  kinds: Kinds,
  store: Store,
  clock: Clock,
  log: (line: string) => void,
  confinement: Confinement = unconfined,
): Workers {
  const local = lazyLauncher(() =>
    connectLauncher({ directory: config.launcherHome, node: process.execPath, confinement }),
  )
  const { localEnvironments } = config
  const runsHere = (environment: string) => localEnvironments?.includes(environment) ?? true
  const pool = createPool(store, clock, { leaseMs: config.workerLeaseMs, runsHere })
  const wasUsed = () => localEnvironments?.length !== 0 || existsSync(config.launcherHome)
  const launcher = createLaunchers({
    local,
    pool: pool.launcher,
    runsHere,
    wasUsed,
    jobs: localEnvironments === null ? Infinity : config.jobs,
  })
  let address: string | undefined
  const vault = createSecretVault(process.env)
  const lent = createLentEnvironment()
  const outbound = createOutbound()
  const isApart = confinement.user !== null
  const shared = { clock, outbound, vault, launcher, environment: lent.of, isApart }
  const metrics = createMetricSources({ ...shared, sources: kinds.sources, database: askDatabase })
  const reported = createReportedReader(store)
  const followUps = createFollowUpReader(store)
  const running = {
    ...shared,
    checks: kinds.checks,
    metric: metrics.metric,
    series: metrics.series,
    reported,
    followUps,
    keeper: createKeeper(store, clock, vault),
  }
  const checks = createCheckRunner(running)
  return {
    ports: withSecrets(vault, {
      launcher,
      checks,
      commands: createCommandRunner(running),
      observer: createObserver({ ...shared, drivers: kinds.drivers, metrics, checks }),
      traffic: createTrafficMover({ ...shared, drivers: kinds.drivers }),
      messenger: createMessenger({
        notifiers: kinds.notifiers,
        clock,
        outbound,
        vault,
        console: log,
        address: () => address,
      }),
      roster: createRosterReader({ clock, outbound, vault }),
    }),
    work: pool.work,
    jobs: localEnvironments === null ? config.jobs : MOST_JOBS,
    lend: async (secrets) => {
      vault.lend(secrets)
      await launcher.lend(secrets)
    },
    lendEnvironment: lent.lend,
    address: () => address,
    servedAt: (reached) => {
      address = reached
    },
    retire: () => local.retire(),
    close: () => {
      outbound.close()
      pool.close()
      local.close()
    },
  }
}
