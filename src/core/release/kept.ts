/** What a release keeps up to date elsewhere: a card in a chat, an entry on a status page, an alert. What was opened is ended. */
import type { MessagePlan } from '../plan/plan.ts'
import type { ChannelFacts } from '../ports/notify.ts'
import type { MessageState, ReleaseState } from './state.ts'

/** What ends an open entry elsewhere is tried this often, for half an hour: given up, it would stay open. */
export const lastWordTries = 64

/** After these whatever is open elsewhere has to end. */
const endings = ['release.signed-off', 'release.closed', 'release.left', 'release.superseded', 'rollback.finished']

/** Whoever reads the card or the entry would be told something old without these. */
const turns = [
  'step.waiting',
  'step.decided',
  'stage.entered',
  'rollout.finished',
  'decision.asked',
  'release.held',
  'release.resumed',
  'rollback.started',
  'rollback.failed',
  'release.validating',
  ...endings,
]

/** By kind of channel: the topics that it follows by itself once the release has told it anything. */
const followed: Readonly<Record<string, readonly string[]>> = {
  slack: turns,
  statuspage: endings,
  pagerduty: [...turns, 'step.closed'],
}

export function isEndingTopic(topic: string): boolean {
  return endings.includes(topic)
}

/** Channels that have to follow `topic` although no message of the checklist says so. */
export function followers(
  state: ReleaseState,
  topic: string,
  told: readonly Pick<MessagePlan, 'to'>[],
): readonly string[] {
  return Object.entries(state.plan.channels).flatMap(([name, { kind }]) => {
    const follows = Object.hasOwn(followed, kind) && followed[kind]?.includes(topic) === true
    if (!follows || told.some(({ to }) => to.includes(name))) return []
    const own = [...state.messages.values()].filter(({ channel }) => channel === name)
    // An alert has to be open for anything to end it; what is on its way may open one.
    const isOpen = own.some(({ status }) => status === 'queued') || Boolean(keptIn(state, name)?.['alerts'])
    return own.length > 0 && (kind !== 'pagerduty' || isOpen) ? [name] : []
  })
}

/** Where every message moves something on: several in one would leave it where it was. */
export function movesEntry(state: ReleaseState, channel: string): boolean {
  const kind = state.plan.channels[channel]?.kind ?? channel
  return kind === 'statuspage' || kind === 'pagerduty' || kind === 'status'
}

/** The message that ends what is open elsewhere. */
export function isLastWord(state: ReleaseState, message: Pick<MessageState, 'channel' | 'on'>): boolean {
  const kind = state.plan.channels[message.channel]?.kind
  return (kind === 'statuspage' || kind === 'pagerduty') && endings.includes(message.on)
}

/** What the messages of this release left behind in a channel, the newest word of each. */
export function keptIn(state: ReleaseState, channel: string): ChannelFacts | undefined {
  const left = [...state.messages.values()].filter((message) => message.channel === channel && message.keep)
  if (left.length === 0) return undefined
  const inOrder = left.toSorted((one, other) => (one.lastTryAt ?? 0) - (other.lastTryAt ?? 0))
  return Object.fromEntries(
    Object.entries(Object.assign({}, ...inOrder.map(({ keep }) => keep)) as ChannelFacts).filter(([, v]) => v !== ''),
  )
}

/** Entries elsewhere that could not be ended: a person has to. Each a sentence. */
export function leftOpen(state: ReleaseState): readonly string[] {
  return [...state.messages.values()]
    .filter((message) => message.status === 'failed' && isLastWord(state, message))
    .filter((message) => Object.keys(keptIn(state, message.channel) ?? {}).length > 0)
    .map(
      ({ channel, say }) => `What ${channel} shows of this release could not be ended: ${say}. End it there by hand.`,
    )
}
