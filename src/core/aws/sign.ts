/** Signature Version 4 of AWS: the headers that prove who asks, over every byte of a request. */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Instant } from '../units.ts'

export interface AwsCredentials {
  readonly accessKey: string
  readonly secretKey: string
  /** Of credentials for a while; null = they are for ever. */
  readonly sessionToken: string | null
}

export interface Signable {
  readonly method: string
  /** Host, and its port where it is not the usual one. */
  readonly host: string
  /** As it is sent: every part encoded once by `encodePart`. */
  readonly path: string
  /** As `queryOf` writes it. */
  readonly query: string
  /** Names in small letters; all of them are signed. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** Whom a signature is for. */
export interface SignScope {
  /** As the service is called in signatures: `s3`, `monitoring`. */
  readonly service: string
  readonly region: string
  readonly at: Instant
}

/** The headers to send: those of the request, its time, and the proof. */
export function signed(
  request: Signable,
  scope: SignScope,
  { accessKey, secretKey, sessionToken }: AwsCredentials,
): Readonly<Record<string, string>> {
  const time = timeOf(scope.at)
  const bodyHash = hashOf(request.body)
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': time,
    ...(scope.service === 's3' && { 'x-amz-content-sha256': bodyHash }),
    ...(sessionToken !== null && { 'x-amz-security-token': sessionToken }),
  }
  const all = Object.entries({ ...headers, host: request.host }).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const names = all.map(([name]) => name).join(';')
  const lines = all.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, ' ')}\n`).join('')
  // Only S3 signs the path as it is sent; every other service encodes it once more.
  const path = scope.service === 's3' ? request.path : request.path.split('/').map(encodePart).join('/')
  const canonical = [request.method, path, request.query, lines, names, bodyHash].join('\n')
  const place = `${time.slice(0, 8)}/${scope.region}/${scope.service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', time, place, hashOf(canonical)].join('\n')
  const key = place.split('/').reduce<Uint8Array>((made, part) => mac(made, part), utf8ToBytes(`AWS4${secretKey}`))
  const proof = `Credential=${accessKey}/${place}, SignedHeaders=${names}, Signature=${bytesToHex(mac(key, toSign))}`
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${proof}` }
}

/** One part of a path, or a name or value of a query: everything but letters, digits and `-._~` is encoded. */
export function encodePart(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Names and values as they are sent and signed: encoded, in the order of their names. */
export function queryOf(pairs: readonly (readonly [name: string, value: string])[]): string {
  return pairs
    .map(([name, value]) => `${encodePart(name)}=${encodePart(value)}`)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join('&')
}

/** `20150830T123600Z` */
function timeOf(at: Instant): string {
  return new Date(at).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '')
}

function hashOf(body: string | Uint8Array): string {
  return bytesToHex(sha256(typeof body === 'string' ? utf8ToBytes(body) : body))
}

function mac(key: Uint8Array, text: string): Uint8Array {
  return hmac(sha256, key, utf8ToBytes(text))
}
