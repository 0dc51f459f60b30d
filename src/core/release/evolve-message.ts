/** What becomes of messages: the fold of the events that are about one. */
import type { ChannelFacts } from '../ports/notify.ts'
import type { Instant } from '../units.ts'
import type { EventOf, ReleaseEvent } from './events.ts'
import type { MessageState, ReleaseState } from './state.ts'

type MessageEvent = EventOf<Extract<ReleaseEvent['kind'], `Message${string}`>>

export function evolveMessage(state: ReleaseState, event: MessageEvent, at: Instant): ReleaseState {
  if (event.kind === 'MessageQueued') {
    const covered = (event.covers ?? []).reduce(
      (each, id) => changed(each, id, (message) => ({ ...message, status: 'digested', say: `in ${event.message}` })),
      state,
    )
    return withMessage(covered, queuedMessage(event, at))
  }
  return changed(state, event.message, (message) => changedBy(message, event, at))
}

function queuedMessage(event: EventOf<'MessageQueued'>, at: Instant): MessageState {
  return {
    id: event.message,
    notify: event.notify,
    channel: event.channel,
    subject: event.subject,
    body: event.body,
    on: event.on,
    queuedAt: at,
    tries: 0,
    lastTryAt: null,
    ...(event.status === undefined ? {} : { told: event.status }),
    ...(event.quiet === undefined ? {} : { quiet: event.quiet }),
    status: event.draft ? 'draft' : event.gathered === true ? 'gathered' : 'queued',
    say: '',
    required: event.required === true,
    draft: event.draft ?? null,
    missing: event.missing ?? [],
    ...(event.asksOnCall === true && { asksOnCall: true }),
    audience: event.audience ?? null,
    edited: null,
    triesFrom: 0,
    settledBy: null,
    evidence: [],
  }
}

function changedBy(
  message: MessageState,
  event: Exclude<MessageEvent, { kind: 'MessageQueued' }>,
  at: Instant,
): MessageState {
  switch (event.kind) {
    case 'MessageFilled':
      return filled(message, event)
    case 'MessageEdited':
      return { ...message, subject: event.subject, body: event.body, edited: { by: event.by, at } }
    case 'MessageLetGo':
      return {
        ...message,
        status: 'queued',
        settledBy: event.by,
        // It is due at once, and not when a pause after its last failure is over.
        lastTryAt: null,
        triesFrom: message.tries,
        draft: null,
      }
    case 'MessageDropped':
      return { ...message, status: 'dropped', settledBy: event.by, say: event.why }
    case 'MessageSentByHand':
      return { ...message, status: 'by-hand', settledBy: event.by, say: event.note, evidence: event.evidence }
    case 'MessageWaived':
      return { ...message, status: 'waived', settledBy: event.by, say: event.reason }
    case 'MessageDelivered':
      return {
        ...message,
        status: 'delivered',
        say: event.say,
        tries: message.tries + 1,
        lastTryAt: at,
        ...keptWith(message, event.keep),
      }
    case 'MessageFailed':
      return {
        ...message,
        status: event.final ? 'failed' : 'queued',
        say: event.say,
        tries: event.tries,
        lastTryAt: at,
        ...keptWith(message, event.keep),
        ...(event.retryAt === undefined ? {} : { retryAt: event.retryAt }),
      }
  }
}

/** A required one that nobody could fill in is for a person to look at, and asks again when they let it go. */
function filled(message: MessageState, { onCall, body }: EventOf<'MessageFilled'>): MessageState {
  const others = message.missing.filter((name) => name !== 'on_call')
  const missing = onCall === null ? [...others, 'on_call'] : others
  if (onCall === null && message.required)
    return { ...message, missing, status: 'draft', draft: { role: message.draft?.role ?? null, why: 'missing' } }
  return { ...message, missing, body, asksOnCall: false }
}

function keptWith(before: MessageState, keep: ChannelFacts | undefined): Pick<MessageState, 'keep'> {
  return keep === undefined ? {} : { keep: { ...before.keep, ...keep } }
}

function changed(state: ReleaseState, id: string, make: (message: MessageState) => MessageState): ReleaseState {
  const known = state.messages.get(id)
  return known ? withMessage(state, make(known)) : state
}

function withMessage(state: ReleaseState, message: MessageState): ReleaseState {
  const messages = new Map(state.messages).set(message.id, message)
  if (!message.required) return { ...state, messages }
  const others = state.owedMessages.filter((id) => id !== message.id)
  return { ...state, messages, owedMessages: isOwed(message) ? [...others, message.id] : others }
}

function isOwed({ status }: MessageState): boolean {
  return status === 'draft' || status === 'queued' || status === 'failed'
}
