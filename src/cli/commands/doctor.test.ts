/** What `doctor` says of the engine or server that commands ask. */
import { expect, test } from 'vitest'
import type { Context } from '../context.ts'
import { engine } from './doctor.ts'

const asking = (health: object) =>
  engine({
    config: { server: { url: 'https://releases.example.com', secret: null } },
    client: () => Promise.resolve({ health: () => Promise.resolve(health) }),
  } as unknown as Context)

test('of a server that is asked over the network it says which one is ready, for it tells no more', async () => {
  expect(await asking({ ok: true })).toEqual({
    what: 'engine',
    level: 'ok',
    say: 'the server https://releases.example.com is ready',
  })
  expect((await asking({ version: '0.1.0', pid: 7, open: 2 })).say).toBe('version 0.1.0, pid 7, 2 open')
})
