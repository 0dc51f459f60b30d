/** What a bundle says must fit together, whoever signed it: chain, plan, evidence, measurements. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/log/canonical.ts'
import { eventBody, genesisHash, verifyChain } from '../core/log/chain.ts'
import { batchFromLine, measurementsDigest } from '../core/log/measurements.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import { hasItsDigest } from '../core/plan/plan-digest.ts'
import type { StoredEvent } from '../core/ports/store.ts'
import type { EventOf, ReleaseEvent } from '../core/release/events.ts'
import { evidenceNamedIn } from './evidence-named.ts'
import type { Statement } from './statement.ts'
import { textOf } from './bundle-files.ts'
import type { BundleFiles } from './bundle-files.ts'

type Find = (where: string, say: string) => void
type Log = readonly StoredEvent<ReleaseEvent>[]

export function verifyContent(files: BundleFiles, { predicate }: Statement, find: Find): void {
  const events = eventsIn(files)
  const chain = verifyChain(events, predicate.head)
  if (!chain.ok) find(`events.jsonl:${chain.at}`, chain.why)
  if (events[0]?.stream !== predicate.stream || events[0]?.event.kind !== 'ReleaseStarted')
    find('events.jsonl:1', 'is not the beginning of the stated release')
  verifyPlans(files, events, predicate.planDigest, find)
  verifyEvidence(files, events, predicate.missingEvidence, find)
  verifyMeasurements(files, events, find)
}

function eventsIn(files: BundleFiles): Log {
  const bodies = linesOf(files, 'events.jsonl')
  const hashes = linesOf(files, 'chain.txt')
  if (bodies.length !== hashes.length)
    throw new Error(`events.jsonl has ${bodies.length} lines and chain.txt has ${hashes.length}`)
  return bodies.map((body, index) => {
    const event = JSON.parse(body) as StoredEvent<ReleaseEvent>
    if (eventBody(event) !== body) throw new Error(`line ${index + 1} of events.jsonl is not in canonical form`)
    return { ...event, position: index + 1, previousHash: hashes[index - 1] ?? genesisHash, hash: hashes[index]! }
  })
}

function linesOf(files: BundleFiles, name: string): readonly string[] {
  const text = textOf(files, name)
  if (text === '') return []
  if (!text.endsWith('\n')) throw new Error(`${name} does not end with a line end`)
  return text.slice(0, -1).split('\n')
}

/** Every plan that ever ruled this release has the digest it says, and the last one is the one in the bundle. */
function verifyPlans(files: BundleFiles, events: Log, stated: string, find: Find): void {
  const plans = events.flatMap(({ event, version }) =>
    event.kind === 'ReleaseStarted' || event.kind === 'ReleaseAmended' ? [{ plan: event.plan, version }] : [],
  )
  for (const { plan, version } of plans)
    if (!hasItsDigest(plan)) find(`events.jsonl:${version}`, 'the plan does not have the digest it names')
  const last = plans.at(-1)?.plan
  if (last?.digest !== stated) find('plan.json', 'the stated plan digest is not that of the plan that ran')
  if (!last || `${canonicalJson(last)}\n` !== textOf(files, 'plan.json')) find('plan.json', 'is not the plan that ran')
  if (last?.document !== textOf(files, 'document.md')) find('document.md', 'is not the document of the plan')
}

function verifyEvidence(files: BundleFiles, events: Log, missing: readonly string[], find: Find): void {
  for (const sha256 of evidenceNamedIn(events)) {
    const bytes = files.get(`evidence/${sha256}`)
    if (!bytes && !missing.includes(sha256)) find(`evidence/${sha256}`, 'is named by an event and is not there')
    if (bytes && createHash('sha256').update(bytes).digest('hex') !== sha256)
      find(`evidence/${sha256}`, 'does not have the hash that events name')
  }
}

function verifyMeasurements(files: BundleFiles, events: Log, find: Find): void {
  const batches = linesOf(files, 'measurements.jsonl').map(batchFromLine)
  for (const { event, version } of events) {
    if (event.kind !== 'MeasurementsRecorded') continue
    const part = batches.filter((batch) => isPartOf(batch, event))
    if (part.length !== event.batches || measurementsDigest(part) !== event.digest)
      find('measurements.jsonl', `the samples of ${event.step} are not those that event ${version} recorded`)
  }
}

function isPartOf(batch: SampleBatch, event: EventOf<'MeasurementsRecorded'>): boolean {
  return batch.step === event.step && batch.stage === event.stage && batch.to >= event.from && batch.to <= event.to
}
