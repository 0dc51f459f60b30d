/** Queues a delivery of news about a task for every webhook of its project that wants them. */
import { createHash } from 'node:crypto'
import type { AccessState } from '../../core/access/access.ts'
import type { FollowUpNotice } from '../../core/follow-up/notices.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { FollowUp } from '../../core/ports/follow-up.ts'
import type { Store } from '../../core/ports/store.ts'
import { hooks, queue } from '../webhooks/hooks.ts'

export interface NewsDeps {
  readonly store: Store
  readonly clock: Clock
  readonly access: () => Promise<AccessState>
}

export async function queueFollowUpNews(
  { store, clock, access }: NewsDeps,
  followUp: FollowUp,
  notice: FollowUpNotice,
): Promise<void> {
  const wanted = (await hooks(store)).filter(({ value }) => value.topics.includes(notice.topic))
  if (wanted.length === 0) return
  const project = (await access()).projectOf.get(followUp.service) ?? null
  const position = await store.head()
  const id = `${createHash('sha256').update(notice.id).digest('hex').slice(0, 32)}-${notice.topic}`
  for (const { value: hook } of wanted.filter(({ value }) => value.project === project))
    await queue(store, {
      id,
      hook: hook.id,
      topic: notice.topic,
      release: followUp.release ?? '',
      body: bodyOf(followUp, notice, project, clock.now()),
      queuedAt: clock.now(),
      position,
      tries: 0,
      notBefore: 0,
      isClaimed: false,
      say: '',
    })
}

function bodyOf(followUp: FollowUp, { topic, say }: FollowUpNotice, project: string | null, now: number): string {
  const { id, title, kind, severity, owner, due, link, service, environment, release } = followUp
  const told = { id, project, service, environment, release, title, kind, severity, owner, link }
  const data = { say, followUp: { ...told, due: due === null ? null : new Date(due).toISOString() } }
  return JSON.stringify({ type: topic, timestamp: new Date(now).toISOString(), data })
}
