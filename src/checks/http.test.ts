import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import { renderProblem } from '../core/plan/problem.ts'
import type { CheckPowers } from '../core/ports/check.ts'
import { http as definition } from './http.ts'
import { oneTimeCode } from './parts/one-time-code.ts'
import { evidenceText, falseClock, runCheck, testPowers } from './parts/powers.fixture.ts'

const check = definition as never
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

interface Seen {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

async function serve(answer: (seen: Seen, response: ServerResponse) => void): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = {
        line: `${request.method} ${request.url}`,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      seen.push(one)
      answer(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(typeof body === 'string' ? body : JSON.stringify(body))
const ask = (requests: string, overrides: Parameters<typeof runCheck>[2] = {}): ReturnType<typeof runCheck> =>
  runCheck(check, { requests }, overrides)

test('what was there instead is said, but for what may let somebody in', async () => {
  const { url } = await serve((_seen, response) => json(response, 200, { state: 'down', n: 3, token: 'ey-123' }))
  const say = async (expected: string): Promise<string> => (await ask(`# @expect ${expected}\nGET ${url}/`)).say
  expect(await say('status == 200 && body.state == "up" && body.n > 1')).toMatch(
    /body\.n > 1 \(body\.state is "down", body\.n is 3\)$/,
  )
  expect(await say('body.token == "x"')).not.toContain('ey-123')
})

test('an authority of your own is trusted in every request, and a file that is missing proves nothing', async () => {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-http-'))
  closers.push(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'ca.pem'), 'OUR AUTHORITY')
  const trusted: unknown[] = []
  const http: CheckPowers['http'] = (_url, init) => {
    trusted.push(init.ca)
    return Promise.resolve(new Response('ok'))
  }
  const asked = { requests: 'GET https://shop.test/\n\n###\n# @cleanup\nDELETE https://shop.test/', ca: 'ca.pem' }
  expect((await runCheck(check, asked, { root, http })).outcome).toBe('passed')
  expect(trusted).toEqual(['OUR AUTHORITY', 'OUR AUTHORITY'])
  expect((await runCheck(check, { ...asked, ca: 'gone.pem' }, { root, http })).outcome).toBe('errored')
})

test('a create, read and delete scenario passes, with captured values and cleanup', async () => {
  const { url, seen } = await serve(({ line }, response) => {
    if (line.startsWith('POST')) json(response, 201, { id: 'a/b c', state: 'new' })
    else if (line.startsWith('GET')) json(response, 200, { state: 'ready' })
    else response.writeHead(204).end()
  })
  const result = await ask(
    `# @name create
# @expect status == 201
# @capture id = body.id
POST ${url}/orders
authorization: Bearer {{ secret.TOKEN }}
x-version: {{ version }}

{ "item": "{{ version }}" }

### read it
# @expect body.state == "ready"
# @expect header("Content-Type").contains("json")
# @expect time < 10s
GET ${url}/orders/{{ id }}?v={{ version }}

###
# @cleanup
DELETE ${url}/orders/{{ id }}
`,
    { variables: { version: '1.0"\r\nevil: yes' } },
  )
  expect(result.outcome, result.say).toBe('passed')
  expect(seen.map(({ line }) => line)).toEqual([
    'POST /orders',
    'GET /orders/a%2Fb%20c?v=1.0%22%0D%0Aevil%3A%20yes',
    'DELETE /orders/a%2Fb%20c',
  ])
  expect(seen[0]?.headers).toMatchObject({
    authorization: 'Bearer secret-TOKEN',
    'x-version': '1.0" evil: yes',
    'content-type': 'application/json',
  })
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ item: '1.0"\r\nevil: yes' })
  expect(result.captures).toEqual({ id: 'a/b c' })
  expect(evidenceText(result)).toContain('POST')
})

test('a second factor is set up and used: the one-time code comes from the seed that the service gave', async () => {
  const { url, seen } = await serve(({ line }, response) =>
    json(response, 200, line.startsWith('POST /setup') ? { seed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' } : {}),
  )
  const before = Date.now()
  const result = await ask(`# @capture seed = body.seed
POST ${url}/setup

###
POST ${url}/verify

{ "code": "{{ totp.seed }}" }
`)
  expect(result.outcome, result.say).toBe('passed')
  const { code } = JSON.parse(seen[1]?.body ?? '') as { code: string }
  const possible = [before, Date.now()].map((now) => oneTimeCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', now))
  expect(possible).toContain(code)
})

test('the scenario stops at the first failure and cleanup still runs', async () => {
  const { url, seen } = await serve(({ line }, response) =>
    json(response, line.startsWith('GET /bad') ? 500 : 200, { id: 1 }),
  )
  const result = await ask(`# @capture id = body.id
POST ${url}/make

###
GET ${url}/bad

###
GET ${url}/never

###
# @cleanup
DELETE ${url}/made/{{ id }}`)
  expect(result.outcome).toBe('failed')
  expect(result.say).toContain('answered 500')
  expect(result.say).toContain('expected status 200 to 299')
  expect(seen.map(({ line }) => line)).toEqual(['POST /make', 'GET /bad', 'DELETE /made/1'])
})

test('cleanup runs after the time of the check is over, and what was never made needs none', async () => {
  const { url, seen } = await serve(({ line }, response) => {
    if (line.startsWith('DELETE')) response.writeHead(204).end()
  })
  const result = await ask(
    `# @capture id = body.id
GET ${url}/hangs

###
# @cleanup
DELETE ${url}/made

###
# @cleanup
DELETE ${url}/made/{{ id }}`,
    { signal: AbortSignal.timeout(200) },
  )
  expect(result.outcome).toBe('errored')
  expect(seen.map(({ line }) => line)).toEqual(['GET /hangs', 'DELETE /made'])
  expect(evidenceText(result)).toContain('{{ id }} was never captured')
})

test('a cleanup that fails keeps the check from passing', async () => {
  const { url } = await serve(({ line }, response) => json(response, line.startsWith('DELETE') ? 403 : 200, {}))
  const result = await ask(`GET ${url}/\n\n###\n# @cleanup\nDELETE ${url}/thing`)
  expect(result).toMatchObject({ outcome: 'failed' })
  expect(result.say).toContain('cleanup')
})

test('polling goes on until the expectations hold, or its patience is over', async () => {
  let asked = 0
  const { url } = await serve((_seen, response) => {
    asked += 1
    json(response, asked < 3 ? 503 : 200, { ready: true })
  })
  const poll = `# @poll every=2s for=30s\n# @expect body.ready\n# @expect status == 200\nGET ${url}/`
  expect((await ask(poll, { clock: falseClock() })).outcome).toBe('passed')
  expect(asked).toBe(3)
  asked = -100
  const result = await ask(poll, { clock: falseClock() })
  expect(result.outcome).toBe('failed')
  expect(result.say).toContain('after 16 tries')
})

test('services that lie are never a pass', async () => {
  const { url } = await serve(({ line }, response) => {
    if (line.endsWith('/nan')) json(response, 200, '{"rate": NaN}')
    else if (line.endsWith('/null')) json(response, 200, '{"rate": null}')
    else if (line.endsWith('/html'))
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>')
    else if (line.endsWith('/cut')) json(response, 200, '{"rate": 0.1')
    else if (line.endsWith('/other')) json(response, 200, '{"speed": 0.1}')
    else if (line.endsWith('/text')) json(response, 200, '{"rate": "0.1"}')
    else if (line.endsWith('/huge')) json(response, 200, '{"rate": 1e999}')
    else response.writeHead(200, { 'content-length': '50' }).end('{"rate": 0.1')
  })
  for (const path of ['nan', 'null', 'html', 'cut', 'other', 'text', 'huge', 'short']) {
    const result = await ask(`# @expect body.rate < 0.5\n# @timeout 500ms\nGET ${url}/${path}`)
    expect(['inconclusive', 'errored', 'failed'], `${path}: ${result.say}`).toContain(result.outcome)
    const negated = await ask(`# @expect !(body.rate > 0.5)\n# @timeout 500ms\nGET ${url}/${path}`)
    expect(negated.outcome, `negated ${path}: ${negated.say}`).not.toBe('passed')
  }
})

test('a redirect is no success unless the request follows it', async () => {
  const { url } = await serve(({ line }, response) => {
    if (line === 'GET /') response.writeHead(302, { location: '/login' }).end()
    else response.end('login')
  })
  const result = await ask(`GET ${url}/`)
  expect(result.outcome).toBe('failed')
  expect(result.say).toContain('it redirects to /login')
  expect(
    (await ask(`# @redirect follow\n# @expect text == "login"\n# @expect status == 200\nGET ${url}/`)).outcome,
  ).toBe('passed')
})

test('what cannot be captured is inconclusive, and a missing value sends nothing', async () => {
  const { url, seen } = await serve((_seen, response) => json(response, 200, { list: [1] }))
  expect((await ask(`# @capture id = body.id\nGET ${url}/`)).outcome).toBe('inconclusive')
  expect((await ask(`# @capture list = body.list\nGET ${url}/`)).outcome).toBe('inconclusive')
  const before = seen.length
  const result = await ask(`GET ${url}/{{ nobody }}`)
  expect(result).toMatchObject({ outcome: 'errored' })
  expect(result.say).toContain('{{ nobody }}')
  expect(seen.length).toBe(before)
})

test('a value in the host part cannot change where the request goes', async () => {
  const result = await ask('GET http://{{ host }}/health', { variables: { host: 'good.example.com@evil.example.com' } })
  expect(result).toMatchObject({ outcome: 'errored' })
  expect(result.say).toContain('does not come out as a host')
})

test('nobody at home is an error with its reason', async () => {
  const { url } = await serve(() => {})
  for (const close of closers.splice(0)) close()
  const result = await ask(`GET ${url}/`)
  expect(result.outcome).toBe('errored')
  expect(result.say).toContain('ECONNREFUSED')
})

test('mistakes in the block are found before it runs, with their line', () => {
  const mistakes: [string, string][] = [
    ['FETCH https://a.example.com', 'line 1: expected METHOD url'],
    ['GET a.example.com', 'line 1: expected an address'],
    ['# @expect status = 200\nGET https://a.example.com', 'line 1: @expect status = 200: found'],
    [
      '# @expect body.version == "{{ version }}"\nGET https://a.example.com',
      'line 1: @expect body.version == "{{ version }}": {{ }} would be compared as text; names stand here by themselves: # @expect body.version == version',
    ],
    ['# @expect status == {{code}}\nGET https://a.example.com', '# @expect status == code'],
    ['# @capture id = body["{{ x }}"]\nGET https://a.example.com', '# @capture id = body[x]'],
    ['GET https://a.example.com\naccept application/json', 'line 2: expected a header'],
    ['GET https://a.example.com\n\n###\n# @pol every=2s\nGET https://a.example.com', 'line 4: unknown @pol'],
    ['# @poll every=2\nGET https://a.example.com', 'line 1: expected # @poll every=2s for=30s'],
    ['GET https://a.example.com\ncontent-length: 3', 'line 2: content-length is set by the request itself'],
    ['# @capture id\nGET https://a.example.com', 'line 1: expected # @capture'],
    ['', 'line 1: expected at least one request'],
    ['# @cleanup\nDELETE https://a.example.com', 'line 1: expected at least one request'],
    ['GET https://a.example.com\n\nbody', 'line 1: a GET has no body'],
  ]
  for (const [requests, message] of mistakes) {
    const parsed = definition.config.safeParse({ requests })
    expect(parsed.error?.issues.map((issue) => issue.message).join('\n'), requests).toContain(message)
  }
})

const problemsIn = (text: string): readonly string[] =>
  compile(
    { file: 'release.md', bytes: new TextEncoder().encode(text), shared: null },
    { checks: new Map([['http', check]]), sources: new Map(), drivers: new Map(), notifiers: new Map() },
  ).problems.map(renderProblem)
const documentOf = (requests: string, head = ''): string =>
  `---\nholdpoint: 1\n${head}---\n# R\n\n- [ ] One\n  \`\`\`http check capture=made\n${requests.replaceAll(/^/gm, '  ')}\n  \`\`\`\n`

test('an expectation may name what the release knows, its inputs, and what earlier requests captured', () => {
  const requests = `# @expect body.version == version && text.contains(environment)
# @expect body.count > input.least && status == 200
# @capture made = body.id + release
POST https://a.example.com

###
# @expect body.id == made
GET https://a.example.com

###
# @cleanup
# @expect status == 204 || made == ""
DELETE https://a.example.com`
  expect(problemsIn(documentOf(requests, 'inputs: { least: { type: number } }\n'))).toEqual([])
})

test('a name nobody gives is found when the document compiles, on its own line', () => {
  const found = (requests: string): string => problemsIn(documentOf(requests)).join('\n')
  const request = 'GET https://a.example.com'
  expect(found(`# @expect statsu == 200\n${request}`)).toContain(
    'release.md:8:1  the condition "statsu == 200": unknown name',
  )
  expect(found(`${request}\n\n###\n# @capture id = bdy.id\n${request}`)).toContain(
    'release.md:11:1  the expression "bdy.id"',
  )
  expect(found(`# @expect body.n == input.nothing\n${request}`)).toContain('unknown input "nothing"')
  // What a request captures is there for those after it.
  expect(found(`# @expect body.id == id\n${request}\n\n###\n# @capture id = body.id\n${request}`)).toContain(
    'unknown name "id"',
  )
  expect(found(`# @expect body.id == made\n# @capture made = body.id\n${request}`)).toContain('gives only later')
})

test('expectations are held against the release and against what was captured, with its type', async () => {
  const { url } = await serve(({ line }, response) =>
    json(response, 200, line.startsWith('POST') ? { id: 42, tag: '7' } : { id: 42, tag: '7', version: '1.5' }),
  )
  const second = (expectation: string): ReturnType<typeof ask> =>
    ask(
      `# @capture id = body.id\n# @capture tag = body.tag\nPOST ${url}/\n\n###\n# @expect ${expectation}\nGET ${url}/`,
      {
        variables: { version: '1.5', status: 'of the release', id: 'of the release' },
      },
    )
  expect(await second('body.id == id && body.tag == tag && body.version == version')).toMatchObject({
    outcome: 'passed',
    captures: { id: '42', tag: '7' },
  })
  expect(await second('status == 200')).toMatchObject({ outcome: 'passed' })
  expect(await second('body.version == "v" + version')).toMatchObject({
    outcome: 'failed',
    say: expect.stringContaining('expected body.version == "v" + version (body.version is "1.5", version is "1.5")'),
  })
  expect(await second('body.version == previous')).toMatchObject({ outcome: 'inconclusive' })
})

test('doctor can ask whether the addresses answer, and sends nothing but a HEAD', async () => {
  const { url, seen } = await serve((_seen, response) => response.writeHead(405).end())
  const config = definition.config.parse({ requests: `POST ${url}/orders\n\n{}\n\n###\nGET {{ captured }}/x` })
  expect(await definition.probe?.(config, testPowers())).toEqual({ ok: true, say: `${url} answers (405)` })
  expect(seen.map(({ line }) => line)).toEqual(['HEAD /'])
  for (const close of closers.splice(0)) close()
  expect(await definition.probe?.(config, testPowers())).toMatchObject({ ok: false })
})
