import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { docs } from './docs.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'holdpoint-openapi-')))

const api = `openapi: 3.0.3
info: { title: Shop, version: 1.4.0 }
paths:
  /orders:
    parameters: [{ $ref: '#/components/parameters/Tenant' }]
    get:
      parameters: [{ name: state, in: query, required: true, schema: { enum: [open, closed] } }]
      responses:
        '200':
          description: All
          content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Order' } } } }
    post: { responses: { '201': { description: Made } } }
  /orders/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, example: 7, schema: { type: integer } }]
      responses:
        2XX: { description: One, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } }
    delete: { parameters: [{ name: id, in: path }], responses: {} }
components:
  parameters: { Tenant: { name: x-tenant, in: header, required: true, schema: { default: one } } }
  schemas:
    Order:
      type: object
      required: [id]
      properties: { id: { type: integer }, total: { type: number, nullable: true } }
`

/** What the service answers, by its path: the status and the body. */
let answers: Readonly<Record<string, readonly [number, unknown]>> = {}
const asked: string[] = []
const server = createServer((request, response) => {
  const { method = '', url = '', headers } = request
  asked.push(`${method} ${url} ${String(headers['x-tenant'] ?? '-')} ${headers.authorization ?? '-'}`)
  const [status, body] = answers[(url.split('?')[0] ?? '').replace('/v1', '')] ?? answers['*'] ?? [404, 'gone']
  response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
})
let service = ''

beforeAll(async () => {
  writeFileSync(join(root, 'api.yaml'), api)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  service = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})
afterAll(() => {
  server.close()
  rmSync(root, { recursive: true, force: true })
})

const sound = { '/orders': [200, [{ id: 7, total: null }]], '/orders/7': [200, { id: 7, total: 1.5 }] } as const

function check(openapi: object, more: typeof answers = sound, powers: Partial<CheckPowers> = {}): Promise<CheckResult> {
  answers = more
  asked.length = 0
  return runCheck(docs as never, { openapi: { document: 'api.yaml', ...openapi } }, { root, ...powers })
}

test('documented routes that change nothing are asked with the examples of the document, and no others', async () => {
  const result = await check({ service, answers: true, token: 'API_TOKEN' })
  expect(result).toMatchObject({
    outcome: 'passed',
    say: '0 pages, 0 links, 4 documented routes, 2 asked, nothing amiss',
    facts: { routes: 4, asked: 2 },
  })
  expect(asked.slice(1).toSorted()).toEqual([
    'GET /v1/orders/7 - Bearer secret-API_TOKEN',
    'GET /v1/orders?state=open one Bearer secret-API_TOKEN',
  ])
  expect(evidenceText(result)).toContain('GET /orders/7 → 200')
})

test.each<[string, typeof answers, string, string]>([
  [
    'a route that is gone',
    { '/orders': sound['/orders'] },
    'failed',
    'GET /orders/{id} is documented and answers 404, asked as /orders/7',
  ],
  [
    'a broken one',
    { ...sound, '/orders': [503, {}] },
    'failed',
    'GET /orders is documented and answers 503, asked as /orders?state=open',
  ],
  [
    'a member of another type',
    { ...sound, '/orders/7': [200, { id: '7' }] },
    'failed',
    'GET /orders/{id}: body.id is string, expected integer',
  ],
  [
    'a status of its own',
    { ...sound, '/orders': [204, []] },
    'failed',
    'GET /orders: it answers 204, which is not documented',
  ],
  [
    'another type',
    { ...sound, '/orders': [200, '<html>'] },
    'failed',
    'GET /orders: it answers text/html, documented is application/json',
  ],
  [
    'a refusal',
    { ...sound, '/orders': [401, {}] },
    'inconclusive',
    'GET /orders answers 401, so its documented answer was not seen',
  ],
  [
    'a page for every address',
    { '*': [200, []] },
    'inconclusive',
    'GET /orders answers 200, as an address does that nobody documented',
  ],
])('%s is told', async (_what, given, outcome, words) => {
  const result = await check({ service, answers: true }, given)
  expect(result.outcome).toBe(outcome)
  expect(result.say).toContain(words)
})

test('a value of the checklist goes before an example, and what has neither is a doubt', async () => {
  const other = { ...sound, '/orders/a%2Fb': sound['/orders/7'] }
  expect((await check({ service, values: { id: 'a/b' } }, other)).outcome).toBe('passed')
  writeFileSync(join(root, 'bare.yaml'), api.replace('example: 7, ', ''))
  expect(await check({ service, document: 'bare.yaml' })).toMatchObject({
    outcome: 'inconclusive',
    say: 'GET /orders/{id} was not asked: the document has no example of id, and values: names none',
  })
})

test("the service's own list of routes is compared in both directions, however it writes what varies", async () => {
  const routes = [
    'GET /v1/orders',
    'POST /v1/orders/',
    'get /v1/orders/:id',
    { methods: ['DELETE', 'OPTIONS'], path: '/v1/orders/<int:id>' },
    'GET /metrics',
  ]
  const list = (entries: readonly unknown[]): void => writeFileSync(join(root, 'routes.json'), JSON.stringify(entries))
  list(routes)
  expect((await check({ routes: 'routes.json', below: '/v1' })).outcome).toBe('passed')
  list([...routes.slice(1), 'GET /v1/refunds/{id}', 'GET /v1/internal/x'])
  expect(await check({ routes: 'routes.json', below: '/v1', except: ['/internal/*'] })).toMatchObject({
    outcome: 'failed',
    say: 'GET /orders is documented, and the service does not list it; GET /refunds/{id} is there, and not documented',
  })
  const own = { ...sound, '/openapi.json': [200, { openapi: '3.1.0', paths: { '/orders': { get: {} } } }] } as const
  expect((await check({ routes: `${service}/openapi.json` }, own)).say).toBe(
    'POST /orders is documented, and the service does not list it; GET /orders/{id} is documented, and the service does not list it; DELETE /orders/{id} is documented, and the service does not list it',
  )
})

test('what is no such document, no list, or nothing to ask is never a pass', async () => {
  writeFileSync(join(root, 'two.yaml'), 'swagger: "2.0"\npaths: {}\n')
  writeFileSync(join(root, 'none.yaml'), 'openapi: 3.1.0\npaths: { /a: { post: {} } }\n')
  writeFileSync(join(root, 'far.yaml'), 'openapi: 3.1.0\npaths: { "@evil.example/": { get: {} } }\n')
  const say = async (openapi: object): Promise<string> => {
    const { outcome, say } = await check({ service, ...openapi })
    return `${outcome}: ${say}`
  }
  expect(await say({ document: 'two.yaml' })).toBe(
    'errored: two.yaml is no OpenAPI document: expected openapi: 3.x at its top',
  )
  expect(await say({ document: 'none.yaml' })).toBe(
    'inconclusive: none.yaml documents no route that could be asked without changing anything',
  )
  expect(await say({ document: 'far.yaml' })).toBe(
    'errored: far.yaml documents the path "@evil.example/": expected one that begins with /',
  )
  expect(await say({ routes: 'two.yaml' })).toContain(
    'errored: two.yaml lists no routes: expected ["GET /orders/{id}"]',
  )
  expect(await say({ document: 'gone.yaml' })).toBe('errored: there is no file gone.yaml')
})
