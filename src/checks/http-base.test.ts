import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import { testKinds } from '../core/plan/test-kinds.ts'
import type { SourcePlan } from '../core/plan/plan.ts'
import { http } from './http.ts'
import { checks } from './index.ts'
import { runCheck } from './parts/powers.fixture.ts'
import { parseScenario } from './http-scenario/scenario.ts'

const seen: { readonly line: string; readonly headers: IncomingHttpHeaders }[] = []
const server = createServer((request, response) => {
  seen.push({ line: `${request.method} ${request.url}`, headers: request.headers })
  response.writeHead(200, { 'content-type': 'application/json' }).end('{ "token": "t1" }')
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())))
beforeEach(() => void seen.splice(0))

const own = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const source = (kind = 'http', more: object = {}): SourcePlan => ({
  kind,
  config: { url: `${own()}/api/`, headers: { Authorization: 'Bearer s3cret', accept: 'text/plain' }, ...more },
})
const ask = (requests: string, shop = source()): ReturnType<typeof runCheck> =>
  runCheck(http as never, { on: 'shop', requests }, { source: () => shop, variables: { id: 'a/b' } })

test('a path goes behind the address of the source, with its headers; what the request says comes first', async () => {
  const result = await ask('POST /orders/{{ id }}\naccept: application/json\n\n{ "n": 1 }')
  expect(result.outcome, result.say).toBe('passed')
  expect(seen).toMatchObject([
    {
      line: 'POST /api/orders/a%2Fb',
      headers: { authorization: 'Bearer s3cret', accept: 'application/json', 'content-type': 'application/json' },
    },
  ])
})

test('the headers of a source are sent nowhere else', async () => {
  const result = await ask(`GET ${own()}/elsewhere`)
  expect(result.outcome, result.say).toBe('passed')
  expect(seen[0]?.headers['authorization']).toBeUndefined()
})

test('a source that is no base ends the check before anything is asked', async () => {
  expect((await ask('GET /', source('prometheus'))).say).toContain('shop is no source of the kind http')
  expect((await ask('GET /', source('http', { url: `${own()}/?a=1` }))).say).toContain('has a query')
  expect((await ask('GET /', source('http', { headers: { a: 'b\r\nc: d' } }))).say).toContain('line break')
  expect(seen).toEqual([])
})

test('a header that is said once holds for what follows to the same place, and nowhere else', async () => {
  const result = await ask(
    `# @capture token = body.token
POST /login

###
# @header authorization: Bearer {{ token }}
GET /first

###
GET /second
x-own: 1

###
GET ${own()}/api/other

###
# @cleanup
DELETE /first`,
    source('http', { headers: {} }),
  )
  expect(result.outcome, result.say).toBe('passed')
  expect(seen.map(({ line, headers }) => [line, headers['authorization']])).toEqual([
    ['POST /api/login', undefined],
    ['GET /api/first', 'Bearer t1'],
    ['GET /api/second', 'Bearer t1'],
    ['GET /api/other', undefined],
    ['DELETE /api/first', 'Bearer t1'],
  ])
  expect(parseScenario('# @header host: x\nGET https://a.example').problems[0]?.message).toContain('host is set by')
})

test('a path without a source, a host in its place, and a source of another kind are errors of the document', () => {
  const errorsOf = (block: string): readonly string[] => {
    const sources =
      'sources:\n  shop: { kind: http, url: "https://shop.example" }\n  prom: { kind: prometheus, url: "http://prom:9090" }'
    const text = `---\nholdpoint: 1\nservice: shop\n${sources}\n---\n## Checks\n- [ ] One\n${block.replace(/^/gm, '  ')}\n`
    const kinds = { ...testKinds, checks: new Map(checks.map((each) => [each.kind, each])) }
    return compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, kinds)
      .problems.filter(({ severity }) => severity === 'error')
      .map(({ code, found, expected }) => `${code}: ${found}; ${expected}`)
  }
  expect(errorsOf('```http check on=shop\nGET /health\n```')).toEqual([])
  expect(errorsOf('```http check\nGET /health\n```').join()).toContain('on=NAME of a source of the kind http')
  expect(errorsOf('```http check on=shop\nGET //evil.example/x\n```').join()).toContain('expected an address')
  expect(errorsOf('```http check on=prom\nGET /health\n```')).toEqual([
    'unknown-source: "prom", a source of the kind prometheus; a source of the kind http: shop',
  ])
  const inScenario = (on: string): string =>
    `\`\`\`yaml check\nkind: scenario\nsteps: [{ kind: http, on: ${on}, requests: GET /health }]\n\`\`\``
  expect(errorsOf(inScenario('shop'))).toEqual([])
  expect(errorsOf(inScenario('prom'))).toHaveLength(1)
  expect(errorsOf('```yaml check\nkind: websocket\non: shop\nurl: /live\n```')).toEqual([])
  expect(errorsOf('```yaml check\nkind: websocket\nurl: /live\n```').join()).toContain('a path such as /live with `on`')
  expect(errorsOf('```yaml check\nkind: browser\non: shop\nurl: /sign-in\n```')).toEqual([])
  const probe = (where: string): string =>
    `\`\`\`yaml check\nkind: security-probe\n${where}headers: { pages: [GET /] }\n\`\`\``
  expect(errorsOf(probe('on: shop\n'))).toEqual([])
  expect(errorsOf(probe(''))).toHaveLength(1)
})
