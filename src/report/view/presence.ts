/** Who is there while a phase asks for people, as surfaces show it. */
import { presenceOf } from '../../core/release/presence.ts'
import { isEnded } from '../../core/release/standing.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import type { Instant } from '../../core/units.ts'

export interface PresenceView {
  readonly phase: string
  readonly wanted: number
  /** Whose holders count; empty = everybody. */
  readonly roles: readonly string[]
  readonly here: readonly { readonly by: string; readonly since: Instant; readonly until: Instant | null }[]
  readonly missing: number
}

/** Nothing where nobody in particular has to be there. */
export function presenceView(state: ReleaseState): { readonly presence?: PresenceView } {
  const standing = isEnded(state) ? null : presenceOf(state)
  if (standing === null) return {}
  const { phase, wanted, here, missing } = standing
  const people = here.map(({ by, since, until }) => ({ by, since, until }))
  return { presence: { phase: phase.title, wanted: wanted.count, roles: wanted.roles, here: people, missing } }
}
