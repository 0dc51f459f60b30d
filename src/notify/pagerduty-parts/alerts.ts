/** Which alerts a message opens and which it closes: one for each cause, open as long as the cause stands. Pure. */
import type { ChannelFacts, Message } from '../../core/ports/notify.ts'
import type { Cause } from '../../core/ports/card.ts'
import { isEndingTopic } from '../../core/release/kept.ts'

/** Of news that has no cause which ends by itself; it ends with the release. */
const general = 'release'

export interface AlertChanges {
  readonly trigger: readonly Cause[]
  readonly resolve: readonly string[]
  /** Nothing to wake somebody for: it is told as a change. */
  readonly isChange: boolean
}

/** The causes that news of a topic is about; a topic that is not here is about none. */
const about: Readonly<Record<string, RegExp>> = {
  'step.failed': /^step:/,
  'step.unknown': /^step:/,
  'step.waiting': /^ask:/,
  'decision.asked': /^decision$/,
  'trigger.fired': /^trigger:/,
  'release.held': /^hold$/,
  'rollback.started': /^rollback$/,
  'rollback.failed': /^rollback$/,
}

/** Alarming, and yet nothing in the state says when it is over. */
const alarming = ['traffic.drifted', 'step.overdue']

export function alertChanges(message: Message, causes: readonly Cause[]): AlertChanges {
  const open = openIn(message.kept)
  const standing = new Set(causes.map(({ id }) => id))
  const isEnd = isEndingTopic(message.on)
  const resolve = open.filter((id) => isEnd || (id !== general && !standing.has(id)))
  if (message.quiet || isEnd) return { trigger: [], resolve, isChange: !message.quiet && resolve.length === 0 }
  const wanted = about[message.on]
  const trigger = wanted === undefined ? [] : causes.filter(({ id }) => wanted.test(id))
  const isAlarm = alarming.includes(message.on) || message.on.startsWith('incident.')
  if (trigger.length === 0 && isAlarm)
    return { trigger: [{ id: general, say: message.subject, severity: 'error' }], resolve, isChange: false }
  return { trigger, resolve, isChange: trigger.length === 0 && resolve.length === 0 && wanted === undefined }
}

export function openIn(kept: ChannelFacts | undefined): readonly string[] {
  return (kept?.['alerts'] ?? '').split('\n').filter((id) => id !== '')
}

export function keepOf(open: readonly string[]): ChannelFacts {
  return { alerts: open.join('\n') }
}
