/** The words of each kind of entry on a status page, in the order in which they come. */
import type { StatusEntryAnswer } from '../../../../src/api/wire/web.ts'

export type Word = StatusEntryAnswer['status']

export const wordsOfKind: Readonly<Record<StatusEntryAnswer['about'], readonly Word[]>> = {
  incident: ['investigating', 'identified', 'monitoring', 'resolved'],
  maintenance: ['scheduled', 'in_progress', 'verifying', 'completed'],
}
