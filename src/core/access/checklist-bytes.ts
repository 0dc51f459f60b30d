/** Whether two checklists are the same bytes: the document, the settings beside it and its calendars. */
import type { RegisteredChecklist } from './access.ts'

export type ChecklistBytes = Pick<RegisteredChecklist, 'sha256' | 'sharedSha256' | 'calendars'>

export function areSameBytes(one: ChecklistBytes, other: ChecklistBytes): boolean {
  return bytesKey(one) === bytesKey(other)
}

/** The same for the same bytes, in whatever order the calendars came. */
export function bytesKey({ sha256, sharedSha256, calendars = [] }: ChecklistBytes): string {
  const files = calendars.map(({ file, sha256: of }) => `${file} ${of}`).sort()
  return JSON.stringify([sha256, sharedSha256, ...files])
}
