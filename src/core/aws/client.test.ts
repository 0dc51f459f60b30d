/** AWS is asked with patience and refused in words: against a stand-in that checks every signature. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AwsServer, startAws } from '../../../test/support/aws/server.ts'
import { bucketOf, storedAt } from '../../../test/support/aws/s3.ts'
import { distributionThere } from '../../../test/support/aws/cloudfront.ts'
import { configOf, updateConfig } from './cloudfront.ts'
import { elementsAt, withText } from './way.ts'
import { awsAt, type Aws, type AwsPlace } from './client.ts'
import { listObjects, versioningOf } from './s3.ts'
import { readXml, textAt } from './xml.ts'

let server: AwsServer
const waits: number[] = []

beforeEach(async () => {
  server = await startAws()
  server.buckets.set('acme', bucketOf('eu-west-1'))
  waits.length = 0
})
afterEach(() => server.close())

function aws(more: Partial<AwsPlace['credentials']> = {}, clockMs = 0): Aws {
  const { accessKey, secretKey } = server.key
  const credentials = { accessKey, secretKey, sessionToken: null, ...more }
  return awsAt(
    { credentials, region: 'eu-west-1', endpoint: server.endpoint },
    {
      ask: (url, init) => fetch(url, init as RequestInit),
      now: () => Date.now() + clockMs,
      sleep: (ms) => Promise.resolve(void waits.push(ms)),
    },
  )
}

test('keys with every kind of letter are listed over all pages, in order', async () => {
  const keys = ['a b+c&d=e.txt', 'ä/€/😀', "it's (1)*!", 'x<y>"z', 'z', '~tilde', 'a%20b']
  for (const key of keys) server.buckets.get('acme')?.objects.set(key, storedAt('x', 1_700_000_000_000))
  const found = await listObjects(aws(), 'acme', '', 100)
  expect(found.map(({ key }) => key).toSorted()).toEqual(keys.toSorted())
  expect(found[0]).toMatchObject({ bytes: 1, at: 1_700_000_000_000 })
  expect(server.asked).toEqual(Array.from({ length: 3 }, () => 's3:ListBucket 200'))
  await expect(listObjects(aws(), 'acme', '', 4)).rejects.toThrow('acme has more than 4 objects; name a prefix')
})

test('a limit is waited for, longer each time, and then said', async () => {
  server.instead(2, 503, 'SlowDown')
  expect(await versioningOf(aws(), 'acme')).toBe(null)
  expect(waits).toEqual([500, 1000])
  server.instead(9, 400, 'ThrottlingException')
  await expect(versioningOf(aws(), 'acme')).rejects.toThrow('AWS refuses: ThrottlingException: told to (400)')
})

test('after an outage only what changes nothing is asked again', async () => {
  server.instead(1, 500, 'InternalError')
  expect(await versioningOf(aws(), 'acme')).toBe(null)
  server.instead(1, 500, 'InternalError')
  const put = aws().ask('s3', { method: 'PUT', path: '/acme/a', body: 'x', changes: true })
  await expect(put).rejects.toThrow('s3 of AWS has an outage: InternalError: told to (500)')
})

test.each<[string, () => Promise<unknown>, string]>([
  [
    'another secret key',
    () => versioningOf(aws({ secretKey: 'x' }), 'acme'),
    'does not accept the keys: SignatureDoesNotMatch',
  ],
  [
    'an unknown key',
    () => versioningOf(aws({ accessKey: 'AKIA' }), 'acme'),
    'does not accept the keys: InvalidAccessKeyId',
  ],
  [
    'a token that nobody gave',
    () => versioningOf(aws({ sessionToken: 'x' }), 'acme'),
    'does not accept the keys: ExpiredToken',
  ],
  ['a wrong clock', () => versioningOf(aws({}, 3_600_000), 'acme'), 'the time of this machine, whose clock is wrong'],
])('%s is refused in words, without the key', async (_name, asked, words) => {
  const fault = await asked().then(
    () => null,
    (error: unknown) => error as Error,
  )
  expect(fault?.message).toContain(words)
  expect(fault?.message).not.toContain(server.key.secretKey)
})

test('temporary keys are accepted with their token', async () => {
  server.expectToken('the token')
  expect(await versioningOf(aws({ sessionToken: 'the token' }), 'acme')).toBe(null)
})

test('a bucket in another region, and a right that is missing, are said', async () => {
  server.buckets.set('far', bucketOf('us-east-1'))
  await expect(versioningOf(aws(), 'far')).rejects.toThrow('it is in another region than the one that is named')
  server.deny('s3:ListBucket')
  await expect(listObjects(aws(), 'acme', '', 9)).rejects.toThrow(
    'AWS refuses: AccessDenied: not authorized to perform: s3:ListBucket (403)',
  )
})

test('XML is read as a tree, and what is none is refused', () => {
  const root = readXml('<?xml version="1.0"?>\n<a:Root xmlns:a="x"><Key>1 &lt; 2 &#x20AC;</Key><Empty/></a:Root>\n')
  expect(root && textAt(root, 'Key')).toBe('1 < 2 €')
  for (const text of [
    '',
    'x',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<!DOCTYPE a><a/>',
    `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`,
  ])
    expect(readXml(text), text).toBe(null)
})

test('a configuration of CloudFront is changed only as it was read', async () => {
  server.cdn.distributions.set('E1', distributionThere('<Enabled>true</Enabled><Comment></Comment>'))
  const read = await configOf(aws(), 'E1')
  if (read === null) throw new Error('there is none')
  await updateConfig(aws(), 'E1', withText(read.config, 'Comment', 'a < b'), read.etag)
  const late = updateConfig(aws(), 'E1', withText(read.config, 'Comment', 'late'), read.etag)
  await expect(late).rejects.toThrow('AWS refuses: PreconditionFailed: The precondition failed. (412)')
  const after = await configOf(aws(), 'E1')
  expect(after && elementsAt(after.config, 'Comment').map(({ text }) => text)).toEqual(['a < b'])
})

test('a role is taken on once, and its keys are asked for anew before they end', async () => {
  const role = 'arn:aws:iam::123456789012:role/release'
  let later = 0
  const place = {
    credentials: { ...server.key, sessionToken: null },
    role,
    region: 'eu-west-1',
    endpoint: server.endpoint,
  }
  const one = awsAt(place, {
    ask: (url, init) => fetch(url, init as RequestInit),
    now: () => Date.now() + later,
    sleep: () => Promise.resolve(),
  })
  await expect(versioningOf(one, 'acme')).rejects.toThrow('not authorized to perform: sts:AssumeRole')
  server.roles.trusted.add(role)
  await versioningOf(one, 'acme')
  await versioningOf(one, 'acme')
  expect(server.roles.given).toHaveLength(1)
  later = 56 * 60_000
  server.skew(later)
  await versioningOf(one, 'acme')
  expect(server.roles.given).toHaveLength(2)
})
