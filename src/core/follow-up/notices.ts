/** What is told of a task while nobody has done it: once before its deadline, and once after. */
import type { FollowUp } from '../ports/follow-up.ts'
import type { NewsTopic } from '../release/news.ts'
import type { Instant, Millis } from '../units.ts'

export type FollowUpTopic = Extract<NewsTopic, 'follow-up.due' | 'follow-up.overdue'>

export interface FollowUpNotice {
  /** The same as long as the task has this owner and this deadline: who gets another one is told anew. */
  readonly id: string
  readonly topic: FollowUpTopic
  readonly say: string
}

const DAY_MS: Millis = 86_400_000

/** null = nothing is to be said now. */
export function followUpNotice(followUp: FollowUp, now: Instant): FollowUpNotice | null {
  const { id, owner, due, closed } = followUp
  if (closed !== null || due === null || now < remindAt(followUp, due)) return null
  const topic = due < now ? 'follow-up.overdue' : 'follow-up.due'
  const key = JSON.stringify([id, topic, owner, due])
  return { id: key, topic, say: words(followUp, due, topic) }
}

/** A day before it is due; of a shorter time the second half. */
function remindAt({ at }: FollowUp, due: Instant): Instant {
  return due - Math.min(DAY_MS, Math.max(0, due - at) / 2)
}

function words({ title, owner, service, release, severity }: FollowUp, due: Instant, topic: FollowUpTopic): string {
  const head = topic === 'follow-up.overdue' ? 'Overdue' : 'Due soon'
  const of = release === null ? service : `${service}, release ${release}`
  const date = `${new Date(due).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `${head}: ${title} (${of}; ${severity}); ${owner ?? 'nobody'} owns it, due ${date}`
}
