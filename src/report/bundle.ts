/** One file that holds a release's whole record and proves itself. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/log/canonical.ts'
import { eventBody } from '../core/log/chain.ts'
import { batchLine } from '../core/log/measurements.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import { fold } from '../core/release/evolve.ts'
import { assert } from '../core/units.ts'
import type { Instant } from '../core/units.ts'
import { bundleReadme } from './bundle-readme.ts'
import { md } from './escape.ts'
import { evidenceNamedIn } from './evidence-named.ts'
import { reportJson } from './json.ts'
import { reportMarkdown } from './markdown.ts'
import { recordOf } from './record.ts'
import type { ReleaseLog } from './record.ts'
import type { Signer } from './signer.ts'
import { checkpointOf, predicateType, signStatement, statementType } from './statement.ts'
import type { Predicate } from './statement.ts'
import { writeTar } from './tar.ts'
import type { TarFile } from './tar.ts'

export interface BundleParts {
  /** All events of the release's stream, from the first. */
  readonly events: ReleaseLog
  /** Bytes by sha-256. What events name and is not here is listed as missing. */
  readonly evidence: ReadonlyMap<string, Uint8Array>
  readonly batches: readonly SampleBatch[]
  readonly signer: Signer
  readonly now: Instant
}

/** An uncompressed tar. The same parts and time give the same bytes. */
export function makeBundle({ events, evidence, batches, signer, now }: BundleParts): Uint8Array {
  const state = fold(events)
  assert(state !== null, 'a bundle needs the events of a release')
  const { view, head } = recordOf(state, events, { now })
  const named = evidenceNamedIn(events)
  const stream = events[0]!.stream
  const predicate: Predicate = {
    release: state.id,
    service: state.plan.service,
    version: state.releaseVersion,
    environment: state.environment,
    phase: state.phase,
    decision: view.decision?.word ?? null,
    planDigest: state.plan.digest,
    stream,
    head,
    missingEvidence: named.filter((sha256) => !evidence.has(sha256)),
    madeAt: new Date(now).toISOString(),
  }
  const what = md(`${predicate.service} ${predicate.version} to ${predicate.environment}`)
  const files: readonly TarFile[] = [
    text('README.md', bundleReadme(what, signer.fingerprint)),
    text('report.md', reportMarkdown(state, events, { now })),
    text('report.json', reportJson(state, events, { now })),
    text('events.jsonl', lines(events.map(eventBody))),
    text('chain.txt', lines(events.map(({ hash }) => hash))),
    text('plan.json', `${canonicalJson(state.plan)}\n`),
    text('document.md', state.plan.document),
    text('measurements.jsonl', lines(inOrder(batches).map(batchLine))),
    ...named.flatMap((sha256) => evidenceFile(sha256, evidence.get(sha256))),
    text('checkpoint', checkpointOf(stream, head, signer)),
    text('key.pub', signer.publicKeyPem),
  ]
  const subject = files.map(({ name, bytes }) => ({ name, digest: { sha256: sha256Of(bytes) } }))
  const statement = signStatement({ _type: statementType, subject, predicateType, predicate }, signer)
  return writeTar([...files, text('statement.dsse.json', statement)], now / 1000)
}

function evidenceFile(sha256: string, bytes: Uint8Array | undefined): readonly TarFile[] {
  return bytes ? [{ name: `evidence/${sha256}`, bytes }] : []
}

/** The order of their intervals, step by step: so that a part of the file is what `MeasurementsRecorded` digested. */
function inOrder(batches: readonly SampleBatch[]): readonly SampleBatch[] {
  const key = ({ step, stage }: SampleBatch) => `${step}\0${String(stage ?? -1).padStart(4, '0')}`
  return batches.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.to - b.to))
}

function text(name: string, content: string): TarFile {
  return { name, bytes: new TextEncoder().encode(content) }
}

function lines(texts: readonly string[]): string {
  return texts.map((line) => `${line}\n`).join('')
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
