/** Messages as every surface shows them, and what the release waits for because of one. */
import type { MessageState, MessageStatus, ReleaseState } from '../../core/release/state.ts'
import type { Instant } from '../../core/units.ts'
import type { WaitingView } from '../view.ts'

export interface MessageView {
  readonly id: string
  readonly on: string
  readonly channel: string
  readonly subject: string
  readonly status: MessageStatus
  readonly tries: number
  readonly say: string
  readonly at: Instant
  /** null = the subject says it all. */
  readonly body: string | null
  /** The release goes no further until it was delivered. */
  readonly required: boolean
  /** It waits for a person: of which role, and why. */
  readonly draft: { readonly role: string | null; readonly why: 'preview' | 'missing' } | null
  /** Names in its text whose value nobody knew. */
  readonly missing: readonly string[]
  readonly audience: string | null
  readonly editedBy: string | null
  /** Who let it go, dropped it, told it another way or went on without it. */
  readonly settledBy: string | null
}

export function messageView(message: MessageState): MessageView {
  const { id, on, channel, subject, status, tries, say, queuedAt, body, required, missing, audience } = message
  return {
    id,
    on,
    channel,
    subject,
    status,
    tries,
    say,
    at: queuedAt,
    body: body === subject ? null : body,
    required,
    draft: message.draft ?? null,
    missing,
    audience,
    editedBy: message.edited?.by ?? null,
    settledBy: message.settledBy,
  }
}

/** Whom a message is for, in words: `users (status)`, `ops`. */
export function addressee({ audience, channel }: Pick<MessageView, 'audience' | 'channel'>): string {
  return audience === null ? channel : `${audience} (${channel})`
}

/**
 * Required messages that only a person can bring further; one that is still being tried needs nobody yet. `word` quotes
 * one word of a command line.
 */
export function messageWaits(state: ReleaseState, word: (text: string) => string): readonly WaitingView[] {
  const ids = state.owedMessages.length === 0 ? [] : [...state.messages.keys()]
  const sign = state.plan.environments[state.environment]?.protected === true ? ' --sign KEYFILE' : ''
  return state.owedMessages.flatMap((id): readonly WaitingView[] => {
    const message = state.messages.get(id)
    if (!message || (message.status !== 'draft' && message.status !== 'failed')) return []
    const tell = (verb: string, rest: string): string =>
      ['holdpoint message', verb, word(state.id), ids.indexOf(id) + 1, rest].filter((part) => part !== '').join(' ')
    const role = message.draft?.role ?? null
    return [
      {
        kind: 'message',
        step: null,
        message: id,
        what: `${what(message)}: ${message.subject}`,
        who: role ?? state.startedBy.id,
        since: message.lastTryAt ?? message.queuedAt,
        until: null,
        otherwise: null,
        commands: [
          ...(message.status === 'draft' ? [{ why: 'see it', command: tell('show', '') }] : []),
          { why: message.status === 'draft' ? 'send it' : 'try it again', command: tell('send', '') },
          { why: 'told another way', command: tell('confirm', '--note HOW') },
          { why: 'go on without it', command: `${tell('waive', '--role ROLE --reason WHY')}${sign}` },
        ],
      },
    ]
  })
}

function what(message: MessageState): string {
  const to = `The required message to ${addressee(message)}`
  if (message.status === 'failed') return `${to} could not be sent (${message.say})`
  return message.draft?.why === 'missing'
    ? `${to} does not know ${message.missing.join(', ')}`
    : `${to} waits to be looked at`
}
