/** S3 as its API describes it: buckets by path, lists in pages, versioning, encryption, who is kept out, objects with their ETag. */
import { createHash } from 'node:crypto'
import { type AwsAnswer, type AwsCall, type AwsHandler, elements, Refusal, xml } from './answers.ts'

export interface StoredObject {
  readonly bytes: Buffer
  readonly at: number
  readonly etag: string
  readonly type: string
  /** `aws:kms`, whose ETag is no MD5. */
  readonly encryption: string | null
  /** Headers that whoever put it gave. */
  readonly given: Readonly<Record<string, string>>
}

export interface Bucket {
  readonly objects: Map<string, StoredObject>
  versioning: string | null
  encryption: string | null
  /** Names of the blocks that are set. */
  blocked: readonly string[]
  region: string
}

export type Buckets = Map<string, Bucket>

export function bucketOf(region: string): Bucket {
  return { objects: new Map(), versioning: null, encryption: 'AES256', blocked: [], region }
}

export function storedAt(bytes: Buffer | string, at: number, more: Partial<StoredObject> = {}): StoredObject {
  const whole = Buffer.from(bytes)
  const etag = createHash('md5').update(whole).digest('hex')
  return { bytes: whole, at, etag, type: 'binary/octet-stream', encryption: 'AES256', given: {}, ...more }
}

export function s3Handler(buckets: Buckets): AwsHandler {
  return {
    protocol: 'rest-xml',
    action: ({ method, path, query }) => {
      const isBucket = !/^\/[^/]+\/./.test(path)
      const asked = ['versioning', 'encryption', 'publicAccessBlock'].find((name) => query.has(name))
      if (asked !== undefined) return `s3:GetBucket${asked}`
      if (isBucket) return 's3:ListBucket'
      return method === 'PUT' ? 's3:PutObject' : method === 'DELETE' ? 's3:DeleteObject' : 's3:GetObject'
    },
    answer: (call) => {
      const [, name = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(call.path) ?? []
      const bucket = buckets.get(name)
      if (bucket === undefined) throw new Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist')
      if (bucket.region !== call.region)
        throw new Refusal(301, 'PermanentRedirect', `The bucket is in ${bucket.region}; use that endpoint.`)
      return key === '' ? bucketAnswer(name, bucket, call) : objectAnswer(bucket, key, call, buckets)
    },
  }
}

function bucketAnswer(name: string, bucket: Bucket, { query, method }: AwsCall): AwsAnswer {
  if (method !== 'GET') throw new Refusal(405, 'MethodNotAllowed', 'The specified method is not allowed.')
  if (query.has('versioning'))
    return xml(`<VersioningConfiguration>${elements({ Status: bucket.versioning })}</VersioningConfiguration>`)
  if (query.has('encryption')) {
    if (bucket.encryption === null)
      throw new Refusal(404, 'ServerSideEncryptionConfigurationNotFoundError', 'The configuration was not found')
    return xml(
      `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>${bucket.encryption}</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
    )
  }
  if (query.has('publicAccessBlock')) {
    if (bucket.blocked.length === 0)
      throw new Refusal(404, 'NoSuchPublicAccessBlockConfiguration', 'The configuration was not found')
    const all = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']
    const set = Object.fromEntries(all.map((each) => [each, bucket.blocked.includes(each)]))
    return xml(`<PublicAccessBlockConfiguration>${elements(set)}</PublicAccessBlockConfiguration>`)
  }
  if (query.get('list-type') !== '2') throw new Refusal(400, 'InvalidArgument', 'Only the second list is known here')
  return listed(name, bucket, query)
}

/** Three to a page, so that every list of more has several. */
const page = 3

function listed(name: string, bucket: Bucket, query: URLSearchParams): AwsAnswer {
  const prefix = query.get('prefix') ?? ''
  const keys = [...bucket.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()
  const from = Number(Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString() || 0)
  if (!Number.isInteger(from)) throw new Refusal(400, 'InvalidArgument', 'The continuation token provided is incorrect')
  const some = keys.slice(from, from + Math.min(page, Number(query.get('max-keys') ?? 1000)))
  const isTruncated = from + some.length < keys.length
  const contents = some.map((key) => {
    const { bytes, at, etag } = bucket.objects.get(key) as StoredObject
    return `<Contents>${elements({ Key: key, LastModified: new Date(at).toISOString(), ETag: `"${etag}"`, Size: bytes.length, StorageClass: 'STANDARD' })}</Contents>`
  })
  const next = isTruncated ? Buffer.from(String(from + some.length)).toString('base64url') : null
  const head = { Name: name, Prefix: prefix, KeyCount: some.length, MaxKeys: 1000, IsTruncated: isTruncated }
  return xml(
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${elements({ ...head, NextContinuationToken: next })}${contents.join('')}</ListBucketResult>`,
  )
}

function objectAnswer(bucket: Bucket, key: string, call: AwsCall, buckets: Buckets): AwsAnswer {
  const { method, headers, body, now } = call
  if (method === 'PUT') {
    const encryption = bucket.encryption
    const source = headers['x-amz-copy-source']
    const copied = typeof source === 'string' ? copiedFrom(source, buckets) : null
    const given = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        typeof value === 'string' && /^(?:x-amz-meta-|cache-control$)/.test(name) ? [[name, value] as const] : [],
      ),
    )
    const made =
      copied ?? storedAt(body, now, { type: String(headers['content-type'] ?? 'binary/octet-stream'), given })
    const etag = encryption === 'aws:kms' ? createHash('md5').update(`kms${now}${key}`).digest('hex') : made.etag
    bucket.objects.set(key, { ...made, at: now, encryption, etag })
    const told = { etag: `"${etag}"` }
    return copied === null
      ? { status: 200, headers: told, body: '' }
      : xml(
          `<CopyObjectResult>${elements({ ETag: `"${etag}"`, LastModified: new Date(now).toISOString() })}</CopyObjectResult>`,
          told,
        )
  }
  if (method === 'DELETE') {
    bucket.objects.delete(key)
    return { status: 204, body: '' }
  }
  const found = bucket.objects.get(key)
  if (found === undefined) throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.')
  const told = {
    etag: `"${found.etag}"`,
    'last-modified': new Date(found.at).toUTCString(),
    'content-type': found.type,
    ...found.given,
    ...(found.encryption !== null && { 'x-amz-server-side-encryption': found.encryption }),
  }
  if (method === 'HEAD')
    return { status: 200, headers: { ...told, 'content-length': String(found.bytes.length) }, body: '' }
  return { status: 200, headers: told, body: found.bytes.toString('latin1') }
}

function copiedFrom(source: string, buckets: Buckets): StoredObject {
  const [, name = '', key = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(source)) ?? []
  const found = buckets.get(name)?.objects.get(key)
  if (found === undefined) throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.')
  return found
}
