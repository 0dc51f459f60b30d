/** The desk as others reach it: somewhere else, with an answer in time or a fault that says why there is none. */
import type { Desk } from './jobs.ts'

export type Documents = {
  readonly [Name in keyof Desk]: (job: Parameters<Desk[Name]>[0]) => Promise<ReturnType<Desk[Name]>>
}

/** The document took too long, or too much memory: it is not looked at any further. */
export class DocumentTooMuch extends Error {
  override name = 'DocumentTooMuch'
}

/** Too many documents are waiting already. */
export class DeskIsBusy extends Error {
  override name = 'DeskIsBusy'
}
