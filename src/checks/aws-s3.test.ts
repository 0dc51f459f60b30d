/** Buckets of a stand-in of S3 that checks every signature: age, size, keys, sameness, and how they are kept. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Bucket, bucketOf, storedAt } from '../../test/support/aws/s3.ts'
import { type AwsServer, startAws } from '../../test/support/aws/server.ts'
import { publicBlocks } from '../core/aws/s3.ts'
import { etagCheck } from '../core/aws/etag.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { awsS3 } from './aws-s3.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

const HOUR = 3_600_000
let server: AwsServer
let root: string
let bucket: Bucket

beforeAll(async () => {
  server = await startAws()
  root = mkdtempSync(join(tmpdir(), 'holdpoint-aws-s3-'))
})
beforeEach(() => {
  bucket = bucketOf('eu-west-1')
  server.buckets.clear()
  server.buckets.set('acme', bucket)
})
afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

function look(config: Record<string, unknown>, more: Partial<CheckPowers> = {}): Promise<CheckResult> {
  const secrets = { AWS_ACCESS_KEY_ID: server.key.accessKey, AWS_SECRET_ACCESS_KEY: server.key.secretKey }
  const secret = (name: string): string => secrets[name as keyof typeof secrets] ?? 'wrong'
  const powers = { secret, root, ...more }
  return runCheck(awsS3 as never, { region: 'eu-west-1', bucket: 'acme', endpoint: server.endpoint, ...config }, powers)
}

test('the newest dump of a prefix is taken, and held to its age and size', async () => {
  for (const [key, hours] of [
    ['postgres/c', 30],
    ['postgres/a', 2],
    ['postgres/b', 50],
    ['postgres/d', 9],
    ['x', 0],
  ] as const)
    bucket.objects.set(key, storedAt('12345', Date.now() - hours * HOUR))
  const good = await look({ prefix: 'postgres/', 'newer-than': '24h', 'min-size': 5 })
  expect(good).toMatchObject({
    outcome: 'passed',
    captures: { newest: 'postgres/a' },
    facts: { objects: 4, newest_bytes: 5 },
  })
  expect(good.say).toContain('the newest is postgres/a, 2h old, at most 24h allowed, 5 bytes')
  expect(evidenceText(good)).toContain('5 postgres/c')
  expect(await look({ prefix: 'postgres/', 'newer-than': '1h' })).toMatchObject({ outcome: 'failed' })
  expect((await look({ prefix: 'postgres/', 'min-size': '1kB' })).say).toContain('has 5 bytes, at least 1000 expected')
  expect((await look({ prefix: 'mysql/', 'newer-than': '1h' })).say).toBe(
    '0 objects under acme/mysql/, at least 1 expected',
  )
  bucket.objects.set('postgres/z', storedAt('x', Date.now() + HOUR))
  expect(await look({ prefix: 'postgres/', 'newer-than': '24h' })).toMatchObject({ outcome: 'inconclusive' })
})

test('a bucket that is versioned, encrypted and private is known from one that is not', async () => {
  const asked = { versioning: true, encrypted: 'aws:kms', private: true }
  const bad = await look(asked)
  expect(bad).toMatchObject({ outcome: 'failed', facts: { versioning: 'never enabled', encryption: ['AES256'] } })
  expect(bad.say).toContain('versioning of acme is never enabled, expected Enabled')
  expect(bad.say).toContain('BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets not set')
  Object.assign(bucket, { versioning: 'Enabled', encryption: 'aws:kms', blocked: publicBlocks })
  expect(await look(asked)).toMatchObject({ outcome: 'passed' })
  Object.assign(bucket, { versioning: 'Suspended', encryption: null, blocked: publicBlocks.slice(1) })
  for (const one of [{ versioning: true }, { encrypted: true }, { private: true }])
    expect(await look(one)).toMatchObject({ outcome: 'failed' })
})

test('a folder and a bucket are the same by their content, with parts and without', async () => {
  mkdirSync(join(root, 'dist', 'js'), { recursive: true })
  const big = Buffer.alloc(9 * 1024 * 1024, 'x')
  const files = { 'index.html': Buffer.from('<p>'), 'js/app.js': Buffer.from('1'), 'big.bin': big }
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(root, 'dist', name), bytes)
    bucket.objects.set(`v2/${name}`, storedAt(bytes, Date.now()))
  }
  // As the command line of AWS uploads it: two parts, the first of 8 MiB.
  bucket.objects.set('v2/big.bin', storedAt(big, Date.now(), { etag: partedEtag(big) }))
  const asked = { prefix: 'v2/', 'same-as': 'dist' }
  expect(await look(asked)).toMatchObject({ outcome: 'passed', facts: { same: 3 } })
  bucket.objects.set('v2/js/app.js', storedAt('2', Date.now()))
  bucket.objects.set('v2/old.js', storedAt('2', Date.now()))
  bucket.objects.delete('v2/index.html')
  const bad = await look(asked)
  expect(bad).toMatchObject({
    outcome: 'failed',
    facts: { different: ['js/app.js'], extra: ['old.js'], missing: ['index.html'] },
  })
  bucket.objects.set('v2/index.html', storedAt('<p>', Date.now()))
  bucket.objects.set('v2/js/app.js', storedAt('1', Date.now(), { encryption: 'aws:kms', etag: 'a'.repeat(32) }))
  const unknown = await look({ ...asked, extra: true })
  expect(unknown).toMatchObject({ outcome: 'inconclusive' })
  expect(unknown.say).toContain('an ETag that does not tell whether they are as in dist: js/app.js')
  const hidden = { encryption: 'aws:kms', etag: 'a'.repeat(32) }
  const told = (text: string) => ({ 'x-amz-meta-sha256': createHash('sha256').update(text).digest('hex') })
  bucket.objects.set('v2/js/app.js', storedAt('1', Date.now(), { ...hidden, given: told('1') }))
  expect(await look({ ...asked, extra: true })).toMatchObject({ outcome: 'passed' })
  bucket.objects.set('v2/js/app.js', storedAt('2', Date.now(), { ...hidden, given: told('2') }))
  expect(await look({ ...asked, extra: true })).toMatchObject({
    outcome: 'failed',
    facts: { different: ['js/app.js'] },
  })
})

test('a backup bucket has what the bucket that is served has', async () => {
  const backup = bucketOf('eu-west-1')
  server.buckets.set('acme-backup', backup)
  for (const at of [bucket, backup]) at.objects.set('a', storedAt('1', Date.now()))
  expect(await look({ 'same-as-bucket': 'acme-backup' })).toMatchObject({ outcome: 'passed' })
  backup.objects.set('a', storedAt('2', Date.now()))
  expect((await look({ 'same-as-bucket': 'acme-backup' })).say).toContain('1 file different: a')
  expect(await look({ 'same-as-bucket': 'gone' })).toMatchObject({ outcome: 'errored', say: 'there is no bucket gone' })
})

test('a bucket that is not there fails, and what AWS refuses is no answer', async () => {
  expect(await look({ bucket: 'other', versioning: true })).toMatchObject({
    outcome: 'failed',
    say: 'there is no bucket other',
  })
  const refused = await look({ 'min-objects': 1 }, { secret: () => 'wrong' })
  expect(refused).toMatchObject({ outcome: 'errored' })
  expect(refused.say).toContain('AWS does not accept the keys')
})

test('a check that asks nothing is refused with an example', () => {
  const given = awsS3.config.safeParse({ region: 'eu-west-1', bucket: 'acme' })
  expect(given.error?.issues[0]?.message).toContain('such as newer-than: 24h')
  expect(awsS3.config.safeParse({ region: 'Ireland', bucket: 'acme', private: true }).success).toBe(false)
})

function partedEtag(bytes: Buffer): string {
  const parts = [bytes.subarray(0, 8 * 1024 * 1024), bytes.subarray(8 * 1024 * 1024)]
  const hashes = parts.map((part) => createHash('md5').update(part).digest())
  return `${createHash('md5').update(Buffer.concat(hashes)).digest('hex')}-2`
}

test('an ETag of parts of a size that nobody uses cannot tell', () => {
  const check = etagCheck(`${'a'.repeat(32)}-3`, 100)
  check.add(Buffer.alloc(100))
  expect(check.isSame()).toBe(null)
})
