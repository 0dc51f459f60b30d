/** The messages of a checklist that tell of a task: they belong to no moment of a release, so its record does not hold them. */
import { queuedFor } from '../release/messages.ts'
import type { ReleaseState } from '../release/state.ts'
import type { Instant } from '../units.ts'
import type { FollowUpNotice } from './notices.ts'

export interface NoticeMessage {
  /** Message and channel: the same every time it is asked for. */
  readonly id: string
  readonly channel: string
  readonly subject: string
  readonly body: string
}

/** One for each channel. Nobody looks at a draft of it, and nothing waits for it: `preview` and `required` mean nothing here. */
export function noticeMessages(
  state: ReleaseState,
  { topic, say }: Pick<FollowUpNotice, 'topic' | 'say'>,
  now: Instant,
): readonly NoticeMessage[] {
  return state.plan.messages
    .filter(({ on }) => on === topic)
    .flatMap((message) => queuedFor(state, message, say, state.version, now, false))
    .map(({ notify, channel, subject, body }) => ({ id: `${notify}/${channel}`, channel, subject, body }))
}
