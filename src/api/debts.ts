/** What releases of one checklist let pass again and again. Of a release that has ended it never changes. */
import type { ReleaseSummary } from '../core/ports/store.ts'
import { isPractice } from '../core/release/standing.ts'
import { type Debt, debtOf, debtReleases, letPassIn, type PastRelease } from '../report/debt.ts'
import type { ApiDeps } from './deps.ts'

/** Rehearsals and other checklists of the service in between are passed over, up to here. */
const MOST_LOOKED_AT = 40
const MOST_KEPT = 5_000

/** A checklist is its service and its name: its bytes change, its debt stays. */
export interface OfChecklist {
  readonly service: string
  readonly name: string
  /** Only releases begun before this one, and not itself; absent = all. */
  readonly before?: { readonly id: string; readonly startedAt: number }
}

interface Kept extends PastRelease {
  readonly name: string
  readonly isRehearsal: boolean
}

export class Debts {
  readonly #deps: Pick<ApiDeps, 'engine' | 'store'>
  readonly #kept = new Map<string, Kept>()

  constructor(deps: Pick<ApiDeps, 'engine' | 'store'>) {
    this.#deps = deps
  }

  /** `maySee` says which releases count for whoever asks. */
  async of(
    { service, name, before }: OfChecklist,
    maySee: (summary: ReleaseSummary) => boolean,
  ): Promise<readonly Debt[]> {
    const past: PastRelease[] = []
    for (const summary of await this.#deps.store.summaries({ service, limit: MOST_LOOKED_AT })) {
      if (past.length >= debtReleases) break
      if (!maySee(summary) || (before && isNotBefore(summary, before))) continue
      const release = await this.#pastOf(summary)
      if (release !== null && release.name === name && !release.isRehearsal) past.push(release)
    }
    return debtOf(past)
  }

  async #pastOf({ id, open }: ReleaseSummary): Promise<Kept | null> {
    const kept = this.#kept.get(id)
    if (kept !== undefined) return kept
    const state = await this.#deps.engine.state(id)
    if (state === null) return null
    const past = {
      release: id,
      version: state.releaseVersion,
      startedAt: state.startedAt,
      letPass: letPassIn(state),
      name: state.plan.name,
      isRehearsal: isPractice(state) || state.andBack,
    }
    if (!open) this.#keep(past)
    return past
  }

  #keep(past: Kept): void {
    this.#kept.set(past.release, past)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break
      this.#kept.delete(oldest)
    }
  }
}

function isNotBefore(summary: ReleaseSummary, before: NonNullable<OfChecklist['before']>): boolean {
  return summary.id === before.id || summary.startedAt > before.startedAt
}
