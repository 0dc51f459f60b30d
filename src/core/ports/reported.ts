/** How results from outside lie in the store between the API, which takes them, and the check that waits for them. */
import type { ReportedResult } from './check.ts'

/** Shelf of entries: a result under `RELEASE/ATTEMPT`, written once. */
export const reportedShelf = 'reported-result'

export interface KeptResult extends Omit<ReportedResult, 'evidence'> {
  readonly evidence: readonly { readonly name: string; readonly mediaType: string; readonly base64: string }[]
}

export function reportedKey(release: string, attempt: string): string {
  return `${release}/${attempt}`
}
