/** Tasks that came out of a release, a drill, an incident or a waiver, as they lie in the store until somebody closes them. */
import type { FollowUpSeverity } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { Store } from './store.ts'

export type FollowUpKind =
  | 'lesson'
  | 'incident'
  | 'post-mortem'
  | 'rollback'
  | 'drill'
  | 'waiver'
  | 'retrospective'
  | 'checklist-review'
  | 'other'

export interface FollowUp {
  readonly id: string
  readonly title: string
  readonly kind: FollowUpKind
  readonly severity: FollowUpSeverity
  /** Whose releases it is shown before. */
  readonly service: string
  readonly environment: string | null
  /** The release that it came from; null = none. */
  readonly release: string | null
  readonly owner: string | null
  readonly due: Instant | null
  /** A ticket or a page. */
  readonly link: string | null
  readonly note: string
  readonly by: string
  readonly at: Instant
  readonly closed: { readonly by: string; readonly at: Instant; readonly note: string } | null
}

/** Shelf of entries: each under its id. */
export const followUpShelf = 'follow-up'

export function isOpenFollowUp({ closed }: FollowUp): boolean {
  return closed === null
}

export function isOverdueFollowUp({ closed, due }: FollowUp, now: Instant): boolean {
  return closed === null && due !== null && due < now
}

const weights = { high: 0, normal: 1, low: 2 } as const

/** Open ones first, by deadline and then by severity; then the closed ones, the newest first. */
export async function allFollowUps(store: Pick<Store, 'entries'>): Promise<readonly FollowUp[]> {
  const all = (await store.entries(followUpShelf)).map(({ json }) => JSON.parse(json) as FollowUp)
  const open = all
    .filter(isOpenFollowUp)
    .toSorted(
      (one, other) =>
        (one.due ?? Number.MAX_SAFE_INTEGER) - (other.due ?? Number.MAX_SAFE_INTEGER) ||
        weights[one.severity] - weights[other.severity] ||
        one.at - other.at ||
        (one.id < other.id ? -1 : 1),
    )
  const closed = all
    .filter((one) => one.closed !== null)
    .toSorted((one, other) => (other.closed?.at ?? 0) - (one.closed?.at ?? 0) || (one.id < other.id ? -1 : 1))
  return [...open, ...closed]
}
