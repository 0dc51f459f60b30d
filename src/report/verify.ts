/** Checks a bundle with nothing but its bytes: no store, no network, no clock. */
import { createHash } from 'node:crypto'
import { textOf } from './bundle-files.ts'
import type { BundleFiles } from './bundle-files.ts'
import { verifyContent } from './verify-content.ts'
import { fingerprintOf } from './signer.ts'
import { isCheckpointOf, openStatement } from './statement.ts'
import type { Statement } from './statement.ts'
import { readTar } from './tar.ts'

export interface Finding {
  /** `broken` = the record is not what was signed; `note` = worth knowing, and true. */
  readonly level: 'broken' | 'note'
  readonly where: string
  readonly say: string
}

export interface BundleVerdict {
  readonly verdict: 'verified' | 'intact, signer unverified' | 'broken'
  readonly findings: readonly Finding[]
  /** The signer's fingerprint; null when there is no readable key. */
  readonly fingerprint: string | null
  /** What the signer states; null when broken. */
  readonly statement: Statement | null
}

export interface VerifyOptions {
  /** Fingerprint (hex, also with `sha256:` before it) or PEM of the key that is trusted. */
  readonly key?: string
}

/** Never throws for what a bundle holds. */
export function verifyBundle(bytes: Uint8Array, options: VerifyOptions = {}): BundleVerdict {
  const findings: Finding[] = []
  // A stranger may sign a statement of any shape: what cannot even be examined is broken.
  const verdict = attempt(
    () => examine(bytes, options, findings),
    (why) => findings.push({ level: 'broken', where: 'statement.dsse.json', say: `cannot be examined: ${why}` }),
  )
  return verdict ?? broken(findings, null)
}

function examine(bytes: Uint8Array, { key }: VerifyOptions, findings: Finding[]): BundleVerdict {
  const find = (where: string, say: string) => findings.push({ level: 'broken', where, say })
  const files = attempt(
    () => new Map(readTar(bytes).map((file) => [file.name, file.bytes])),
    (why) => find('archive', why),
  )
  if (!files) return broken(findings, null)
  const signer = attempt(
    () => signerIn(files),
    (why) => find('key.pub', why),
  )
  if (!signer) return broken(findings, null)
  const statement = attempt(
    () => openStatement(textOf(files, 'statement.dsse.json'), signer.pem, signer.fingerprint),
    (why) => find('statement.dsse.json', why),
  )
  if (typeof statement === 'string') find('statement.dsse.json', statement)
  if (!statement || typeof statement === 'string') return broken(findings, signer.fingerprint)
  verifyFiles(files, statement, find)
  attempt(
    () => verifyCheckpoint(files, statement, signer.pem, find),
    (why) => find('checkpoint', why),
  )
  attempt(
    () => verifyContent(files, statement, find),
    (why) => find('content', why),
  )
  const notes = statement.predicate.missingEvidence.map(
    (sha256): Finding => ({
      level: 'note',
      where: `evidence/${sha256}`,
      say: 'was already gone or changed when the bundle was made',
    }),
  )
  findings.push(...notes)
  const trusted =
    key === undefined
      ? null
      : attempt(
          () => fingerprintOfKey(key),
          (why) => find('the key given', why),
        )
  if (trusted !== null && trusted !== signer.fingerprint)
    find('key.pub', `the signer is ${signer.fingerprint}, not the one you trust`)
  if (findings.some(({ level }) => level === 'broken')) return broken(findings, signer.fingerprint)
  return {
    verdict: trusted === null ? 'intact, signer unverified' : 'verified',
    findings,
    fingerprint: signer.fingerprint,
    statement,
  }
}

function broken(findings: readonly Finding[], fingerprint: string | null): BundleVerdict {
  return { verdict: 'broken', findings, fingerprint, statement: null }
}

function attempt<T>(work: () => T, failed: (why: string) => void): T | undefined {
  try {
    return work()
  } catch (error) {
    failed(error instanceof Error ? error.message : 'cannot be read')
    return undefined
  }
}

function signerIn(files: BundleFiles): { pem: string; fingerprint: string } {
  const pem = textOf(files, 'key.pub')
  return { pem, fingerprint: fingerprintOf(pem) }
}

function fingerprintOfKey(key: string): string {
  if (key.includes('BEGIN PUBLIC KEY')) return fingerprintOf(key)
  const hex = key
    .trim()
    .toLowerCase()
    .replace(/^sha256:/, '')
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error('is neither a fingerprint (64 hex digits) nor a public key in PEM')
  return hex
}

/** The files are exactly those of the statement, byte for byte. */
function verifyFiles(files: BundleFiles, { subject }: Statement, find: (where: string, say: string) => void): void {
  const stated = new Map(subject.map(({ name, digest }) => [name, digest.sha256]))
  for (const [name, sha256] of stated) {
    const bytes = files.get(name)
    if (!bytes) find(name, 'is missing')
    else if (createHash('sha256').update(bytes).digest('hex') !== sha256) find(name, 'is not what was signed')
  }
  for (const name of files.keys())
    if (!stated.has(name) && name !== 'statement.dsse.json') find(name, 'was added: the statement does not name it')
}

function verifyCheckpoint(
  files: BundleFiles,
  { predicate }: Statement,
  pem: string,
  find: (where: string, say: string) => void,
): void {
  if (!isCheckpointOf(textOf(files, 'checkpoint'), predicate.stream, predicate.head, pem))
    find('checkpoint', 'does not name the stated head, or its signature does not fit')
}
