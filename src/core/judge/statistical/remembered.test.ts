/** What was computed once is not computed again, and what is kept has bounds. */
import { expect, test } from 'vitest'
import { remembered } from './remembered.ts'

test('the same number is computed once, and its answer is the same object', () => {
  let computed = 0
  const twice = remembered((key) => {
    computed += 1
    return { value: 2 * key }
  })
  expect(twice(3)).toEqual({ value: 6 })
  expect(twice(3)).toBe(twice(3))
  expect(computed).toBe(1)
})

test('any number of numbers is answered right, however many were asked before', () => {
  const twice = remembered((key) => 2 * key)
  for (let round = 0; round < 2; round += 1) for (let key = 0; key < 1000; key += 1) expect(twice(key)).toBe(2 * key)
  expect(twice(Number.NaN)).toBeNaN()
})
