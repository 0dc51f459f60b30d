/** What lists say of a release beside its line: what it was made from, and its way back. Of one that has ended it never changes. */
import type { ReleaseSummary } from '../core/ports/store.ts'
import type { RollbackCause } from '../core/release/events.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { Millis } from '../core/units.ts'
import type { ApiDeps } from './deps.ts'

const MOST_ORIGINS = 5_000

export interface Origin {
  /** sha-256 of the document. */
  readonly sha256: string
  /** Nothing was changed: actions and traffic did not run. */
  readonly rehearsal: boolean
  /** Title of the drill; null = it is none. */
  readonly drill: string | null
  /** null = it was not taken back. */
  readonly back: {
    readonly why: string
    readonly cause: RollbackCause
    readonly by: string
    readonly startedAt: number
    /** null = not finished, or it failed. */
    readonly tookMs: Millis | null
    readonly failed: string | null
  } | null
}

export class Origins {
  readonly #deps: Pick<ApiDeps, 'engine'>
  readonly #kept = new Map<string, Origin>()

  constructor(deps: Pick<ApiDeps, 'engine'>) {
    this.#deps = deps
  }

  /** null = it is not there. */
  async of({ id, open }: Pick<ReleaseSummary, 'id' | 'open'>): Promise<Origin | null> {
    const kept = this.#kept.get(id)
    if (kept !== undefined) return kept
    const state = await this.#deps.engine.state(id)
    if (state === null) return null
    const { rehearsal, plan } = state
    const origin = { sha256: plan.source.sha256, rehearsal, drill: plan.drill?.title ?? null, back: backOf(state) }
    if (!open) this.#keep(id, origin)
    return origin
  }

  #keep(id: string, origin: Origin): void {
    this.#kept.set(id, origin)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_ORIGINS) break
      this.#kept.delete(oldest)
    }
  }
}

function backOf({ rollback }: ReleaseState): Origin['back'] {
  if (rollback === null) return null
  const { why, cause, by, startedAt, finishedAt, failed } = rollback
  return { why, cause, by, startedAt, tookMs: finishedAt === null ? null : finishedAt - startedAt, failed }
}
