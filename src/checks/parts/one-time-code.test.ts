import { expect, test } from 'vitest'
import { oneTimeCode } from './one-time-code.ts'

/** "12345678901234567890", the seed of the test values in RFC 6238, appendix B; their last six digits. */
const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

test.for([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const)('at %i s the code is the one of the standard', ([seconds, code]) => {
  expect(oneTimeCode(seed, seconds * 1_000)).toBe(code)
})

test('a seed is taken as setup pages write it, in groups and small letters', () => {
  expect(oneTimeCode('gezd gnbv gy3t qojq gezd gnbv gy3t qojq====', 59_000)).toBe('287082')
})

test('what is no seed is refused with one that is', () => {
  expect(() => oneTimeCode('12345678', 0)).toThrow('such as JBSWY3DPEHPK3PXP')
})
