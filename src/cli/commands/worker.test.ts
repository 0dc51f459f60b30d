/** How `worker list` says when a worker was seen. */
import { expect, test } from 'vitest'
import { seenWords } from './worker.ts'

test('a worker that has been silent for long enough to be given up is not shown as seen now', () => {
  expect(seenWords(2_000)).toBe('now')
  expect(seenWords(31_000)).toBe('31 s ago')
  expect(seenWords(59_999)).toBe('60 s ago')
  expect(seenWords(90_000)).toBe('2 min ago')
  expect(seenWords(3 * 3_600_000)).toBe('3 h ago')
})
