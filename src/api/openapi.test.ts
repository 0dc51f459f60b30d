/** The description of the API against the rules of OpenAPI 3.1, and against what the routes really ask for. */
import { beforeAll, describe, expect, test } from 'vitest'
import { conforms, troublesOf } from './test-support/openapi-rules.ts'
import { examplePlan, world } from './test-support/world.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly servers?: readonly { readonly url: string }[]
  readonly 'x-holdpoint-needs': string
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: unknown; example?: unknown }>> }
}
interface Description {
  readonly openapi: string
  readonly servers: readonly { readonly url: string; readonly description?: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly securitySchemes: Readonly<Record<string, unknown>> }
}

let described: Description
let operations: readonly (readonly [name: string, operation: Operation])[]

async function descriptionFrom(...given: Parameters<typeof world>): Promise<Description> {
  const at = world(...given)
  const headers = { host: 'releases.example.com' }
  const answer = (await (await at.request('GET', '/openapi.json', undefined, headers)).json()) as Description
  await at.end()
  return answer
}

beforeAll(async () => {
  const web = { origins: ['https://releases.example.com'], isSecure: true }
  described = await descriptionFrom(examplePlan(), {}, { kind: 'tcp', from: '203.0.113.7' }, { web })
  operations = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  )
})

test('keeps every rule of OpenAPI 3.1', () => {
  expect(troublesOf(described)).toEqual([])
  expect(operations.length).toBeGreaterThan(90)
})

describe('the rules themselves', () => {
  const cases: readonly (readonly [string, (document: Record<string, never>) => void, RegExp])[] = [
    [
      'a reference to nothing',
      (d) => set(d, 'paths./healthz.get.responses.200', { $ref: '#/components/responses/X' }),
      /leads nowhere/,
    ],
    ['two operations of one name', (d) => set(d, 'paths./readyz.get.operationId', 'getHealthz'), /two operations/],
    [
      'a parameter that the path does not have',
      (d) => set(d, 'paths./healthz.get.parameters', [{ name: 'x', in: 'path', required: true, schema: {} }]),
      /parameters of the path/,
    ],
    ['a field that nobody knows', (d) => set(d, 'paths./healthz.get.sumary', 'x'), /no such field/],
    ['a way that is not described', (d) => set(d, 'paths./healthz.get.security', [{ magic: [] }]), /"magic"/],
    ['an answer without words', (d) => set(d, 'paths./healthz.get.responses.200', {}), /description/],
    ['a type that JSON does not have', (d) => set(d, 'components.schemas.Place.type', 'date'), /type/],
    ['nullable, as in OpenAPI 3.0', (d) => set(d, 'components.schemas.Place.nullable', true), /no such keyword/],
    ['a pattern that is none', (d) => set(d, 'components.schemas.Place.pattern', '('), /pattern/],
  ]
  test.each(cases)('find %s', (_name, break_, words) => {
    const broken = structuredClone(described) as unknown as Record<string, never>
    break_(broken)
    expect(troublesOf(broken).join('\n')).toMatch(words)
  })
})

test('says of each operation who may use it, as its demand does', () => {
  const ways = (operation: Operation) => operation.security.map((way) => Object.keys(way).join(' and ')).join(' or ')
  for (const [name, operation] of operations) {
    const demand = operation['x-holdpoint-needs']
    if (demand === 'public') continue
    expect([name, ways(operation)]).toEqual([name, demand === 'local' ? '' : 'bearer or cookie or basic'])
    expect([name, operation.servers?.length]).toEqual([name, demand === 'local' ? 1 : undefined])
  }
  const open = operations.filter(([, { 'x-holdpoint-needs': demand }]) => demand === 'public')
  expect(
    open.filter(([, operation]) => ways(operation) !== '').map(([name, operation]) => [name, ways(operation)]),
  ).toEqual([
    ['POST /v1/slack/interactions', 'slackSignature'],
    ['POST /v1/incidents', 'bearer or resultKey and resultSignature'],
    ['POST /v1/gates/github', 'githubSignature'],
    ['POST /v1/results', 'bearer or resultKey and resultSignature'],
  ])
})

test('names each operation by its path, so that a client that was made of it keeps its names', () => {
  const named = Object.fromEntries(operations.map(([name, { operationId }]) => [name, operationId]))
  expect(named).toMatchObject({
    'GET /healthz': 'getHealthz',
    'GET /v1/releases/{id}': 'getReleasesById',
    'POST /v1/openid/back-channel-logout': 'postOpenidBackChannelLogout',
    'GET /v1/projects/{project}/webhooks/{hook}/deliveries': 'getProjectsByProjectWebhooksByHookDeliveries',
  })
})

test('each example is one that its shape takes', () => {
  const examples = operations.flatMap(([name, { requestBody }]) =>
    Object.values(requestBody?.content ?? {})
      .filter(({ example }) => example !== undefined)
      .map(({ schema, example }) => [name, schema, example] as const),
  )
  expect(examples.length).toBeGreaterThan(8)
  for (const [name, schema, example] of examples) {
    expect([name, conforms(described, schema, example)]).toEqual([name, null])
    expect([name, conforms(described, schema, { ...(example as object), 'of-nobody': 1 })]).not.toEqual([name, null])
  }
})

test('says where the server is, and at the socket that it is there', async () => {
  expect(described.servers).toEqual([{ url: 'https://releases.example.com' }])
  expect(described.components.securitySchemes['cookie']).toMatchObject({ in: 'cookie', name: '__Host-holdpoint' })
  const local = await descriptionFrom(
    examplePlan(),
    {},
    { kind: 'local', from: 'test' },
    { web: { origins: [], isSecure: false } },
  )
  expect(local.servers).toMatchObject([{ url: 'http://localhost' }])
  expect(troublesOf(local)).toEqual([])
})

/** Puts a value at a path with dots; names of paths hold slashes and no dots. */
function set(document: Record<string, never>, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let at = document as Record<string, unknown>
  for (const key of keys) at = at[key] as Record<string, unknown>
  at[last] = value
}
