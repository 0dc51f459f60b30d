/** Puts the two ends of the queue together: the engine's launcher and what workers may do. */
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import type { WorkPool } from '../../core/ports/work.ts'
import type { Millis } from '../../core/units.ts'
import { KnownWorkers } from './known-workers.ts'
import { PoolLauncher } from './pool-launcher.ts'
import { Shelves } from './shelves.ts'
import { StorePatience } from './store-patience.ts'
import { Wakes } from './wakes.ts'
import { StoreWorkPool } from './work-pool.ts'

export const LEASE_MS: Millis = 30_000
const POLL_MS: Millis = 500

export interface PoolOptions {
  readonly leaseMs?: Millis
  readonly pollMs?: Millis
  /** Environments whose commands run on the server itself. */
  readonly runsHere?: (environment: string) => boolean
}

export interface Pool {
  readonly launcher: PoolLauncher
  readonly work: WorkPool
  /** Who waits is told that this process ends; commands go on. */
  readonly close: () => void
}

export function createPool(store: Store, clock: Clock, options: PoolOptions = {}): Pool {
  const closing = new AbortController()
  const { leaseMs = LEASE_MS, pollMs = POLL_MS } = options
  const parts = {
    shelves: new Shelves(store, clock),
    wakes: new Wakes(clock),
    clock,
    patience: new StorePatience(clock, Math.max(2 * pollMs, leaseMs / 3), closing.signal),
    leaseMs,
    pollMs,
    closing: closing.signal,
  }
  const known = new KnownWorkers(store, clock)
  return {
    launcher: new PoolLauncher(parts),
    work: new StoreWorkPool({ ...parts, known, runsHere: options.runsHere ?? (() => false) }),
    close: () => closing.abort(),
  }
}
