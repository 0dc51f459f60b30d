/** One line about the judge beside its verdict: when it was tried, what came of it, and when that is no answer any more. */
import { expect, test } from 'vitest'
import type { KeptCalibration } from '../core/judge/calibration/record.ts'
import { calibrationLine } from './calibration-words.ts'

const day = 86_400_000
const at = 1_700_000_000_000
const kept: KeptCalibration = {
  judgeDigest: 'd',
  at,
  from: at - 7 * day,
  to: at,
  standing: 'within',
  promise: 0.01,
  runs: 84,
  rolledBack: 0,
  high: 1 - 0.05 ** (1 / 84),
}
const now = { digest: 'd', now: at + 3 * day, file: 'RELEASE.md' }

test('a fresh one tells its age, its rate with the bound, and the promise', () => {
  expect(calibrationLine(kept, now)).toBe(
    'judge calibrated 3d ago: 0 of 84 healthy windows rolled back (at most 3.5 %), promised 1 %',
  )
})

test('a rate above the promise is told as such', () => {
  expect(calibrationLine({ ...kept, standing: 'above', rolledBack: 9, high: 0.17 }, now)).toMatch(
    /9 of 84 .* \(at most 17 %\), promised 1 %: more than promised$/,
  )
})

test('one that is missing, old, or of another judge says what to type', () => {
  const again = 'holdpoint judge calibrate RELEASE.md'
  expect(calibrationLine(null, now)).toBe(`judge never calibrated: ${again}`)
  expect(calibrationLine(kept, { ...now, now: at + 31 * day })).toMatch(
    /^judge calibrated 31d ago, long ago: .*; again: /,
  )
  expect(calibrationLine(kept, { ...now, digest: 'e' })).toMatch(
    new RegExp(`^judge calibrated 3d ago, for other limits than now: .*; again: ${again}$`),
  )
})
