/** What people decide about messages: look at a draft, change it, let it go, drop it; and go on without a required one. */
import type { Facts, Refusal } from '../commands.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import type { MessageState, ReleaseState } from '../state.ts'
import { isInRole, isMachine, notInRole, signInMissing } from './approvals.ts'

/** Nothing longer fits into any channel. */
const longestBody = 20_000
const longestSubject = 300

export const editMessage: Rule<'EditMessage'> = (state, command, facts) => {
  const message = unsent(state, command.message, facts, 'change')
  if ('code' in message) return message
  const barred = notForThem(state, roleOf(state, message), facts)
  if (barred) return barred
  const subject = command.subject.trim()
  const body = command.body.trim()
  if (subject === '' || body === '')
    return refuse('reason-required', 'A message needs a subject and a text. To send none, drop it with a reason.')
  if (subject.length > longestSubject || body.length > longestBody)
    return refuse(
      'bad-answer',
      `A subject has at most ${longestSubject} characters, a text at most ${longestBody}; these have ${subject.length} and ${body.length}.`,
    )
  const name = unfilled(subject, message.subject) ?? unfilled(body, message.body)
  if (name !== null)
    return refuse('bad-answer', `What you write is sent as it stands, with "${name}" in it. Write the value itself.`)
  if (subject === message.subject && body === message.body)
    return refuse('no-change', 'That is what stands there already.')
  return accept({ kind: 'MessageEdited', message: message.id, by: facts.actor.id, subject, body })
}

/** A name in braces that somebody hopes is filled in: only templates of a checklist are. What stood there before may stay. */
function unfilled(text: string, before: string): string | null {
  return text.match(/\{\{[^{}\n]{1,80}\}\}/g)?.find((name) => !before.includes(name)) ?? null
}

export const sendMessage: Rule<'SendMessage'> = (state, command, facts) => {
  const message = unsent(state, command.message, facts, 'send')
  if ('code' in message) return message
  const barred = notForThem(state, roleOf(state, message), facts)
  return barred ?? accept({ kind: 'MessageLetGo', message: message.id, by: facts.actor.id })
}

export const dropMessage: Rule<'DropMessage'> = (state, command, facts) => {
  const message = unsent(state, command.message, facts, 'drop')
  if ('code' in message) return message
  if (command.why.trim() === '')
    return refuse('reason-required', 'Say why nobody is told. For example: --reason "the users see no change"')
  if (message.required)
    return refuse(
      'not-waivable',
      'This message is required: send it, say that it was told another way, or go on without it in a role (waive).',
    )
  const barred = notForThem(state, roleOf(state, message), facts)
  return barred ?? accept({ kind: 'MessageDropped', message: message.id, by: facts.actor.id, why: command.why })
}

export const confirmMessage: Rule<'ConfirmMessage'> = (state, command, facts) => {
  const message = unsent(state, command.message, facts, 'confirm')
  if ('code' in message) return message
  if (command.note.trim() === '')
    return refuse('reason-required', 'Say how they were told. For example: --note "called the support lead at 14:05"')
  const barred = notForThem(state, roleOf(state, message), facts)
  if (barred) return barred
  const { note, evidence } = command
  return accept({ kind: 'MessageSentByHand', message: message.id, by: facts.actor.id, note, evidence })
}

export const waiveMessage: Rule<'WaiveMessage'> = (state, command, facts) => {
  const message = unsent(state, command.message, facts, 'waive')
  if ('code' in message) return message
  if (!message.required) return refuse('not-waivable', 'Nothing waits for this message: drop it.')
  if (command.reason.trim() === '' || command.role.trim() === '')
    return refuse(
      'reason-required',
      'Going on without a required message needs a reason and a role. For example: --reason "status page is down, users see no change" --role lead',
    )
  const barred = notForThem(state, command.role, facts)
  if (barred) return barred
  const unsigned = signInMissing(state, facts.actor, 'a waiver', facts.now)
  if (unsigned) return unsigned
  const { role, reason } = command
  return accept({ kind: 'MessageWaived', message: message.id, by: facts.actor.id, role, reason })
}

/** A draft or one that failed; also one that is still being tried, where that lets nobody wait for it. */
function unsent(state: ReleaseState, id: string, { actor }: Facts, doing: string): MessageState | Refusal {
  const message = state.messages.get(id)
  if (!message)
    return refuse('unknown-message', `There is no message "${id}"; see: holdpoint release messages ${state.id}`)
  if (isMachine(actor)) return refuse('not-in-role', 'A machine decides nothing about messages.')
  if (message.status === 'draft' || message.status === 'failed') return message
  const mayStop = message.status === 'queued' && stops(message).includes(doing)
  return mayStop ? message : refuse('already-sent', `This message is ${words[message.status]}; nothing can be changed.`)
}

/** What ends the trying: of a required message at once, of others once it failed. */
function stops({ required, tries, triesFrom }: MessageState): readonly string[] {
  if (required) return ['waive', 'confirm', 'drop']
  return tries > triesFrom ? ['drop'] : []
}

const words: Readonly<Record<MessageState['status'], string>> = {
  draft: 'a draft',
  queued: 'being sent',
  delivered: 'sent',
  failed: 'not sent',
  dropped: 'dropped',
  'by-hand': 'told another way',
  waived: 'not sent, by a waiver',
  gathered: 'part of a digest that follows',
  digested: 'said in a digest',
}

/** Who looks at it before it goes also decides about it when it did not arrive. */
function roleOf({ plan }: ReleaseState, { draft, notify }: MessageState): string | null {
  return draft?.role ?? plan.messages.find(({ id }) => id === notify)?.preview?.role ?? null
}

function notForThem(state: ReleaseState, role: string | null, { actor }: Facts): Refusal | null {
  return role === null || isInRole(state, role, actor) ? null : notInRole(state, role, actor.id)
}
