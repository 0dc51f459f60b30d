/** The duty of deadlines: who owes a task hears of it before and after, once over all replicas, by messages and webhooks. */
import type { AccessState } from '../../core/access/access.ts'
import { type NoticeMessage, noticeMessages } from '../../core/follow-up/notice-messages.ts'
import { type FollowUpNotice, followUpNotice } from '../../core/follow-up/notices.ts'
import { allFollowUps, type FollowUp } from '../../core/ports/follow-up.ts'
import { isPractice } from '../../core/release/standing.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import type { Instant } from '../../core/units.ts'
import type { ApiDeps } from '../deps.ts'
import type { AttendDeps } from '../schedules/attend.ts'
import type { Told } from '../schedules/kept.ts'
import { queueFollowUpNews } from './webhook-news.ts'

export interface TellDeps extends Pick<ApiDeps, 'store' | 'clock'> {
  readonly engine: Pick<ApiDeps['engine'], 'state'>
  readonly tell: AttendDeps['tell']
  readonly access: () => Promise<AccessState>
  readonly log: (line: string) => void
}

/** What was said of a notice itself: the messages it leads to, as they were to be sent then. */
interface Begun {
  /** The release whose checklist tells it; null = none does. */
  readonly release: string | null
  readonly messages: readonly NoticeMessage[]
}

const NOTICES = 'follow-up-notice'
const SENT = 'follow-up-sent'
const MOST_TRIES = 8
const FIRST_WAIT_MS = 10_000
const LONGEST_WAIT_MS = 600_000
/** A replica that died while it sent is given up after that. */
const SENDING_MS = 120_000
/** Newer releases of the service whose checklists are asked when its own says nothing of tasks. */
const MOST_ASKED = 10

/** One round. Rejects when the store does not answer. */
export async function tellFollowUps(deps: TellDeps): Promise<void> {
  const { store, clock } = deps
  const sent = new Map((await store.entries(SENT)).map(({ key, json }) => [key, JSON.parse(json) as Told]))
  for (const followUp of await allFollowUps(store)) {
    const notice = followUpNotice(followUp, clock.now())
    if (notice === null) continue
    const begun = await beginNotice(deps, followUp, notice)
    for (const message of begun.messages) {
      const known = sent.get(sentKey(notice, message))
      if (known === undefined || isAgain(known, clock.now())) await sendOnce(deps, begun, notice, message)
    }
  }
}

/** Queued for webhooks before it is written down: twice is once there, and nothing is lost when this ends in between. */
async function beginNotice(deps: TellDeps, followUp: FollowUp, notice: FollowUpNotice): Promise<Begun> {
  const { store, clock, log } = deps
  const known = await store.getEntry(NOTICES, notice.id)
  if (known !== null) return JSON.parse(known.json) as Begun
  const state = await whoTells(deps, followUp, notice)
  const messages = state === null ? [] : noticeMessages(state, notice, clock.now())
  const begun: Begun = { release: state?.id ?? null, messages }
  await queueFollowUpNews(deps, followUp, notice)
  const written = await store.putEntry(NOTICES, notice.id, JSON.stringify(begun), { expected: 0 })
  if (written === null) return beginNotice(deps, followUp, notice)
  log(`${notice.topic}: ${followUp.id}: ${notice.say}`)
  return begun
}

/** The checklist of its release; where that says nothing of tasks, the newest one of the service that does. */
async function whoTells(
  { store, engine }: TellDeps,
  { release, service }: FollowUp,
  { topic }: FollowUpNotice,
): Promise<ReleaseState | null> {
  const newest = (await store.summaries({ service, limit: MOST_ASKED })).map(({ id }) => id)
  for (const id of new Set([...(release === null ? [] : [release]), ...newest])) {
    const state = await engine.state(id)
    if (state === null || (isPractice(state) && id !== release)) continue
    if (state.plan.messages.some(({ on }) => on === topic)) return state
  }
  return null
}

/** Claimed before it is sent, and said after: two replicas send one; one that died in between is taken over later. */
async function sendOnce(
  { store, clock, engine, tell, log }: TellDeps,
  { release }: Begun,
  notice: FollowUpNotice,
  message: NoticeMessage,
): Promise<void> {
  const state = release === null ? null : await engine.state(release)
  if (state === null) return
  const key = sentKey(notice, message)
  const entry = await store.getEntry(SENT, key)
  const before = entry === null ? null : (JSON.parse(entry.json) as Told)
  if (before !== null && !isAgain(before, clock.now())) return
  const tries = (before?.tries ?? 0) + 1
  const claim: Told = { state: 'sending', at: clock.now(), tries, until: clock.now() + SENDING_MS, say: '' }
  const revision = await store.putEntry(SENT, key, JSON.stringify(claim), { expected: entry?.revision ?? 0 })
  if (revision === null) return
  const { channel, subject, body } = message
  const answer = await tell(state.plan, channel, { id: key, on: notice.topic, subject, body })
  const isOver = answer.final || tries >= MOST_TRIES
  const next = answer.ok ? 'sent' : isOver ? 'failed' : 'again'
  if (next === 'failed') log(`${notice.topic}: ${channel} could not be told: ${answer.say}`)
  const told: Told = { state: next, at: clock.now(), tries, until: clock.now() + waitMs(tries), say: answer.say }
  await store.putEntry(SENT, key, JSON.stringify(told), { expected: revision })
}

function sentKey(notice: FollowUpNotice, message: NoticeMessage): string {
  return `${notice.id} ${message.id}`
}

function isAgain({ state, until }: Told, now: Instant): boolean {
  return (state === 'again' || state === 'sending') && now >= until
}

function waitMs(tries: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS)
}
