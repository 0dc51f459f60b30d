/** What a bundle's signer states: an in-toto statement over every file, in a DSSE envelope, and a checkpoint of the chain. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/log/canonical.ts'
import type { ChainHead } from '../core/log/chain.ts'
import { isSignedBy, rawPublicKey } from './signer.ts'
import type { Signer } from './signer.ts'

export const statementType = 'https://in-toto.io/Statement/v1'
export const predicateType = 'urn:holdpoint:release-record:1'
const payloadType = 'application/vnd.in-toto+json'

export interface Predicate {
  readonly release: string
  readonly service: string
  readonly version: string
  readonly environment: string
  readonly phase: string
  /** `released`, `rolled back`, ...; null while it runs. */
  readonly decision: string | null
  readonly planDigest: string
  readonly stream: string
  readonly head: ChainHead
  /** Evidence that events name and that the store no longer had when the bundle was made. */
  readonly missingEvidence: readonly string[]
  readonly madeAt: string
}

export interface Statement {
  readonly _type: string
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[]
  readonly predicateType: string
  readonly predicate: Predicate
}

interface Envelope {
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}

/** The envelope's text, canonical, so that no byte of it is without meaning. */
export function signStatement(statement: Statement, signer: Signer): string {
  return sealEnvelope(statement, signer)
}

/** The same around any in-toto statement. */
export function sealEnvelope(statement: unknown, signer: Signer): string {
  const payload = Buffer.from(canonicalJson(statement), 'utf8')
  const sig = Buffer.from(signer.sign(authenticated(payload))).toString('base64')
  const envelope: Envelope = {
    payload: payload.toString('base64'),
    payloadType,
    signatures: [{ keyid: signer.fingerprint, sig }],
  }
  return `${canonicalJson(envelope)}\n`
}

/** The statement that a key signed, or in words why there is none. */
export function openStatement(text: string, publicKeyPem: string, fingerprint: string): Statement | string {
  const opened = openEnvelope(text, publicKeyPem, fingerprint)
  if (typeof opened === 'string') return opened
  const statement = opened.statement as Statement
  if (statement._type !== statementType || statement.predicateType !== predicateType)
    return `the statement is a ${statement.predicateType}, not a release record`
  return statement
}

/** Whatever a key signed, still to be looked at, or in words why it signed nothing. Throws for what is no JSON. */
export function openEnvelope(
  text: string,
  publicKeyPem: string,
  fingerprint: string,
): { readonly statement: unknown } | string {
  const envelope = JSON.parse(text) as Envelope
  const [signature] = envelope.signatures
  const { payload } = envelope
  const again: Envelope = { payload, payloadType, signatures: [{ keyid: fingerprint, sig: signature?.sig ?? '' }] }
  if (`${canonicalJson(again)}\n` !== text) return 'the envelope is not as its signer wrote it'
  const [bytes, sig] = [fromBase64(payload), fromBase64(signature?.sig ?? '')]
  if (!bytes || !sig || !isSignedBy(publicKeyPem, authenticated(bytes), sig)) return 'the signature does not fit'
  return { statement: JSON.parse(bytes.toString('utf8')) as unknown }
}

/** DSSE's pre-authentication encoding: what is signed. */
export function authenticated(payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.byteLength} `
  return Buffer.concat([Buffer.from(head, 'utf8'), payload])
}

/** A checkpoint in the form of C2SP tlog-checkpoint: origin, size, head hash, signature line. */
export function checkpointOf(stream: string, head: ChainHead, signer: Signer): string {
  const text = checkpointText(stream, head)
  const signature = Buffer.concat([noteKeyId(signer.publicKeyPem), signer.sign(Buffer.from(text, 'utf8'))])
  return `${text}\n\u2014 ${noteName} ${signature.toString('base64')}\n`
}

export function isCheckpointOf(text: string, stream: string, head: ChainHead, publicKeyPem: string): boolean {
  const body = checkpointText(stream, head)
  const start = `${body}\n\u2014 ${noteName} `
  if (!text.startsWith(start) || !text.endsWith('\n')) return false
  const signature = fromBase64(text.slice(start.length, -1))
  if (!signature || !signature.subarray(0, 4).equals(noteKeyId(publicKeyPem))) return false
  return isSignedBy(publicKeyPem, Buffer.from(body, 'utf8'), signature.subarray(4))
}

const noteName = 'holdpoint'

function checkpointText(stream: string, head: ChainHead): string {
  return `holdpoint/${stream}\n${head.version}\n${Buffer.from(head.hash, 'hex').toString('base64')}\n`
}

/** First four bytes of sha-256 over name, line feed, 1 (Ed25519) and the raw key, as signed notes have it. */
function noteKeyId(publicKeyPem: string): Buffer {
  const hash = createHash('sha256').update(`${noteName}\n`).update(Uint8Array.of(1)).update(rawPublicKey(publicKeyPem))
  return hash.digest().subarray(0, 4)
}

/** Only the one spelling of the bytes: base64 has several. */
function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null
}
