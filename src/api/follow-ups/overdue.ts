/** A line for each task that nobody did in time. */
import { allFollowUps, isOverdueFollowUp } from '../../core/ports/follow-up.ts'
import type { Store } from '../../core/ports/store.ts'
import type { Instant } from '../../core/units.ts'

export async function tellOverdueFollowUps(store: Store, now: Instant, log: (line: string) => void): Promise<void> {
  for (const followUp of await allFollowUps(store)) {
    if (!isOverdueFollowUp(followUp, now)) continue
    const { id, title, owner, due } = followUp
    log(`follow-up overdue: ${id}: ${title}; ${owner ?? 'nobody'} owns it, due ${new Date(due ?? 0).toISOString()}`)
  }
}
