/** What can be decided about a message, and which of them want somebody. */
import type { MessageView, ReleaseView } from '../../../../src/api/wire/web.ts'
import type { Decision } from './decisions.ts'

export const statusWords: Readonly<Record<MessageView['status'], string>> = {
  draft: 'waits for a person',
  queued: 'being sent',
  delivered: 'sent',
  failed: 'not sent',
  dropped: 'dropped',
  'by-hand': 'told another way',
  waived: 'gone on without',
  gathered: 'waits for a digest',
  digested: 'in a digest',
}

/** Lines for the terminals of the engine are no messages to anybody, unless the release waits for one. */
export function toldIn({ messages }: ReleaseView): readonly MessageView[] {
  return messages.filter(({ channel, draft, required }) => channel !== 'console' || draft !== null || required)
}

/** Drafts, and what could not be sent. */
export function wantedIn(view: ReleaseView): readonly MessageView[] {
  return toldIn(view).filter(({ status }) => status === 'draft' || status === 'failed')
}

export function recipient({ audience, channel }: MessageView): string {
  return audience === null ? channel : `${audience} (${channel})`
}

export interface MessageOffer {
  readonly word: string
  readonly isMain?: boolean
  readonly decision: () => Decision
}

/** What ends the trying of one that did not arrive yet; nothing while it is tried for the first time. */
export function stopOffers(message: MessageView, roles: readonly string[]): readonly MessageOffer[] {
  if (message.status !== 'queued' || message.tries === 0) return []
  if (!message.required) return [{ word: 'Drop', decision: () => dropping(message) }]
  return [
    { word: 'Told another way', decision: () => confirming(message) },
    { word: 'Go on without it', decision: () => waiving(message, roles) },
  ]
}

export function messageOffers(message: MessageView, roles: readonly string[]): readonly MessageOffer[] {
  return [
    { word: message.status === 'draft' ? 'Send' : 'Try again', isMain: true, decision: () => sending(message) },
    { word: 'Edit', decision: () => editing(message) },
    { word: 'Told another way', decision: () => confirming(message) },
    message.required
      ? { word: 'Go on without it', decision: () => waiving(message, roles) }
      : { word: 'Drop', decision: () => dropping(message) },
  ]
}

function sending(message: MessageView): Decision {
  const { id, draft, body, subject } = message
  return {
    title: `Send to ${recipient(message)}`,
    lead: body ?? subject,
    action: draft === null ? 'Try again' : 'Send it',
    inputs: [],
    command: () => ({ kind: 'SendMessage', message: id, role: draft?.role ?? null }),
  }
}

function editing(message: MessageView): Decision {
  const { id, body, subject } = message
  return {
    title: `Edit the message to ${recipient(message)}`,
    action: 'Save',
    inputs: [
      { name: 'subject', label: 'Subject', kind: 'line', required: true, start: subject },
      { name: 'body', label: 'Text', kind: 'lines', lines: 10, required: true, start: body ?? subject },
    ],
    command: (values) => ({
      kind: 'EditMessage',
      message: id,
      subject: values['subject'] ?? subject,
      body: values['body'] ?? '',
    }),
  }
}

function confirming(message: MessageView): Decision {
  return {
    title: `${recipient(message)} was told another way`,
    action: 'They know',
    inputs: [
      {
        name: 'note',
        label: 'How',
        kind: 'lines',
        required: true,
        hint: 'For example: called the support lead at 14:05',
      },
    ],
    evidence: 'optional',
    command: (values, evidence) => ({
      kind: 'ConfirmMessage',
      message: message.id,
      note: values['note'] ?? '',
      evidence,
    }),
  }
}

function dropping(message: MessageView): Decision {
  return {
    title: `Send nothing to ${recipient(message)}`,
    action: 'Drop it',
    inputs: [{ name: 'why', label: 'Why', kind: 'lines', required: true }],
    command: (values) => ({ kind: 'DropMessage', message: message.id, why: values['why'] ?? '' }),
  }
}

function waiving(message: MessageView, roles: readonly string[]): Decision {
  return {
    title: `Go on although ${recipient(message)} was not told`,
    lead: 'This message is required. Your reason and your role are recorded and listed in the report.',
    action: 'Go on without it',
    inputs: [
      roles.length > 0
        ? { name: 'role', label: 'As', kind: 'choice', options: roles, required: true, start: roles[0] ?? '' }
        : {
            name: 'role',
            label: 'In which role',
            kind: 'line',
            required: true,
            hint: 'A role that you hold here, for example lead',
          },
      { name: 'why', label: 'Why', kind: 'lines', required: true },
    ],
    command: (values) => ({
      kind: 'WaiveMessage',
      message: message.id,
      role: values['role'] ?? '',
      reason: values['why'] ?? '',
    }),
  }
}
