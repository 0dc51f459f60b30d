/** What a run of a check keeps for the next one of its step, in the store: it is there also after the death of the engine. */
import type { Clock } from '../core/ports/clock.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import type { Store } from '../core/ports/store.ts'
import type { Json } from '../core/units.ts'
import { stepOfAttempt } from './command-request.ts'
import type { SecretVault } from './secret-vault.ts'

export interface Keeper {
  /** null = nothing. */
  read(context: Pick<EffectContext, 'state' | 'attempt'>): Promise<Json | null>
  /** null = it is not needed any more. */
  write(context: Pick<EffectContext, 'state' | 'attempt'>, value: Json | null): Promise<void>
}

const SHELF = 'kept-by-checks'
/** A release that is not over by then has other worries. */
const KEPT_MS = 30 * 86_400_000

export function createKeeper(
  store: Pick<Store, 'getEntry' | 'putEntry'>,
  clock: Pick<Clock, 'now'>,
  vault: Pick<SecretVault, 'redactor'>,
): Keeper {
  return {
    async read({ state, attempt }) {
      const key = keyOf(state, attempt)
      const entry = key === null ? null : await store.getEntry(SHELF, key)
      return entry === null ? null : (JSON.parse(entry.json) as Json)
    },
    async write({ state, attempt }, value) {
      const key = keyOf(state, attempt)
      if (key === null) return
      const json = value === null ? null : vault.redactor(state.plan).text(JSON.stringify(value))
      await store.putEntry(SHELF, key, json, { expires: clock.now() + KEPT_MS })
    },
  }
}

/** null = it belongs to no step, as where a block is tried alone. */
function keyOf(state: EffectContext['state'], attempt: string): string | null {
  const step = stepOfAttempt(state, attempt)
  return step === null ? null : `${state.id}/${step}`
}
