/** Asks the desk about a document; what keeps it from answering becomes a refusal in words. */
import { DeskIsBusy, DocumentTooMuch, type Documents } from '../import/desk/documents.ts'
import type { Instant } from '../core/units.ts'
import type { ApiDeps } from './deps.ts'
import { RouteRefusal } from './wire/problem.ts'

export async function askDocuments<A>(
  { documents }: Pick<ApiDeps, 'documents'>,
  ask: (documents: Documents) => Promise<A>,
): Promise<A> {
  if (documents === undefined)
    throw new RouteRefusal('not-configured', 'This server looks at no documents; `holdpoint import` does.')
  try {
    return await ask(documents)
  } catch (cause) {
    if (cause instanceof DocumentTooMuch)
      throw new RouteRefusal(
        'document-too-much',
        `The server stopped looking at this document: ${cause.message}. Split it, or use \`holdpoint import\` on your machine.`,
      )
    if (cause instanceof DeskIsBusy)
      throw new RouteRefusal('rate-limited', `The server is busy: ${cause.message}. Try again in a moment.`)
    throw cause
  }
}

/** `2030-01-31`: what is before it is past. */
export function dayOf(now: Instant): string {
  return new Date(now).toISOString().slice(0, 10)
}
