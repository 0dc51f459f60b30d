/** Open tasks of a release's service, without those that the release itself left. */
import { allFollowUps, type FollowUp, isOpenFollowUp } from '../core/ports/follow-up.ts'
import type { Store } from '../core/ports/store.ts'
import type { ReleaseState } from '../core/release/state.ts'

export type FollowUpReader = (state: ReleaseState) => Promise<readonly FollowUp[]>

export function createFollowUpReader(store: Pick<Store, 'entries'>): FollowUpReader {
  return async ({ id, plan, environment }) =>
    (await allFollowUps(store)).filter(
      (one) =>
        isOpenFollowUp(one) &&
        one.service === plan.service &&
        one.release !== id &&
        (one.environment === null || one.environment === environment),
    )
}
