/** The bytes of a registered checklist, with the settings beside it and its calendars, as they are kept. */
import type { RegisteredChecklist } from '../core/access/access.ts'
import type { Document } from '../core/plan/compile.ts'
import type { Store } from '../core/ports/store.ts'

export type KeptDocument = Document & { readonly calendars: NonNullable<Document['calendars']> }

/** null = some of its bytes are kept no more. */
export async function keptDocument(
  store: Pick<Store, 'getEvidence'>,
  { sha256, sharedSha256, calendars = [], source }: RegisteredChecklist,
): Promise<KeptDocument | null> {
  const bytes = await store.getEvidence(sha256)
  const settings = sharedSha256 === null ? null : await textOf(store, sharedSha256)
  const texts = await Promise.all(
    calendars.map(async (calendar) => ({ file: calendar.file, text: await textOf(store, calendar.sha256) })),
  )
  const found = texts.flatMap(({ file, text }) => (text === null ? [] : [{ file, text }]))
  if (bytes === null || (sharedSha256 !== null && settings === null) || found.length < texts.length) return null
  const shared = settings === null ? null : { file: 'holdpoint.yaml', text: settings }
  return { file: source.kind === 'git' ? source.path : source.file, bytes, shared, calendars: found }
}

async function textOf(store: Pick<Store, 'getEvidence'>, sha256: string): Promise<string | null> {
  const bytes = await store.getEvidence(sha256)
  return bytes === null ? null : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
