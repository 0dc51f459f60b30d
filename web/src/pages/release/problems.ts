/** Reporting a problem with the release, and saying how it stands. */
import type { ReleaseView } from '../../../../src/api/wire/web.ts'
import { type Decision, momentOf, orNull } from './decisions.ts'

const doings: Readonly<Record<string, string>> = {
  rollback: 'the release turns back at once',
  ask: 'the release stands still until somebody decides',
  page: 'people are told, the release goes on',
}

export function reporting({ facts }: ReleaseView): Decision {
  const { severities } = facts
  return {
    title: 'Report a problem',
    action: 'Report',
    isStop: true,
    inputs: [
      {
        name: 'severity',
        label: 'How bad is it',
        kind: 'choice',
        options: severities.map(({ name }) => name),
        required: true,
        optionHints: Object.fromEntries(severities.map(({ name, action }) => [name, doings[action] ?? action])),
        // Pressed in a hurry, it turns nothing back that nobody chose.
        start: (severities.find(({ action }) => action !== 'rollback') ?? severities[0])?.name ?? '',
      },
      {
        name: 'reason',
        label: 'What is wrong',
        kind: 'lines',
        required: true,
        hint: 'What users see, for example: orders are lost at checkout',
      },
    ],
    command: (values) => ({
      kind: 'DeclareIncident',
      severity: values['severity'] ?? '',
      reason: values['reason'] ?? '',
    }),
  }
}

/** A lesson that somebody does something about. */
export function followingUp(): Decision {
  return {
    title: 'Add a follow-up',
    lead: 'Something to be done later: it is tracked under Records, and shown before the next release of this service.',
    action: 'Add it',
    inputs: [
      { name: 'title', label: 'What is to be done', kind: 'line', required: true },
      { name: 'owner', label: 'Who does it', kind: 'person', required: false },
      { name: 'due', label: 'Until', kind: 'moment', required: false },
      {
        name: 'severity',
        label: 'How much it matters',
        kind: 'choice',
        options: ['normal', 'high', 'low'],
        required: true,
        start: 'normal',
      },
      {
        name: 'link',
        label: 'Ticket or page',
        kind: 'line',
        required: false,
        hint: 'Such as https://tickets.example/7',
      },
    ],
    command: (values) => ({
      kind: 'AddFollowUp',
      title: values['title'] ?? '',
      severity: severities.find((each) => each === values['severity']) ?? 'normal',
      owner: orNull(values['owner']),
      due: momentOf(values['due']),
      link: orNull(values['link']),
    }),
  }
}

const severities = ['high', 'normal', 'low'] as const

const statuses = ['investigating', 'identified', 'monitoring', 'resolved'] as const

export function updating(incident: ReleaseView['incidents'][number]): Decision {
  const next = statuses[Math.min(statuses.indexOf(incident.status) + 1, statuses.length - 1)] ?? 'resolved'
  return {
    title: `${incident.severity} incident: ${incident.reason}`,
    lead: `It is ${incident.status}. A release with an open incident is not closed.`,
    action: 'Say so',
    inputs: [
      { name: 'status', label: 'It is now', kind: 'choice', options: statuses, required: true, start: next },
      { name: 'note', label: 'What is known', kind: 'lines', required: false, hint: 'Kept in the record' },
    ],
    command: (values) => ({
      kind: 'SetIncidentStatus',
      incident: incident.id,
      status: statuses.find((each) => each === values['status']) ?? 'investigating',
      note: (values['note'] ?? '').trim() === '' ? null : (values['note'] ?? ''),
    }),
  }
}
