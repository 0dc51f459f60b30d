/** Reads all that belongs to a release from the store and makes its bundle. */
import type { SampleBatch } from '../core/judge/verdict.ts'
import { StoreFault } from '../core/ports/store.ts'
import type { Store, StreamId } from '../core/ports/store.ts'
import type { Instant } from '../core/units.ts'
import { makeBundle } from './bundle.ts'
import { evidenceNamedIn } from './evidence-named.ts'
import type { ReleaseLog } from './record.ts'
import type { Signer } from './signer.ts'

/** null = the store has no such stream. */
export async function gatherBundle(
  store: Store,
  stream: StreamId,
  { signer, now }: { readonly signer: Signer; readonly now: Instant },
): Promise<Uint8Array | null> {
  const events = (await store.read(stream)) as ReleaseLog
  const [first] = events
  if (first?.event.kind !== 'ReleaseStarted') return null
  const batches = await recordedBatches(store, first.event.release, events)
  return makeBundle({ events, evidence: await evidenceOf(store, events), batches, signer, now })
}

async function evidenceOf(store: Store, events: ReleaseLog): Promise<ReadonlyMap<string, Uint8Array>> {
  const kept = new Map<string, Uint8Array>()
  for (const sha256 of evidenceNamedIn(events)) {
    const bytes = await store.getEvidence(sha256).catch((fault: unknown) => lost(store, fault))
    if (bytes) kept.set(sha256, bytes)
  }
  return kept
}

/** Evidence that was changed on disk is as good as lost, and the bundle says so; a store that fails as a whole is not. */
async function lost(store: Store, fault: unknown): Promise<null> {
  if (!(fault instanceof StoreFault) || fault.retryable) throw fault
  await store.head()
  return null
}

/** Only what the log speaks of: a sample taken a moment ago is not part of the record yet. */
async function recordedBatches(store: Store, release: string, events: ReleaseLog): Promise<readonly SampleBatch[]> {
  const ends = new Map<string, { step: string; stage: number | null; to: Instant }>()
  for (const { event } of events)
    if (event.kind === 'MeasurementsRecorded') ends.set(JSON.stringify([event.step, event.stage]), event)
  const batches: SampleBatch[] = []
  for (const { step, stage, to } of ends.values()) {
    const kept = await store.batches(release, step, stage)
    batches.push(...kept.filter((batch) => batch.to <= to))
  }
  return batches
}
