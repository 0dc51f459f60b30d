import { expect, test } from 'vitest'
import { askUntil } from './ask-line.ts'

const answers = (...lines: readonly (string | null)[]) => {
  const left = [...lines]
  return () => Promise.resolve(left.shift() ?? null)
}
const even = (given: string) => (Number(given) % 2 === 0 ? { value: Number(given) } : { again: `${given} is odd` })

test('a line that cannot be read is asked for again, with the reason', async () => {
  const said: string[] = []
  expect(await askUntil('n? ', even, answers('1', '3', '4'), (line) => said.push(line))).toBe(4)
  expect(said).toEqual(['  1 is odd', '  3 is odd'])
})

test('Ctrl-C leaves the question', async () => {
  expect(await askUntil('n? ', even, answers(null), () => undefined)).toBeNull()
})
