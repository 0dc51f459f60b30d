import { expect, test } from 'vitest'
import { attendDuties } from './duties.ts'

test('a duty that fails is told once until it has gone well, and goes on; all end with the process', async () => {
  const ending = new AbortController()
  const told: string[] = []
  let rounds = 0
  const answers = [false, false, true, false]
  await attendDuties(
    [
      {
        name: 'watching',
        everyMs: 1,
        run: () => {
          const isGood = answers[rounds]
          rounds += 1
          if (rounds === answers.length) ending.abort()
          return isGood ? Promise.resolve() : Promise.reject(new Error('gone'))
        },
      },
    ],
    ending.signal,
    (line) => told.push(line),
  )
  expect(rounds).toBe(4)
  expect(told).toEqual(['watching: gone', 'watching: gone'])
})
