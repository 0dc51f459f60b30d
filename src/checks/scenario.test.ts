import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { compile } from '../core/plan/compile.ts'
import { renderProblem } from '../core/plan/problem.ts'
import { checks } from './index.ts'
import { evidenceText, runCheck, testPowers } from './parts/powers.fixture.ts'
import { stepKinds } from './scenario-steps/kinds.ts'
import { scenario } from './scenario.ts'

/** A service of streams: made by HTTP, watched over a WebSocket, told apart in a database, ended by a command. */
const root = mkdtempSync(join(tmpdir(), 'holdpoint-scenario-'))
const file = join(root, 'streams.db')
const database = new DatabaseSync(file)
const seen: string[] = []
const streams = createServer((request, response) => {
  seen.push(`${request.method} ${request.url}`)
  const id = Number(/^\/streams\/(\d+)/.exec(request.url ?? '')?.[1] ?? 41)
  if (request.method === 'POST' && request.url?.endsWith('/end')) {
    database.prepare('update streams set state = ? where id = ?').run('ended', id)
    for (const socket of sockets.clients) socket.close(1000)
    return void response.writeHead(204).end()
  }
  if (request.method === 'POST') database.prepare('insert into streams values (41, ?, 0)').run('new')
  if (request.method === 'DELETE') database.exec('delete from streams')
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, title: 'a "quoted" one' }))
})
const sockets = new WebSocketServer({ server: streams })
sockets.on('connection', (socket) => {
  // Active as soon as somebody watches.
  database.exec("update streams set state = 'active', viewers = viewers + 1")
  socket.send('{"type":"viewer_count"}')
})

let base = ''
beforeAll(async () => {
  database.exec('create table streams (id integer, state text, viewers integer)')
  await new Promise<void>((resolve) => streams.listen(0, '127.0.0.1', resolve))
  base = `127.0.0.1:${(streams.address() as AddressInfo).port}`
})
beforeEach(() => {
  seen.length = 0
  database.exec('delete from streams')
})
afterAll(() => {
  for (const socket of sockets.clients) socket.terminate()
  sockets.close()
  streams.closeAllConnections()
  streams.close()
  database.close()
  rmSync(root, { recursive: true, force: true })
})

const play = (steps: readonly Record<string, unknown>[], overrides: Parameters<typeof runCheck>[2] = {}) =>
  runCheck(
    scenario as never,
    { steps },
    {
      timeoutMs: 60_000,
      source: () => ({ kind: 'sqlite', config: { file } }),
      ...overrides,
    },
  )

const create = { kind: 'http', requests: () => '' }
const made = () => ({ ...create, title: 'create', requests: `# @capture id = body.id\nPOST http://${base}/streams` })
const remove = () => ({ kind: 'http', cleanup: true, requests: `DELETE http://${base}/streams/{{ id }}` })
const state = (is: string) => ({
  kind: 'sql',
  on: 'db',
  query: 'select state, viewers from streams where id = {{ id }}',
  expect: `row.state == "${is}"`,
  poll: { every: '50ms', for: '20s' },
})

test('a session over four protocols passes, one step beside the others, and what it made is gone afterwards', async () => {
  const result = await play(
    [
      remove(),
      made(),
      {
        kind: 'websocket',
        background: true,
        url: `ws://${base}/streams/{{ id }}/ws`,
        steps: [{ expect: 'viewer_count' }, { closed: 1000, within: '30s' }],
      },
      { ...state('active'), capture: { viewers: 'row.viewers' } },
      {
        kind: 'command',
        script: `curl -fsS -X POST http://${base}/streams/$HOLDPOINT_VALUE_ID/end; echo '{"n": 1}'`,
        json: true,
        expect: 'json.n == viewers',
      },
      { ...state('ended'), expect: 'row.state == "ended" && row.viewers == viewers' },
    ],
    { expectation: 'captured.id == 41 && steps == 5' },
  )
  expect(result, result.say).toMatchObject({ outcome: 'passed', captures: { id: '41', viewers: '1' } })
  expect(seen).toEqual(['POST /streams', 'POST /streams/41/end', 'DELETE /streams/41'])
  expect(evidenceText(result)).toContain('create: passed')
  expect(result.evidence.map(({ name }) => name)).toContain('2-http.txt')
})

test('a step that only gives a value to those after it needs no expectation', async () => {
  const { poll: _, ...active } = { ...state('active'), query: 'select count(*) as n from streams' }
  const result = await play([
    { ...active, expect: undefined, capture: { before: 'row.n' } },
    { ...active, expect: 'row.n == before' },
  ])
  expect(result.outcome, result.say).toBe('passed')
})

test('the step that is not as expected is named with its numbers, those after it do not run, the cleanup does', async () => {
  const result = await play([
    made(),
    { ...state('active'), poll: { every: '20ms', for: '60ms' } },
    { kind: 'command', script: `curl -fsS http://${base}/never` },
    remove(),
  ])
  expect(result).toMatchObject({ outcome: 'failed' })
  expect(result.say).toMatch(
    /^step 2 \(sql\): value "new", expected row\.state == "active" \(row\.state is "new"\), after \d+ (try|tries) in 60ms$/,
  )
  expect(seen).toEqual(['POST /streams', 'DELETE /streams/41'])
})

test('what was never made needs no cleanup, and a cleanup that fails is told', async () => {
  const never = await play([
    { kind: 'command', script: 'exit 1' },
    made(),
    remove(),
    { kind: 'command', cleanup: true, script: 'touch "$HOLDPOINT_VALUE_ID"' },
  ])
  expect(never.say).toBe('step 1 (command): exit 1, expected 0')
  expect(seen).toEqual([])
  expect(evidenceText(never)).toContain('step 3 (http): not needed, id was never captured')
  expect(evidenceText(never)).toContain('step 4 (command): not needed, id was never captured')
  const both = await play([
    { kind: 'command', script: 'exit 1' },
    { kind: 'command', script: 'exit 2', cleanup: true },
  ])
  expect(both.say).toBe('step 1 (command): exit 1, expected 0; cleanup: step 2 (command): exit 2, expected 0')
})

test('what the run before kept is taken away first; what is captured is kept until it is taken away', async () => {
  const kept: unknown[] = []
  const keep = (value: unknown): Promise<void> => Promise.resolve(void kept.push(value))
  const removal = { ...remove(), requests: `DELETE http://${base}/streams/{{ id }}` }
  const result = await play([made(), removal], { kept: () => Promise.resolve({ id: 7 }), keep })
  expect(result, result.say).toMatchObject({ outcome: 'passed' })
  expect(seen).toEqual(['DELETE /streams/7', 'POST /streams', 'DELETE /streams/41'])
  expect(kept).toEqual([{}, { id: 41 }, null])
  expect(evidenceText(result)).toContain('of an earlier run, step 2 (http): passed')

  const refusing = { kind: 'command', cleanup: true, script: 'test "$HOLDPOINT_VALUE_ID" = 41' }
  const left = await play([made(), refusing], { kept: () => Promise.resolve({ id: 7 }), keep })
  expect(left).toMatchObject({
    outcome: 'failed',
    say: 'cleanup: of an earlier run, step 2 (command): exit 1, expected 0',
  })

  seen.length = 0
  const full = (value: unknown): Promise<void> =>
    JSON.stringify(value) === '{}' ? Promise.resolve() : Promise.reject(new Error('the disk is full'))
  const unkept = await play([made(), { kind: 'command', script: `curl -fsS http://${base}/never` }, remove()], {
    keep: full,
  })
  expect(unkept).toMatchObject({ outcome: 'errored', say: 'create: what it captured cannot be kept: the disk is full' })
  expect(seen).toEqual(['POST /streams', 'DELETE /streams/41'])
})

test('a step is repeated, or done for each of several; the first round that is not as expected is told', async () => {
  const get = (path: string) => ({ kind: 'http', requests: `GET http://${base}/streams/{{ id }}/${path}` })
  const rounds = await play([
    made(),
    {
      ...get('viewers/{{ item }}?{{ round }}'),
      'for-each': ['ana', '{{ id }}', 3],
      expect: 'round < 9',
    },
    { kind: 'command', repeat: 2, json: true, script: 'echo $HOLDPOINT_VALUE_ROUND', capture: { n: 'json + round' } },
    { kind: 'command', script: 'test "$HOLDPOINT_VALUE_N" = 4' },
    { ...remove(), requests: `DELETE http://${base}/streams/{{ id }}/{{ item }}`, 'for-each': ['a', 'b'] },
  ])
  expect(rounds, rounds.say).toMatchObject({ outcome: 'passed', captures: { id: '41', n: '4' } })
  expect(seen.slice(1)).toEqual([
    'GET /streams/41/viewers/ana?1',
    'GET /streams/41/viewers/41?2',
    'GET /streams/41/viewers/3?3',
    'DELETE /streams/41/a',
    'DELETE /streams/41/b',
  ])
  expect(evidenceText(rounds)).toContain('step 2 (http): passed, 3 times as expected, the last, ')
  const wrong = await play([
    { kind: 'command', 'for-each': ['yes', 'no', 'never'], script: 'test "$HOLDPOINT_VALUE_ITEM" = yes' },
    { kind: 'command', cleanup: true, 'for-each': ['{{ gone }}'], script: 'true' },
  ])
  expect(wrong).toMatchObject({ outcome: 'failed', say: 'step 1 (command): round 2 of 3 (no): exit 1, expected 0' })
  expect(evidenceText(wrong)).toContain('not needed, gone was never captured')
  expect(problemsOf('- { kind: command, script: "true", repeat: 3, expect: "round == 2" }')).toEqual([])
  expect(problemsOf('- { kind: command, script: "true", repeat: 3, for-each: [a] }').join()).toContain('one of them')
})

test('a scenario whose time is over says so, stops what goes on beside it, and cleans up', async () => {
  const result = await play(
    [
      made(),
      { kind: 'websocket', background: true, url: `ws://${base}/ws`, steps: [{ closed: 1000, within: '60s' }] },
      { ...state('never'), poll: { every: '50ms', for: '10m' } },
      remove(),
    ],
    { timeoutMs: 1_500 },
  )
  expect(result.outcome).not.toBe('passed')
  expect(seen.at(-1)).toBe('DELETE /streams/41')
})

test('a step in the background that fails is told where all others passed', async () => {
  const result = await play([
    { kind: 'http', background: true, requests: `# @expect status == 418\nGET http://${base}/streams` },
    { kind: 'command', script: 'true' },
  ])
  expect(result).toMatchObject({ outcome: 'failed' })
  expect(result.say).toContain('step 1 (http): request 1 answered 200')
})

const problemsOf = (steps: string): readonly string[] => {
  const text = `---
holdpoint: 1
name: Example
service: example
sources: { db: { kind: sqlite, file: a.db } }
---
## Checks
- [ ] The session
  \`\`\`yaml check
  kind: scenario
  steps:
${steps.replaceAll(/^(?=.)/gm, '    ')}
  \`\`\`
`
  const kinds = new Map(checks.map((definition) => [definition.kind, definition]))
  const { problems } = compile(
    { file: 'a.md', bytes: new TextEncoder().encode(text), shared: null },
    { checks: kinds, sources: new Map(), drivers: new Map(), notifiers: new Map() },
  )
  return problems.filter(({ severity }) => severity === 'error').map((problem) => renderProblem(problem))
}

test('settings of a step are checked by its kind, with the line where they stand', () => {
  expect(problemsOf('- { kind: http, requests: GET https://a.example }')).toEqual([])
  const [misspelt, ...others] = problemsOf('- kind: tcp\n  host: db\n  prot: 5432')
  expect(others).toEqual([])
  expect(misspelt).toContain('steps.0.prot')
  expect(misspelt).toContain('a setting of tcp: port, or one of: host')
  expect(misspelt).toContain('a.md:14')
  expect(problemsOf('- { kind: git, tag: "v{{ version }}" }\n- { kind: version, files: [package.json] }')).toEqual([])
  expect(problemsOf('- kind: telnet').join()).toContain('steps.0.kind')
  expect(problemsOf('- kind: http\n  cleanup: true\n  requests: GET https://a.example').join()).toContain(
    'at least one step that is no cleanup',
  )
  expect(problemsOf('- { kind: command, script: "true", background: true, poll: { for: 1s } }').join()).toContain(
    '`background` without cleanup',
  )
})

test('names, sources and secrets of a step are checked when the document compiles', () => {
  const capture = '- kind: http\n  requests: |\n    # @capture id = body.id\n    GET https://a.example\n'
  const ask = (expect: string) => `- kind: sql\n  on: db\n  query: select 1\n  expect: ${expect}`
  expect(problemsOf(capture + ask('value == id'))).toEqual([])
  const [unknown] = problemsOf(capture + ask('value == idd'))
  expect(unknown).toContain('idd')
  expect(unknown).toContain('a.md:19')
  expect(problemsOf(ask('value == 1').replace('on: db', 'on: bd')).join()).toContain('unknown source "bd"')
  expect(problemsOf('- { kind: http, requests: "GET https://a.example/{{ secret.NONE }}" }').join()).toContain(
    'unknown secret "NONE"',
  )
  const token = problemsOf('- { kind: github, repository: acme/shop, token: NO_TOKEN, checks: all }')
  expect(token.join()).toContain('unknown secret "NO_TOKEN"')
  const [inRequest] = problemsOf(
    '- kind: http\n  requests: |\n    # @expect body.n == missing\n    GET https://a.example',
  )
  expect(inRequest).toContain('missing')
  expect(inRequest).toContain('a.md:14')
})

test('every kind is a step, but those that take their time, answer for the release, or hold steps themselves', () => {
  expect(checks.map(({ kind }) => kind).filter((kind) => !stepKinds.has(kind))).toEqual([
    'aws-cost',
    'budget',
    'external',
    'failover',
    'follow-ups',
    'freeze',
    'load',
    'restore-drill',
    'scenario',
    'soak',
    'trend',
  ])
})

test('what a backup or a setting tells is a fact like another', async () => {
  writeFileSync(join(root, 'one.dump'), 'x'.repeat(100))
  const aMinuteAgo = Date.now() / 1_000 - 60
  utimesSync(join(root, 'one.dump'), aMinuteAgo, aMinuteAgo)
  writeFileSync(join(root, 'limits.yaml'), 'limits: { streams: 3 }\n')
  const result = await play(
    [
      { kind: 'backup', files: `${root}/*.dump`, 'newer-than': '1h', integrity: false, capture: { bytes: 'bytes' } },
      { kind: 'config', files: ['limits.yaml'], equals: { 'limits.streams': 3 }, expect: 'bytes == 100' },
    ],
    { root },
  )
  expect(result, result.say).toMatchObject({ outcome: 'passed', captures: { bytes: '100' } })
})

test('doctor asks what can be asked without doing anything', async () => {
  const steps = [
    made(),
    { ...state('active'), query: 'select 1' },
    remove(),
    { kind: 'tcp', host: '127.0.0.1', port: 1 },
  ]
  const powers = testPowers({ source: () => ({ kind: 'sqlite', config: { file } }) })
  const answer = await scenario.probe?.(scenario.config.parse({ steps }), powers)
  // Nobody listens at port 1, and what answers is no news beside that.
  expect(answer).toMatchObject({ ok: false, say: expect.stringMatching(/^127\.0\.0\.1:1 [^;]*$/) })
  const fine = await scenario.probe?.(scenario.config.parse({ steps: steps.slice(0, 3) }), powers)
  expect(fine).toMatchObject({ ok: true, say: expect.stringContaining(`http://${base} answers (200); db answers`) })
  expect(seen).toEqual(['HEAD /', 'HEAD /'])
})
