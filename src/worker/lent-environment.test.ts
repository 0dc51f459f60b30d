import { expect, test } from 'vitest'
import { createLentEnvironment } from './lent-environment.ts'

test('each release sees what was lent to it, and nothing that was lent to another', async () => {
  const lent = createLentEnvironment(0)
  lent.lend('one', { REGION: 'eu' })
  lent.lend('two', { REGION: 'us', ZONE: 'a' })
  expect(await lent.of('one')).toEqual({ REGION: 'eu' })
  expect(await lent.of('two')).toEqual({ REGION: 'us', ZONE: 'a' })
  expect(await lent.of('three')).toEqual({})
})

test('lending again adds what is missing and changes nothing under a release that runs', async () => {
  const lent = createLentEnvironment(0)
  lent.lend('one', { REGION: 'eu' })
  lent.lend('one', { REGION: 'us', ZONE: 'a' })
  expect(await lent.of('one')).toEqual({ REGION: 'eu', ZONE: 'a' })
})

test('an engine that has just been started waits for the terminal of a release it found', async () => {
  const lent = createLentEnvironment()
  const found = lent.of('one')
  lent.lend('two', { REGION: 'us' })
  lent.lend('one', { REGION: 'eu' })
  expect(await found).toEqual({ REGION: 'eu' })
})
