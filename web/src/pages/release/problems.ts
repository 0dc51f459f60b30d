/** Reporting a problem with the release, and saying how it stands. */
import type { ReleaseView } from '../../../../src/api/wire/web.ts'
import type { Decision } from './decisions.ts'

const doings: Readonly<Record<string, string>> = {
  rollback: 'the release turns back at once',
  ask: 'the release stands still until somebody decides',
  page: 'people are told, the release goes on',
}

export function reporting({ facts }: ReleaseView): Decision {
  const { severities } = facts
  return {
    title: 'Report a problem',
    lead: severities.map(({ name, action }) => `${name}: ${doings[action] ?? action}.`).join(' '),
    action: 'Report',
    isStop: true,
    inputs: [
      {
        name: 'severity',
        label: 'How bad is it',
        kind: 'choice',
        options: severities.map(({ name }) => name),
        required: true,
        start: severities[0]?.name ?? '',
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
