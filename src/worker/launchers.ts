/** The engine's launcher where some commands run on this machine and others with workers: each goes to its own. */
import type { CommandPlace, CommandRequest, CommandResult, Launcher, Telling } from '../core/ports/launcher.ts'
import type { PoolLauncher } from './pool/pool-launcher.ts'

export interface LaunchersParts {
  readonly local: Launcher
  readonly pool: PoolLauncher
  /** Environments whose commands run on this machine. */
  readonly runsHere: (environment: string) => boolean
  /** Whether commands may ever have run on this machine: else its launcher is not asked, and not started for it. */
  readonly wasUsed: () => boolean
  /** Commands that go forward on this machine at once; what leads back waits for nobody. */
  readonly jobs: number
}

type Home = 'local' | 'pool'

export function createLaunchers({ local, pool, runsHere, wasUsed, jobs }: LaunchersParts): Launcher {
  const places = new Places(jobs)
  /** Of attempts in hand here; any other has to be looked for. */
  const homes = new Map<string, Home>()
  const homeOf = (place: CommandPlace | undefined): Home =>
    place === undefined || runsHere(place.environment) ? 'local' : 'pool'
  const at = (home: Home): Launcher => (home === 'local' ? local : pool)

  return {
    async run(request: CommandRequest, tell?: Telling): Promise<CommandResult> {
      const home = homeOf(request.place)
      homes.set(request.attempt, home)
      if (home === 'pool') return pool.run(request, tell)
      const place = request.place?.isUrgent === true ? null : await places.take()
      try {
        return await local.run(request, tell)
      } finally {
        place?.()
      }
    },
    async attach(attempt: string, tell?: Telling): Promise<CommandResult | null> {
      const home = homes.get(attempt) ?? ((await pool.knows(attempt)) ? 'pool' : null)
      if (home !== null) homes.set(attempt, home)
      if (home === 'pool') return pool.attach(attempt, tell)
      // Set before it is known, so that it can be looked at and cancelled meanwhile.
      homes.set(attempt, 'local')
      const found = wasUsed() ? await local.attach(attempt, tell) : null
      if (found !== null) return found
      homes.delete(attempt)
      // Nobody has it: from here on neither of them starts it.
      return pool.attach(attempt, tell)
    },
    async cancel(attempt: string): Promise<void> {
      const home = homes.get(attempt)
      if (home === 'pool') return pool.cancel(attempt)
      if (home === 'local') return local.cancel(attempt)
      await Promise.all([wasUsed() ? local.cancel(attempt) : null, pool.cancel(attempt)])
    },
    async forget(attempt: string): Promise<void> {
      const home = homes.get(attempt)
      homes.delete(attempt)
      if (home !== 'pool' && wasUsed()) await local.forget(attempt)
      if (home !== 'local') await pool.forget(attempt)
    },
    peek: (attempt) => {
      const home = homes.get(attempt)
      return home === undefined ? Promise.resolve('') : at(home).peek(attempt)
    },
    lend: (secrets) => local.lend(secrets),
    isElsewhere: (place) => homeOf(place) === 'pool',
  }
}

/** First come, first served. */
class Places {
  readonly #waiting: (() => void)[] = []
  #left: number

  constructor(places: number) {
    this.#left = places
  }

  /** Resolves with how to give it back. */
  async take(): Promise<() => void> {
    if (this.#left > 0) this.#left -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return () => this.#give()
  }

  #give(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#left += 1
    else next()
  }
}
