/** Text of others on the terminal of somebody who can change production: shown as it is, never obeyed. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AttackedServer, startAttackedServer } from '../support/attacked-server.ts'

/** Clears the screen, sets the title, colours, goes back over what was written, turns the direction, hides. */
const orders = [
  '\u001b[2J\u001b[1;1H\u001b[31mall good',
  '\u001b]0;title\u0007',
  '\u001b]8;;https://evil.test\u0007here\u001b]8;;\u0007',
  '\u009b31m',
  'failed\rpassed',
  'failed\u0008\u0008\u0008\u0008\u0008\u0008passed',
  '\u202edessap',
  '\u001bP$q"p\u001b\\',
  '\u0085next line',
  '\u2028\u2029',
  '\u200b\ufeff\u007f',
].join(' ')

/** A terminal obeys these; line ends and tabs are how we write. */
// oxlint-disable-next-line no-control-regex -- these are the characters to find
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/

const fence = '```'
const checklist = `---
holdpoint: 1
service: shop
inputs: { word: { } }
---
# Release

## Before
- [ ] A command says it
  ${fence}python check severity=warning
  import os, sys
  print(os.environ['HOLDPOINT_INPUT_WORD'])
  print(os.environ['HOLDPOINT_INPUT_WORD'], file=sys.stderr)
  sys.exit(1)
  ${fence}
- [ ] Somebody looks
- [ ] Somebody else looks
`

let server: AttackedServer
let release: string

beforeAll(async () => {
  server = await startAttackedServer()
  release = await server.start(checklist, {
    version: '1.0',
    previous: orders.replaceAll(/[\n\r]/g, ' ').slice(0, 290),
    artefact: orders,
    inputs: { word: orders },
  })
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await server.ask('GET', `/v1/releases/${release}/events`)).text.includes('"AttemptFinished"')) break
    await sleep(100)
  }
  const step = 'before/somebody-looks'
  for (const command of [
    { kind: 'Note', step: null, note: orders },
    { kind: 'Note', step, note: orders },
    { kind: 'Answer', step, answer: 'failed', note: orders, fields: {}, evidence: [] },
    { kind: 'Hold', why: orders },
  ]) {
    const answer = await server.ask('POST', `/v1/releases/${release}/commands`, { body: { command, seen: null } })
    expect([command.kind, answer.status, answer.text]).toEqual([command.kind, 200, answer.text])
  }
  const place = { organisation: 'acme', project: 'shop', environment: null }
  for (const [path, body] of [
    ['/v1/people', { person: 'bo', name: orders.slice(0, 290), email: null, place }],
    ['/v1/machines', { machine: 'ci', about: orders.slice(0, 290), place }],
    ['/v1/records', { name: 'drill', observedAt: Date.now() - 1_000, note: orders, evidence: [], project: 'shop' }],
    ['/v1/roles', { role: 'qa-lead', about: orders }],
  ] as const) {
    const answer = await server.ask('POST', path, { body })
    // A name that a terminal would obey may be refused as well.
    expect([path, answer.status < 500]).toEqual([path, true])
  }
  await server.ask('POST', '/v1/sign-in', {
    secret: null,
    body: { person: orders.slice(0, 190), password: 'x', as: 'token' },
  })
  await server.ask('GET', `/v1/releases/${encodeURIComponent(orders)}`)
}, 60_000)

afterAll(() => server.end())

describe('what others wrote', () => {
  test.each([
    ['release', 'show', 'RELEASE'],
    ['release', 'list'],
    ['release', 'show', 'RELEASE', '--json'],
    ['export', 'RELEASE', '--format', 'report'],
    ['audit'],
    ['audit', '--rights'],
    ['people', 'list'],
    ['machine', 'list'],
    ['role', 'list'],
    ['token', 'list'],
    ['project', 'list'],
    ['checklist', 'list'],
    ['records', 'list'],
    ['whoami'],
    ['doctor'],
    ['release', 'answer', orders.replaceAll('\u0000', ''), 'passed'],
    ['release', 'note', orders],
    [orders],
    ['run', orders],
  ])('obeys nothing on the terminal: holdpoint %j %j', async (...words) => {
    const wanted = words.map((word) => (word === 'RELEASE' ? release : word))
    const { out, err } = await server.holdpoint(wanted)
    expect(out + err).not.toBe('')
    expect([words[0], obeyed.exec(out)?.[0] ?? null, obeyed.exec(err)?.[0] ?? null]).toEqual([words[0], null, null])
  })

  test('is escaped in JSON too, which people read on terminals', async () => {
    for (const words of [['release', 'show', release], ['audit'], ['people', 'list'], ['release', 'list']]) {
      const { out } = await server.holdpoint([...words, '--json'])
      expect([words, obeyed.exec(out)?.[0] ?? null]).toEqual([words, null])
      expect(() => void JSON.parse(out)).not.toThrow()
    }
  })

  test('is not obeyed in the log of the engine, nor in what the server prints', () => {
    const logs = readdirSync(join(server.team.folder, 'store'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.log'))
      .map((name) => readFileSync(join(server.team.folder, 'store', name), 'utf8'))
    expect(obeyed.exec(logs.join('\n'))?.[0] ?? null).toBe(null)
    expect(obeyed.exec(server.team.printed())?.[0] ?? null).toBe(null)
  })
})
