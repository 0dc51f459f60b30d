/** The signature of AWS, held to the vectors that AWS publishes. */
import { expect, test } from 'vitest'
import { encodePart, queryOf, type Signable, signed, type SignScope } from './sign.ts'

const suite = {
  accessKey: 'AKIDEXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: null,
}
const get: Signable = { method: 'GET', host: 'example.amazonaws.com', path: '/', query: '', headers: {}, body: '' }
const scope: SignScope = { service: 'service', region: 'us-east-1', at: Date.UTC(2015, 7, 30, 12, 36, 0) }
const bucket: Signable = { ...get, host: 'examplebucket.s3.amazonaws.com' }
const storage: SignScope = { service: 's3', region: 'us-east-1', at: Date.UTC(2013, 4, 24) }

function signatureOf(request: Signable, at: SignScope, accessKey = suite.accessKey): string {
  const secretKey = at === storage ? 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' : suite.secretKey
  const { authorization = '' } = signed(request, at, { ...suite, accessKey, secretKey })
  return authorization.slice(authorization.indexOf('Signature=') + 'Signature='.length)
}

test.each<[string, Signable, SignScope, string]>([
  ['get-vanilla', get, scope, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  [
    'get-vanilla-query-order-key-case',
    {
      ...get,
      query: queryOf([
        ['Param2', 'value2'],
        ['Param1', 'value1'],
      ]),
    },
    scope,
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'post-vanilla',
    { ...get, method: 'POST' },
    scope,
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-x-www-form-urlencoded',
    { ...get, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'Param1=value1' },
    scope,
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
  [
    'an object of S3, a part of it',
    { ...bucket, path: '/test.txt', headers: { range: 'bytes=0-9' } },
    storage,
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'a list of S3',
    {
      ...bucket,
      query: queryOf([
        ['max-keys', '2'],
        ['prefix', 'J'],
      ]),
    },
    storage,
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
  [
    'a setting of a bucket',
    { ...bucket, query: queryOf([['lifecycle', '']]) },
    storage,
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
])('%s is signed as AWS publishes it', (_name, request, at, expected) => {
  expect(signatureOf(request, at)).toBe(expected)
})

test('a path is signed as it is sent to S3, and encoded once more for every other service', () => {
  const path = `/functions/${encodePart('arn:a/b')}`
  expect(path).toBe('/functions/arn%3Aa%2Fb')
  expect(signatureOf({ ...get, path }, storage)).not.toBe(signatureOf({ ...get, path: '/functions/arn:a/b' }, storage))
})

test('the token of temporary keys is sent and signed', () => {
  const headers = signed(get, scope, { ...suite, sessionToken: 'token' })
  expect(headers['x-amz-security-token']).toBe('token')
  expect(headers['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token,')
})
