/** Follow-ups in the store: written once, changed by whoever saw them last. */
import { type FollowUp, followUpShelf } from '../../core/ports/follow-up.ts'
import type { Store } from '../../core/ports/store.ts'

export interface KeptFollowUp {
  readonly followUp: FollowUp
  readonly revision: number
}

/** One that is there already stays as it is. */
export async function keepFollowUp(store: Store, followUp: FollowUp): Promise<void> {
  await store.putEntry(followUpShelf, followUp.id, JSON.stringify(followUp), { expected: 0 })
}

export async function findFollowUp(store: Store, id: string): Promise<KeptFollowUp | null> {
  const entry = await store.getEntry(followUpShelf, id)
  return entry === null ? null : { followUp: JSON.parse(entry.json) as FollowUp, revision: entry.revision }
}

/** false = another was quicker, and nothing was written. */
export async function writeFollowUp(store: Store, { followUp, revision }: KeptFollowUp): Promise<boolean> {
  return (await store.putEntry(followUpShelf, followUp.id, JSON.stringify(followUp), { expected: revision })) !== null
}
