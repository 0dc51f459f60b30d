/** What AWS makes of the signature of a request, from the description of Signature Version 4: read from what arrived, with Node's own hashes. */
import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface ArrivedRequest {
  readonly method: string
  /** As it stood on the wire. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface KnownKey {
  readonly accessKey: string
  readonly secretKey: string
  /** Null = keys for ever, with which no token is sent. */
  readonly token: string | null
}

export type Proven =
  | { readonly service: string; readonly region: string }
  | { readonly status: number; readonly code: string; readonly message: string }

const shape =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
const mostSkewMs = 15 * 60_000

export function proven(
  { method, target, headers, body }: ArrivedRequest,
  all: readonly KnownKey[],
  now: number,
): Proven {
  const found = shape.exec(headers.authorization ?? '')
  if (found === null) return refused('MissingAuthenticationToken', 'Request is missing Authentication Token')
  const [, accessKey = '', day = '', region = '', service = '', names = '', signature = ''] = found
  const time = String(headers['x-amz-date'] ?? '')
  const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(at) || !time.startsWith(day))
    return refused('IncompleteSignature', 'Date does not match the credential')
  if (Math.abs(at - now) > mostSkewMs)
    return refused('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.')
  const known = all.find((each) => each.accessKey === accessKey)
  if (known === undefined) return refused('InvalidAccessKeyId', 'The access key id does not exist.')
  if ((headers['x-amz-security-token'] ?? null) !== known.token)
    return refused('ExpiredToken', 'The provided token has expired.', 400)
  const signed = names.split(';')
  const must = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]
  const missing = must.find((name) => !signed.includes(name))
  if (missing !== undefined) return refused('SignatureDoesNotMatch', `The header ${missing} must be signed.`)
  const hash = createHash('sha256').update(body).digest('hex')
  if (service === 's3' && headers['x-amz-content-sha256'] !== hash)
    return refused('XAmzContentSHA256Mismatch', 'The provided hash does not match what was computed.', 400)
  const canonical = canonicalOf(method, target, service === 's3', signed, headers, hash)
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/${service}/aws4_request\n${sha256(canonical)}`
  const key = [day, region, service, 'aws4_request'].reduce<Buffer | string>(
    (made, part) => createHmac('sha256', made).update(part).digest(),
    `AWS4${known.secretKey}`,
  )
  const expected = createHmac('sha256', key).update(toSign).digest('hex')
  if (signature !== expected) return refused('SignatureDoesNotMatch', 'The signature we calculated does not match.')
  return { service, region }
}

function canonicalOf(
  method: string,
  target: string,
  isS3: boolean,
  signed: readonly string[],
  headers: IncomingHttpHeaders,
  hash: string,
): string {
  const [path = '/', query = ''] = target.split('?')
  const words = new URLSearchParams(query)
  const pairs = [...words]
    .map(([name, value]) => `${strict(name)}=${strict(value)}`)
    .toSorted((a, b) => (a < b ? -1 : 1))
  const lines = signed.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replaceAll(/ +/g, ' ')}\n`,
  )
  const way = isS3 ? path : path.split('/').map(strict).join('/')
  return [method, way, pairs.join('&'), lines.join(''), signed.join(';'), hash].join('\n')
}

function strict(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function refused(code: string, message: string, status = 403): Proven {
  return { status, code, message }
}
