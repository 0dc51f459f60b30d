/** The words of a status page: how an incident and a scheduled maintenance go on, each in this order. */
export const incidentWords = ['investigating', 'identified', 'monitoring', 'resolved'] as const
export const maintenanceWords = ['scheduled', 'in_progress', 'verifying', 'completed'] as const
export const statusWords = [...incidentWords, ...maintenanceWords] as const

export type IncidentWord = (typeof incidentWords)[number]
export type MaintenanceWord = (typeof maintenanceWords)[number]
export type StatusWord = (typeof statusWords)[number]
