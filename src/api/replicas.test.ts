/** Two replicas over one store: what one has done is true at the other at once, where it would be lost otherwise. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApi } from './api.ts'
import { newSetupKey } from './auth/setup.ts'
import { examplePlan, world, type World } from './test-support/world.ts'

const door = { kind: 'tcp', from: '203.0.113.7' } as const
const password = 'a long password of ana'
let at: World
let replicas: readonly [ReturnType<typeof createApi>, ReturnType<typeof createApi>]

beforeEach(() => {
  at = world(examplePlan(), {}, door)
  replicas = [createApi(at.deps), createApi(at.deps)]
})
afterEach(() => at.end())

async function post(replica: 0 | 1, path: string, body: unknown, secret?: string) {
  const headers = { host: 'holdpoint.test', 'content-type': 'application/json' }
  const authorization = secret === undefined ? {} : { authorization: `Bearer ${secret}` }
  const given = { method: 'POST', body: JSON.stringify(body), headers: { ...headers, ...authorization } }
  const answer = await replicas[replica].request(path, given, { door })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}

test('an invitation of one replica lets in at another at once, and is not used up by a refusal', async () => {
  const key = await newSetupKey(at.store, at.deps.clock)
  const names = { organisation: 'acme', project: 'shop', person: 'ana', name: 'Ana', email: null }
  const ana = (await post(0, '/v1/setup', { key, ...names, password, as: 'token' })).body['session']
  // The other replica has read the directory just now, and does not look again so soon.
  const place = { organisation: 'acme', project: 'shop', environment: null }
  await post(1, '/v1/people', { person: 'x', name: 'X', email: null, place }, ana)
  const invited = await post(0, '/v1/people', { person: 'ben', name: 'Ben', email: null, place }, ana)
  const came = await post(1, '/v1/welcome', {
    key: invited.body['invitation'],
    password: `${password} ben`,
    as: 'token',
  })
  expect(came).toMatchObject({ status: 201, body: { person: 'ben' } })
  expect(await post(1, '/v1/sign-in', { person: 'ben', password: `${password} ben`, as: 'token' })).toMatchObject({
    status: 201,
  })
})

test('a hundred who change the directory in one moment, at two replicas, all get their answer', async () => {
  const key = await newSetupKey(at.store, at.deps.clock)
  const names = { organisation: 'acme', project: 'shop', person: 'ana', name: 'Ana', email: null }
  const ana = (await post(0, '/v1/setup', { key, ...names, password, as: 'token' })).body['session']
  const place = { organisation: 'acme', project: 'shop', environment: null }
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      post(index % 2 === 0 ? 0 : 1, '/v1/machines', { machine: `robot-${index}`, about: 'robot', place }, ana),
    ),
  )
  expect(answers.map(({ status }) => status).filter((status) => status !== 201)).toEqual([])
})

test('the set-up link of each replica works until one of them is used, and a name that is refused uses none up', async () => {
  const [first, second] = [await newSetupKey(at.store, at.deps.clock), await newSetupKey(at.store, at.deps.clock)]
  const names = { organisation: 'acme', project: 'shop', person: 'ana', name: 'Ana', email: null }
  const reserved = { ...names, person: 'engine' }
  expect(await post(0, '/v1/setup', { key: first, ...reserved, password })).toMatchObject({ status: 422 })
  expect(await post(1, '/v1/setup', { key: first, ...names, password })).toMatchObject({ status: 201 })
  for (const key of [first, second])
    expect(await post(0, '/v1/setup', { key, ...names, person: 'eve', password })).toMatchObject({
      status: 410,
      body: { code: 'used-up' },
    })
})
