import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { ApiEnv, Pour } from './env.ts'
import { listenOn, type Listening } from './listen.ts'
import { pouring } from './outflow.ts'
import { router } from './router.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-outflow-'))
const socketPath = join(folder, 'private', 'engine.sock')
const app = router()
let pour: Pour
let listening: Listening

beforeAll(async () => {
  app.use('*', async (context, next) => {
    await next()
    context.res.headers.set('x-added-after', 'yes')
  })
  app.get('/', (context) => pouring(context, { 'content-type': 'text/event-stream' }, (out, gone) => pour(out, gone)))
  listening = await listenOn(socketPath, app.fetch as (request: Request, env: ApiEnv['Bindings']) => Promise<Response>)
})
afterAll(async () => {
  await listening.close()
  rmSync(folder, { recursive: true, force: true })
})

function ask(method = 'GET'): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    http.request({ socketPath, method, path: '/', agent: false }, resolve).on('error', reject).end()
  })
}

test('what is poured comes after the headers, with those that were added to the answer later', async () => {
  pour = async (out) => {
    await out.write(Buffer.from('one '))
    await out.write(Buffer.from('two'))
  }
  const answer = await ask()
  expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-added-after': 'yes' })
  expect(await text(answer)).toBe('one two')
  const asked = await app.request('/')
  expect(asked.headers.get('x-added-after')).toBe('yes')
  expect(await asked.text()).toBe('one two')
})

test('who asks for headers alone gets them, and nothing is poured', async () => {
  pour = vi.fn<Pour>(() => Promise.resolve())
  const answer = await ask('HEAD')
  expect([answer.statusCode, await text(answer)]).toEqual([200, ''])
  expect(pour).not.toHaveBeenCalled()
})

test('a reader that does not read holds up whoever writes to it, until it reads or goes', async () => {
  const piece = Buffer.alloc(65_536, 'x')
  const most = 500 * piece.length
  let bytes = 0
  const ended = Promise.withResolvers<void>()
  pour = async (out, gone) => {
    for (; !gone.aborted && bytes < most; bytes += piece.length) await out.write(piece)
    ended.resolve()
  }
  const answer = await ask()
  // The system itself keeps a few pieces.
  for (let before = -1; bytes !== before; ) {
    before = bytes
    for (let count = 0; count < 5; count += 1) await text(await ask('HEAD'))
  }
  const held = bytes
  expect(held).toBeLessThan(most / 2)
  answer.on('error', () => {}).resume()
  await vi.waitFor(() => expect(bytes).toBeGreaterThan(held))
  answer.destroy()
  await ended.promise
})

test('a mistake cuts the connection, so that nobody takes it for the end', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {})
  pour = async (out) => {
    await out.write(Buffer.from('half'))
    throw new Error('the store does not answer')
  }
  await expect(text(await ask())).rejects.toThrow('aborted')
  expect(told).toHaveBeenCalledTimes(1)
  told.mockRestore()
})
