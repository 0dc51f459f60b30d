/** Who has sent which bytes: whoever names bytes in a record shows them to others only if they had them. */
import { sha256Hex } from '../core/log/canonical.ts'
import type { LedgerRecord, Store } from '../core/ports/store.ts'
import type { Instant } from '../core/units.ts'
import type { Caller } from './auth/caller.ts'

const SENT = 'evidence-sent'
const OF_RECORD = 'record-evidence'
/** Between sending bytes and the record that names them. */
const KNOWN_FOR_MS = 7 * 86_400_000

export async function tellSent(store: Store, caller: Caller, sha256: string, now: Instant): Promise<void> {
  if (caller.kind === 'local' || caller.kind === 'nobody') return
  await store.putEntry(SENT, keyOf(caller.id, sha256), '{}', { expires: now + KNOWN_FOR_MS })
}

/** Notes which bytes of a new record its writer had: those of the owner of the socket are all here. */
export async function tellRecorded(store: Store, caller: Caller, { id, evidence }: LedgerRecord): Promise<void> {
  if (caller.kind === 'nobody') return
  for (const sha256 of evidence)
    if (caller.kind === 'local' || (await store.getEntry(SENT, keyOf(caller.id, sha256))) !== null)
      await store.putEntry(OF_RECORD, keyOf(id, sha256), '{}')
}

export async function isShownWith(store: Store, { id }: LedgerRecord, sha256: string): Promise<boolean> {
  return (await store.getEntry(OF_RECORD, keyOf(id, sha256))) !== null
}

function keyOf(one: string, sha256: string): string {
  return sha256Hex(`${one} ${sha256}`)
}
