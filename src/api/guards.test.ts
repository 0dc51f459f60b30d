/** What a fault of the store tells a caller: what happened and whether it passes, not where the database stands. */
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { StoreFault } from '../core/ports/store.ts'
import { toldFault } from './guards.ts'

test('a database that is away is told of without its address', async () => {
  const app = new Hono()
  const where = 'db.internal:5432/holdpoint (schema teams)'
  app.get('/', () => {
    throw new StoreFault(`the database at ${where} cannot be reached (ECONNREFUSED)`, { retryable: true, where })
  })
  app.onError((cause, context) => toldFault(cause, context, () => {}))
  const answer = await app.request('/')
  expect(answer.status).toBe(503)
  expect(await answer.json()).toMatchObject({
    code: 'store-fault',
    detail: 'the database cannot be reached (ECONNREFUSED)',
    retryable: true,
  })
})
