/** Buckets of S3: what is in them, and how they are kept. */
import type { Instant } from '../units.ts'
import { type Aws, AwsFault, orNone, xmlOf } from './client.ts'
import { encodePart } from './sign.ts'
import { nodesAt, textAt, type XmlNode } from './xml.ts'

export interface S3Object {
  readonly key: string
  readonly bytes: number
  /** Without quotes: the MD5 of what was put in one piece and not encrypted by KMS. */
  readonly etag: string
  readonly at: Instant
}

export interface S3Head {
  readonly etag: string
  /** `AES256`, `aws:kms`; null = it is not, or does not say. */
  readonly encryption: string | null
  /** As whoever put it said: `aws-s3-sync` does. */
  readonly sha256: string | null
}

/** What S3 is asked to keep away from everybody. */
export const publicBlocks = [
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
] as const

/** Objects under a prefix, in the order of their keys. Throws AwsFault; also for more than `most`. */
export async function listObjects(
  aws: Aws,
  bucket: string,
  prefix: string,
  most: number,
): Promise<readonly S3Object[]> {
  const found: S3Object[] = []
  let more: string | null = null
  do {
    const query: [string, string][] = [
      ['list-type', '2'],
      ['max-keys', '1000'],
    ]
    if (prefix !== '') query.push(['prefix', prefix])
    if (more !== null) query.push(['continuation-token', more])
    const root: XmlNode = await askedFor(aws, bucket, query)
    found.push(...nodesAt(root, 'Contents').map(objectOf))
    if (found.length > most) throw new AwsFault(`${bucket} has more than ${most} objects; name a prefix`, '', 200)
    more = textAt(root, 'IsTruncated') === 'true' ? textAt(root, 'NextContinuationToken') : null
    if (more === null && textAt(root, 'IsTruncated') !== 'false')
      throw new AwsFault(`the list of ${bucket} does not say how it goes on`, '', 200)
  } while (more !== null)
  return found
}

/** `Enabled`, `Suspended`, or null = it never was. */
export async function versioningOf(aws: Aws, bucket: string): Promise<string | null> {
  return textAt(await askedFor(aws, bucket, [['versioning', '']]), 'Status')
}

/** The algorithms that new objects are encrypted with unless somebody says otherwise: `AES256`, `aws:kms`. */
export async function encryptionOf(aws: Aws, bucket: string): Promise<readonly string[]> {
  const root = await orNone(
    askedFor(aws, bucket, [['encryption', '']]),
    'ServerSideEncryptionConfigurationNotFoundError',
  )
  if (root === null) return []
  const rules = nodesAt(root, 'Rule', 'ApplyServerSideEncryptionByDefault', 'SSEAlgorithm')
  return rules.map(({ text }) => text)
}

/** Which of `publicBlocks` are not set. */
export async function openToPublic(aws: Aws, bucket: string): Promise<readonly string[]> {
  const root = await orNone(askedFor(aws, bucket, [['publicAccessBlock', '']]), 'NoSuchPublicAccessBlockConfiguration')
  return publicBlocks.filter((name) => root === null || textAt(root, name) !== 'true')
}

/** Headers of an object; null = there is none. */
export async function headOf(aws: Aws, bucket: string, key: string): Promise<S3Head | null> {
  const answer = await orNone(aws.ask('s3', { method: 'HEAD', path: pathOf(bucket, key) }), 404)
  if (answer === null) return null
  return {
    etag: (answer.headers.get('etag') ?? '').replaceAll('"', ''),
    encryption: answer.headers.get('x-amz-server-side-encryption'),
    sha256: answer.headers.get('x-amz-meta-sha256'),
  }
}

/** Throws AwsFault. To put the same again does no harm. */
export async function putObject(
  aws: Aws,
  bucket: string,
  key: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  await aws.ask('s3', { method: 'PUT', path: pathOf(bucket, key), body, headers })
}

/** With its metadata. Throws AwsFault. */
export async function copyObject(
  aws: Aws,
  from: { readonly bucket: string; readonly key: string },
  to: { readonly bucket: string; readonly key: string },
): Promise<void> {
  const headers = { 'x-amz-copy-source': pathOf(from.bucket, from.key) }
  const answer = await aws.ask('s3', { method: 'PUT', path: pathOf(to.bucket, to.key), headers })
  // What goes wrong while it copies is said in an answer that began as a good one.
  const root = xmlOf(await answer.text(), `the copy of ${from.key}`)
  if (root.name !== 'CopyObjectResult')
    throw new AwsFault(
      `${from.key} was not copied: ${textAt(root, 'Code') ?? root.name}`,
      textAt(root, 'Code') ?? '',
      200,
    )
}

/** Throws AwsFault. What is not there is deleted already. */
export async function deleteObject(aws: Aws, bucket: string, key: string): Promise<void> {
  await aws.ask('s3', { method: 'DELETE', path: pathOf(bucket, key) })
}

/** By path, so that every bucket is at the one place that is declared. */
export function pathOf(bucket: string, key = ''): string {
  return `/${encodePart(bucket)}${key === '' ? '' : `/${key.split('/').map(encodePart).join('/')}`}`
}

async function askedFor(aws: Aws, bucket: string, query: readonly (readonly [string, string])[]): Promise<XmlNode> {
  const answer = await aws.ask('s3', { path: pathOf(bucket), query })
  return xmlOf(await answer.text(), `a question about ${bucket}`)
}

function objectOf(node: XmlNode): S3Object {
  const key = textAt(node, 'Key')
  const at = Date.parse(textAt(node, 'LastModified') ?? '')
  const bytes = Number(textAt(node, 'Size') ?? Number.NaN)
  if (key === null || Number.isNaN(at) || Number.isNaN(bytes))
    throw new AwsFault('the list of objects is not as S3 gives it', '', 200)
  return { key, bytes, at, etag: (textAt(node, 'ETag') ?? '').replaceAll('"', '') }
}
