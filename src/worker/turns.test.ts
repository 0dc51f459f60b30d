/** Turns: never more at once than said, nobody forgotten, and one slow address holds up nobody but its own. */
import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

const never = new AbortController().signal

test('never more are asked at once than said, in the order they came', async () => {
  const turns = new Turns(2)
  const order: number[] = []
  let atOnce = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 9 }, (_, index) =>
      turns.take('a', never, async () => {
        order.push(index)
        most = Math.max(most, (atOnce += 1))
        await Promise.resolve()
        atOnce -= 1
      }),
    ),
  )
  expect(most).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
})

test('an address that does not answer holds up no other', async () => {
  const turns = new Turns(1)
  void turns.take('slow', never, () => new Promise(() => {}))
  expect(await turns.take('quick', never, () => Promise.resolve('answer'))).toBe('answer')
})

test('who gives up in the line is never asked, and the next one is', async () => {
  const turns = new Turns(1)
  const first = Promise.withResolvers<void>()
  const busy = turns.take('a', never, () => first.promise)
  const impatient = new AbortController()
  let isAsked = false
  const given = turns.take('a', impatient.signal, async () => (isAsked = true))
  const patient = turns.take('a', never, () => Promise.resolve('its turn'))
  impatient.abort(new Error('late'))
  await expect(given).rejects.toThrow('late')
  first.resolve()
  await busy
  expect(await patient).toBe('its turn')
  expect(isAsked).toBe(false)
})

test('what fails gives its place back', async () => {
  const turns = new Turns(1)
  await expect(turns.take('a', never, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await turns.take('a', never, () => Promise.resolve(1))).toBe(1)
})
