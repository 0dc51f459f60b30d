/** Whom the release tells what: drafts to look at and what could not be sent on top, then everything that was said. */
import type { MessageView, ReleaseView } from '../../../../src/api/wire/web.ts'
import { Moment } from '../../parts/time.tsx'
import type { Decision } from './decisions.ts'
import { messageOffers, recipient, statusWords, stopOffers, toldIn, wantedIn } from './messages.ts'
import { visible } from './visible.ts'
import '../../style/messages.css'

interface MessagesProps {
  readonly view: ReleaseView
  readonly roles: readonly string[]
  readonly onDecide: (decision: Decision) => void
}

/** Nothing where nobody is wanted. */
export function WantedMessages({ view, roles, onDecide }: MessagesProps) {
  const wanted = wantedIn(view)
  if (wanted.length === 0) return null
  return (
    <section class="messages" aria-label="Messages that want somebody">
      <h2>{wanted.length === 1 ? 'A message waits for somebody' : `${wanted.length} messages wait for somebody`}</h2>
      <ul>
        {wanted.map((message) => (
          <Message key={message.id} message={message} roles={roles} onDecide={onDecide} isOpen />
        ))}
      </ul>
    </section>
  )
}

export function Messages({ view, roles, onDecide }: MessagesProps) {
  const told = toldIn(view).toReversed()
  if (told.length === 0)
    return (
      <section class="messages is-empty">
        <p>This release has told nobody anything yet.</p>
        <p class="hint">
          A checklist says whom to tell, when and what, in <code>md notify</code> blocks.
        </p>
      </section>
    )
  return (
    <section class="messages" aria-label="Messages">
      <ul>
        {told.map((message) => (
          <Message key={message.id} message={message} roles={roles} onDecide={onDecide} isOpen={false} />
        ))}
      </ul>
    </section>
  )
}

interface MessageProps {
  readonly message: MessageView
  readonly roles: readonly string[]
  readonly isOpen: boolean
  readonly onDecide: (decision: Decision) => void
}

function Message({ message, roles, isOpen, onDecide }: MessageProps) {
  const { status, subject, on, at, required, missing, say, settledBy, editedBy, draft, tries, body } = message
  const isWanted = status === 'draft' || status === 'failed'
  const offers = isWanted && isOpen ? messageOffers(message, roles) : stopOffers(message, roles)
  const text = <pre class="message-text">{visible(body ?? subject)}</pre>
  return (
    <li class={`is-${status}`}>
      <p class="message-what">
        <strong>{visible(subject)}</strong>{' '}
        <span class={`message-state tone-${toneOf(status)}`}>
          {statusWords[status]}
          {draft?.role != null && ` in the role ${draft.role}`}
        </span>
      </p>
      <p class="hint">
        to {recipient(message)} · {on} · <Moment at={at} />
        {required && ' · required: the release goes no further without it'}
        {tries > 1 && ` · tried ${tries} times`}
        {editedBy !== null && ` · changed by ${editedBy}`}
        {settledBy !== null && ` · ${isSent(status) ? 'let go by' : 'by'} ${settledBy}`}
        {say !== '' && ` · ${visible(say)}`}
      </p>
      {missing.length > 0 && isWanted && <p class="message-missing">Nobody knows {missing.join(', ')}.</p>}
      {isOpen ? (
        text
      ) : (
        <details>
          <summary>Text</summary>
          {text}
        </details>
      )}
      {offers.length > 0 && (
        <div class="message-acts">
          {offers.map(({ word, isMain, decision }) => (
            <button
              key={word}
              type="button"
              class={isMain === true ? 'primary' : ''}
              onClick={() => onDecide(decision())}
            >
              {word}
            </button>
          ))}
        </div>
      )}
    </li>
  )
}

function isSent(status: MessageView['status']): boolean {
  return status === 'queued' || status === 'delivered' || status === 'failed'
}

function toneOf(status: MessageView['status']): 'good' | 'busy' | 'person' | 'bad' | 'plain' {
  if (status === 'draft') return 'person'
  if (status === 'failed') return 'bad'
  if (status === 'delivered' || status === 'by-hand' || status === 'digested') return 'good'
  return status === 'queued' || status === 'gathered' ? 'busy' : 'plain'
}
