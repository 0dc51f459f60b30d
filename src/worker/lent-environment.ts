/** Values of the names under `env:`, lent by the terminal that runs a release; kept in memory, for that release alone. */
import { setTimeout as sleep } from 'node:timers/promises'

export type Environment = Readonly<Record<string, string | undefined>>

export interface LentEnvironment {
  /** What was lent to a release before stays as it is: only names that it does not have yet are added. */
  readonly lend: (release: string, values: Readonly<Record<string, string>>) => void
  /** What was lent to a release. An engine that has just been started gives its terminal a moment to lend. */
  readonly of: (release: string) => Promise<Environment>
}

const patienceMs = 5_000

export function createLentEnvironment(patience = patienceMs): LentEnvironment {
  const lent = new Map<string, Readonly<Record<string, string>>>()
  const firsts = new Map<string, PromiseWithResolvers<void>>()
  const patienceEnds = sleep(patience, undefined, { ref: false })
  const firstOf = (release: string): PromiseWithResolvers<void> => {
    const first = firsts.get(release) ?? Promise.withResolvers<void>()
    firsts.set(release, first)
    return first
  }
  return {
    lend: (release, values) => {
      lent.set(release, { ...values, ...lent.get(release) })
      firsts.get(release)?.resolve()
      firsts.delete(release)
    },
    of: async (release) => {
      if (!lent.has(release)) await Promise.race([patienceEnds, firstOf(release).promise])
      return lent.get(release) ?? {}
    },
  }
}
