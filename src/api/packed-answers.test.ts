/** Long answers are packed for browsers over the network, and for nobody else. */
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { world, type World } from './test-support/world.ts'

const door = { kind: 'tcp', from: '203.0.113.7' } as const
const host = { host: 'holdpoint.test' }
let at: World
beforeEach(() => {
  at = world(undefined, {}, door, { web: { origins: ['http://holdpoint.test'], isSecure: false } })
})
afterEach(() => at.end())

test('a long answer comes packed to a browser that takes it so, with what it says unchanged', async () => {
  const plain = await at.request('GET', '/openapi.json', undefined, host)
  const packed = await at.request('GET', '/openapi.json', undefined, { ...host, 'accept-encoding': 'gzip, br' })
  expect(plain.headers.get('content-encoding')).toBeNull()
  expect(packed.headers.get('content-encoding')).toBe('gzip')
  expect(packed.headers.get('vary')).toContain('accept-encoding')
  expect(packed.headers.get('cache-control')).toBe('no-store')
  const bytes = Buffer.from(await packed.arrayBuffer())
  expect(gunzipSync(bytes).toString()).toBe(await plain.text())
})

test('a short answer, and a refusal, come as they are', async () => {
  const short = await at.request('GET', '/healthz', undefined, { ...host, 'accept-encoding': 'gzip' })
  expect(short.headers.get('content-encoding')).toBeNull()
  expect(await short.text()).not.toBe('')
  const refused = await at.request('GET', '/v1/board', undefined, { ...host, 'accept-encoding': 'gzip' })
  expect(refused.status).toBe(401)
  expect(refused.headers.get('content-encoding')).toBeNull()
})
