/** An assignment is begun only as the server wrote it, once, and in time. */
import { expect, test } from 'vitest'
import { faultOfOffer, signOffer } from './assignment.ts'

const offer = {
  attempt: 'r1/deploy/1',
  request: {
    attempt: 'r1/deploy/1',
    shell: 'bash',
    script: './deploy.sh',
    cwd: '/srv',
    env: { HOLDPOINT_VERSION: '1.4.0' },
    secrets: { TOKEN: { from: 'env', name: 'TOKEN' } },
    epoch: 7,
    timeoutMs: 60_000,
    outputCapBytes: 1_000,
  },
  issuedAt: 1_000,
  expires: 11_000,
} as const
const asked = { secret: 'hpt_secret', claim: 'question-1', elapsedMs: 5_000, waitMs: 25_000 }
const signed = signOffer('hpt_secret', 'question-1', offer)

test('what the server wrote fits, also after a journey as JSON', () => {
  expect(faultOfOffer(signed, asked)).toBeNull()
  expect(faultOfOffer(JSON.parse(JSON.stringify(signed)) as typeof signed, asked)).toBeNull()
})

test('an answer to an earlier question is refused', () => {
  expect(faultOfOffer(signed, { ...asked, claim: 'question-2' })).toContain('answers another question')
  expect(faultOfOffer({ ...signed, claim: 'question-2' }, { ...asked, claim: 'question-2' })).toContain('signature')
})

test('whatever is altered shows', () => {
  const altered = [
    { ...signed, attempt: 'r1/deploy/2' },
    { ...signed, expires: 99_000 },
    { ...signed, issuedAt: 0 },
    { ...signed, signature: signed.signature.replace(/^./, (first) => (first === '0' ? '1' : '0')) },
    { ...signed, signature: '' },
    { ...signed, request: { ...offer.request, script: './destroy.sh' } },
    { ...signed, request: { ...offer.request, epoch: 8 } },
    { ...signed, request: { ...offer.request, env: {} } },
    { ...signed, request: { ...offer.request, secrets: { TOKEN: { from: 'file', path: '/etc/shadow' } } } },
    { ...signed, request: { ...offer.request, cwd: '/' } },
  ] as const
  for (const one of altered) expect(faultOfOffer(one, asked), JSON.stringify(one)).toContain('signature')
})

test('another token signs otherwise', () => {
  expect(faultOfOffer(signOffer('hpt_other', 'question-1', offer), asked)).toContain('signature')
})

test("an answer that was held back is too late, by the worker's own clock", () => {
  expect(faultOfOffer(signed, { ...asked, elapsedMs: 34_999 })).toBeNull()
  expect(faultOfOffer(signed, { ...asked, elapsedMs: 35_001 })).toContain('too late')
  expect(faultOfOffer(signed, { ...asked, elapsedMs: Number.NaN })).toContain('too late')
})

test('a signature over two attempts at once is refused', () => {
  const two = signOffer('hpt_secret', 'question-1', { ...offer, attempt: 'r1/deploy/2' })
  expect(faultOfOffer(two, asked)).toContain('two attempts')
})
