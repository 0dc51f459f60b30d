import { expect, test } from 'vitest'
import { Jobs } from './jobs.ts'

const never = new AbortController().signal

test('no more places are given than there are', async () => {
  const jobs = new Jobs(2)
  await jobs.take('a', never)
  await jobs.take('a', never)
  let isThirdIn = false
  void jobs.take('a', never).then(() => (isThirdIn = true))
  await Promise.resolve()
  expect(isThirdIn).toBe(false)
})

test('a release with many commands does not starve one with a single command', async () => {
  const jobs = new Jobs(1)
  const order: string[] = []
  const first = await jobs.take('big', never)
  const waiting = ['big', 'big', 'big', 'small'].map(async (release) => {
    const place = await jobs.take(release, never)
    order.push(release)
    place?.free()
  })
  first?.free()
  await Promise.all(waiting)
  expect(order).toEqual(['big', 'small', 'big', 'big'])
})

test('who no longer wants a place leaves the line, and the next one gets it', async () => {
  const jobs = new Jobs(1)
  const first = await jobs.take('a', never)
  const leaving = new AbortController()
  const gone = jobs.take('b', leaving.signal)
  const next = jobs.take('c', never)
  leaving.abort()
  first?.free()
  expect(await gone).toBeNull()
  expect(await next).not.toBeNull()
})

test('a place given back twice is one place', async () => {
  const jobs = new Jobs(1)
  const first = await jobs.take('a', never)
  first?.free()
  first?.free()
  await jobs.take('b', never)
  let isSecondIn = false
  void jobs.take('c', never).then(() => (isSecondIn = true))
  await Promise.resolve()
  expect(isSecondIn).toBe(false)
})

test('places handed out together come when enough are free, and nobody jumps the line of those who wait', async () => {
  const jobs = new Jobs(4, 2)
  const places = await Promise.all([1, 2, 3, 4].map(() => jobs.take('a', never)))
  const served: string[] = []
  for (const who of ['b', 'c', 'd']) void jobs.take(who, never).then(() => served.push(who))
  places[0]?.free()
  void jobs.take('late', never).then(() => served.push('late'))
  await Promise.resolve()
  expect(served).toEqual([])
  places[1]?.free()
  await Promise.resolve()
  expect(served).toEqual(['b', 'c'])
  places[2]?.free()
  places[3]?.free()
  await Promise.resolve()
  expect(served).toEqual(['b', 'c', 'd', 'late'])
})
