/** A storm of messages becomes one: what is too much for a channel within a time waits, and is said together. */
import { usualDigest } from '../plan/digest-settings.ts'
import type { DigestPlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { EventOf } from './events.ts'
import { isEnded } from './standing.ts'
import type { MessageState, ReleaseState } from './state.ts'

/** A digest lists this many, and counts the rest. */
const mostListed = 30

function digestOf({ plan }: ReleaseState): DigestPlan {
  return plan.messageDigest ?? usualDigest
}

/** Is there too much for this channel now? */
export function isStorm(state: ReleaseState, channel: string, now: Instant): boolean {
  if (channel === 'console') return false
  const { moreThan, withinMs } = digestOf(state)
  const all = [...state.messages.values()]
  if (all.some((message) => message.channel === channel && message.status === 'gathered')) return true
  const recent = all.filter(
    (message) =>
      message.channel === channel &&
      message.status !== 'digested' &&
      !message.quiet &&
      message.queuedAt > now - withinMs,
  )
  return recent.length >= moreThan
}

/** When what waits for a digest is said, by channel: so long after the first of it. */
export function digestsAt(state: ReleaseState): readonly { readonly at: Instant; readonly channel: string }[] {
  const first = new Map<string, Instant>()
  for (const message of state.messages.values())
    if (message.status === 'gathered' && !first.has(message.channel)) first.set(message.channel, message.queuedAt)
  return [...first].map(([channel, queuedAt]) => ({ at: queuedAt + digestOf(state).withinMs, channel }))
}

/** Nothing waits beyond the end of its release. */
export function digestsDue(state: ReleaseState, now: Instant): readonly EventOf<'MessageQueued'>[] {
  return digestsAt(state)
    .filter(({ at }) => at <= now || isEnded(state))
    .map(({ channel }, index) => digest(state, channel, state.version + 1 + index))
}

function digest(state: ReleaseState, channel: string, version: number): EventOf<'MessageQueued'> {
  const gathered = [...state.messages.values()].filter(
    (message) => message.channel === channel && message.status === 'gathered',
  )
  const subject = `${gathered.length} ${gathered.length === 1 ? 'message' : 'messages'} about ${state.plan.service} ${state.releaseVersion}`
  return {
    kind: 'MessageQueued',
    message: `digest/${channel}/${version}/digest`,
    notify: 'digest',
    channel,
    subject,
    body: digestText(gathered),
    on: 'digest',
    covers: gathered.map((message) => message.id),
  }
}

function digestText(gathered: readonly MessageState[]): string {
  const counts = new Map<string, number>()
  for (const { on } of gathered) counts.set(on, (counts.get(on) ?? 0) + 1)
  const counted = [...counts].map(([on, count]) => `${count} × ${on}`).join(', ')
  const listed = gathered.slice(0, mostListed).map(({ subject }) => `- ${subject.replace(/\s+/g, ' ').trim()}`)
  const rest = gathered.length - listed.length
  return [`${counted}:`, '', ...listed, ...(rest > 0 ? [`- and ${rest} more`] : [])].join('\n')
}
