/** What is kept of a view when a newer one comes. */
import { expect, test } from 'vitest'
import { shared } from './share.ts'

test('what says the same is the very same, down to the parts that did not change', () => {
  const before = {
    steps: [
      { id: 'a', state: 'passed' },
      { id: 'b', state: 'waiting' },
    ],
    facts: { version: '1' },
  }
  const next = {
    steps: [
      { id: 'a', state: 'passed' },
      { id: 'b', state: 'running' },
    ],
    facts: { version: '1' },
  }
  const made = shared(before, next)
  expect(made).toEqual(next)
  expect(made.facts).toBe(before.facts)
  expect(made.steps[0]).toBe(before.steps[0])
  expect(made.steps[1]).not.toBe(before.steps[1])
  expect(shared(before, structuredClone(before))).toBe(before)
})

test('what is gone is gone, and null is told apart from nothing', () => {
  expect(shared({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 })
  expect(shared([1, 2, 3], [1, 2])).toEqual([1, 2])
  expect(shared({ a: null }, { a: {} })).toEqual({ a: {} })
  expect(shared(null, { a: [] })).toEqual({ a: [] })
})
