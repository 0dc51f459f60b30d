/** What the world owes a release now, and when that answer next changes. Functions of the state alone. */
import type { Instant } from '../units.ts'
import { alarmsOf } from './alarms.ts'
import { observeEffects, restoreEffects, shiftEffects, triggerEffects } from './due-traffic.ts'
import { stepEffects } from './due-steps.ts'
import { recordEffects } from './record-making.ts'
import { windowEffects } from './due-windows.ts'
import type { Effect } from './effects.ts'
import { lockEffects } from './phase-lock.ts'
import { backoffMs } from './standing.ts'
import type { MessageState, ReleaseState } from './state.ts'

/** Level-triggered: asking twice gives the same effects with the same keys until an event changes the state. */
export function due(state: ReleaseState, now: Instant): readonly Effect[] {
  const ticks = alarmsOf(state, now).some((alarm) => alarm.tick && alarm.at <= now)
  return [
    ...(ticks ? [{ kind: 'Tick', key: 'tick' } as const] : []),
    ...restoreEffects(state, now),
    ...stepEffects(state, now),
    ...shiftEffects(state, now),
    ...observeEffects(state),
    ...triggerEffects(state),
    ...recordEffects(state),
    ...lockEffects(state),
    ...windowEffects(state, now),
    ...messageEffects(state, now),
  ]
}

/** The next instant at which `due` changes by time alone; undefined = only an event can change it. */
export function wakeAt(state: ReleaseState, now: Instant): Instant | undefined {
  const waiting = queued(state)
  const pauses = pausesOf(waiting)
  const messagesAt = waiting.map((message) => messageDueAt(message, pauses))
  const later = [...alarmsOf(state, now).map((alarm) => alarm.at), ...messagesAt].filter((at) => at > now)
  return later.length === 0 ? undefined : Math.min(...later)
}

function queued(state: ReleaseState): readonly MessageState[] {
  return [...state.messages.values()].filter((message) => message.status === 'queued')
}

/** Not before its own pause is over, nor before its channel wants to hear anything again. */
function messageDueAt(message: MessageState, pauses: ReadonlyMap<string, Instant>): Instant {
  const own =
    message.lastTryAt === null ? message.queuedAt : message.lastTryAt + backoffMs(message.tries - message.triesFrom)
  return Math.max(own, pauses.get(message.channel) ?? 0)
}

function pausesOf(waiting: readonly MessageState[]): ReadonlyMap<string, Instant> {
  const pauses = new Map<string, Instant>()
  for (const { channel, retryAt = 0 } of waiting) pauses.set(channel, Math.max(retryAt, pauses.get(channel) ?? 0))
  return pauses
}

/** A channel gets its messages one after the other: what one leaves behind (a thread) the next has to find. */
function firstOfEachChannel(waiting: readonly MessageState[]): readonly MessageState[] {
  const first = new Map<string, MessageState>()
  for (const message of waiting) if (!first.has(message.channel)) first.set(message.channel, message)
  return [...first.values()]
}

function messageEffects(state: ReleaseState, now: Instant): readonly Effect[] {
  const waiting = queued(state)
  const pauses = pausesOf(waiting)
  const dueAt = (message: MessageState): Instant => messageDueAt(message, pauses)
  return firstOfEachChannel(waiting.filter((message) => dueAt(message) <= now)).map((message) => ({
    kind: 'SendMessage',
    key: `message ${message.id} ${message.tries}`,
    message: message.id,
    channel: message.channel,
    subject: message.subject,
    body: message.body,
    tries: message.tries,
    notBefore: dueAt(message),
  }))
}
