/** The words of a status page: how an incident and a scheduled maintenance go on, and what strangers read where nobody wrote a text. */
export const incidentWords = ['investigating', 'identified', 'monitoring', 'resolved'] as const
export const maintenanceWords = ['scheduled', 'in_progress', 'verifying', 'completed'] as const
export const statusWords = [...incidentWords, ...maintenanceWords] as const

export type IncidentWord = (typeof incidentWords)[number]
export type MaintenanceWord = (typeof maintenanceWords)[number]
export type StatusWord = (typeof statusWords)[number]

/** What an entry of a status page is about: something is wrong, or something is planned. */
export type EntryKind = 'incident' | 'maintenance'

export function isStatusWord(text: string | undefined): text is StatusWord {
  return statusWords.some((word) => word === text)
}

export function kindOfStatus(status: StatusWord): EntryKind {
  return incidentWords.some((word) => word === status) ? 'incident' : 'maintenance'
}

export function isLastStatus(status: StatusWord): boolean {
  return status === 'resolved' || status === 'completed'
}

export function lastStatusOf(kind: EntryKind): StatusWord {
  return kind === 'incident' ? 'resolved' : 'completed'
}

/** Fit for strangers: no reason, no person, no number. */
export const publicWords: Readonly<Record<StatusWord, string>> = {
  investigating: 'We are looking into a problem.',
  identified: 'The cause is known, and we are working on it.',
  monitoring: 'A remedy is in place, and we are watching the result.',
  resolved: 'This is resolved.',
  scheduled: 'This maintenance is planned.',
  in_progress: 'The maintenance is under way.',
  verifying: 'The work is done, and we are watching the result.',
  completed: 'The maintenance is completed.',
}
