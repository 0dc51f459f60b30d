/** The pages say a number as the terminal and the report do. */
import { expect, test } from 'vitest'
import { numberWords as elsewhere } from '../../../src/report/words.ts'
import { numberWords, timesWords } from './number-words.ts'

test('every number has the same words as on all other surfaces', () => {
  const values = [
    null,
    0,
    0.0004,
    0.0042,
    0.0131,
    0.5,
    0.96,
    1,
    9.994,
    12.345,
    99.96,
    250,
    1e6,
    Number.NaN,
    Infinity,
    -3,
  ]
  for (const unit of ['ratio', 'seconds', 'plain'] as const)
    for (const value of values) expect(numberWords(value, unit)).toBe(elsewhere(value, unit))
})

test('a comparison has three digits and never pretends to know what is not finite', () => {
  expect([1.0763, 0.8888, 12.3, Infinity].map(timesWords)).toEqual(['1.08 ×', '0.889 ×', '12 ×', 'any number ×'])
})
