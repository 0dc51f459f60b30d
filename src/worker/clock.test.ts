import { expect, test } from 'vitest'
import { realClock } from './clock.ts'

test('a sleep never ends before its time by the same clock', async () => {
  const clock = realClock()
  for (const ms of [0, 1, 7, 23]) {
    const start = clock.now()
    await clock.sleep(ms)
    expect(clock.now() - start).toBeGreaterThanOrEqual(ms)
  }
})

test('an aborted sleep resolves at once, and one that was aborted before too', async () => {
  const clock = realClock()
  const stop = new AbortController()
  const sleeping = clock.sleep(3_600_000, stop.signal)
  stop.abort()
  await sleeping
  await clock.sleep(3_600_000, stop.signal)
  expect(stop.signal.aborted).toBe(true)
})

test('the clock does not move when the wall clock is set', () => {
  const clock = realClock()
  const before = clock.now()
  const realNow = Date.now
  Date.now = () => 0
  try {
    expect(clock.now()).toBeGreaterThanOrEqual(before)
  } finally {
    Date.now = realNow
  }
})
