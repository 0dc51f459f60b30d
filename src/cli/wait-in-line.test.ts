import { expect, test } from 'vitest'
import { ApiFault, type Client } from '../api/client-types.ts'
import type { Context } from './context.ts'
import { waitInLine } from './wait-in-line.ts'

const start = { release: 'shop-1.1.0-k1', service: 'shop', environment: 'production', waitMs: null }

function waiting(...answers: readonly (ApiFault | 'begun')[]): { said: string[]; ended: Promise<unknown> } {
  const said: string[] = []
  const left = [...answers]
  const show = () => {
    const next = left.shift()
    return next === 'begun' ? Promise.resolve({}) : Promise.reject(next ?? new Error('asked too often'))
  }
  const context = { json: false, out: (row: string) => said.push(row), paper: () => ({ width: 100 }) }
  const ended = waitInLine(context as unknown as Context, { show } as unknown as Client, start)
  return { said, ended }
}

test('whoever waits in line goes on when the engine or the server is away for a while', async () => {
  const away = new ApiFault('The engine did not answer: read ECONNRESET.', { code: 'lost', status: null })
  const { said, ended } = waiting(away, away, 'begun')
  expect(await ended).toBeNull()
  expect(said).toEqual(['no answer (The engine did not answer: read ECONNRESET.), trying again'])
})

test('an answer that will not change ends the wait', async () => {
  const { ended } = waiting(new ApiFault('You may not see this release.', { code: 'forbidden', status: 403 }))
  await expect(ended).rejects.toMatchObject({ code: 'forbidden' })
})
