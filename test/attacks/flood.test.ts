/** Strangers who send too much, too slowly, too often, or nonsense: a real server stays small, answers others, and tells nothing. */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminPassword, type AttackedServer, pathOf, startAttackedServer } from '../support/attacked-server.ts'

const MEBIBYTE = 1 << 20
/** What a server may grow by whatever strangers send. */
const MOST_GROWTH_MIB = 20

let server: AttackedServer
let release: string

beforeAll(async () => {
  server = await startAttackedServer()
  release = await server.start('# Release\n\n## Before\n- [ ] somebody looked\n')
})

afterAll(() => server.end())

/** Resident memory of the server process, in MiB. */
function residentMib(): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.team.pid}/status`, 'utf8'))
  return Number(found?.[1]) / 1024
}

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })
}

/** Sends until all is sent or the other side has had enough; how much went out. */
async function pour(head: string, piece: Buffer, times: number): Promise<{ sent: number; answer: string }> {
  const socket = await open()
  const state = { isOver: false }
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk) => (answer += String(chunk)))
  socket.removeAllListeners('error').on('error', () => (state.isOver = true))
  socket.on('close', () => (state.isOver = true))
  socket.write(head)
  let sent = 0
  for (; sent < times && !state.isOver; sent += 1)
    if (!socket.write(piece))
      await Promise.race([
        new Promise((resolve) => socket.once('drain', resolve)),
        new Promise((resolve) => socket.once('close', resolve)),
        sleep(5_000),
      ])
  await Promise.race([new Promise((resolve) => socket.once('close', resolve)), sleep(500)])
  socket.destroy()
  return { sent: sent * piece.length, answer }
}

const head = (path: string, lines: readonly string[]) =>
  [`POST ${path} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, 'Content-Type: application/json', ...lines, '', ''].join(
    '\r\n',
  )

describe.skipIf(process.platform !== 'linux')('a gigabyte from nobody', () => {
  test.each([
    ['announced', (path: string) => head(path, [`Content-Length: ${1024 * MEBIBYTE}`]), ''],
    ['in chunks', (path: string) => head(path, ['Transfer-Encoding: chunked']), 'chunked'],
  ])(
    '%s: it is refused, and the server stays as small as it was',
    async (_name, headOf, coding) => {
      const bytes = Buffer.alloc(MEBIBYTE, 0x20)
      const piece =
        coding === ''
          ? bytes
          : Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
      const paths = ['/v1/sign-in', '/v1/setup', '/v1/gates/github', '/v1/evidence', '/v1/releases', '/nothing']
      // Once, so that what is only compiled and cached has been.
      for (const path of paths) await pour(headOf(path), piece, 2)
      const before = residentMib()
      let most = before
      const looking = setInterval(() => (most = Math.max(most, residentMib())), 20)
      for (const path of paths) {
        const { answer, sent } = await pour(headOf(path), piece, path === '/v1/sign-in' ? 1024 : 64)
        expect([path, /^HTTP\/1\.1 (401|403|404|413|429) /.test(answer) || sent < 1024 * MEBIBYTE]).toEqual([
          path,
          true,
        ])
      }
      clearInterval(looking)
      expect(most - before).toBeLessThan(MOST_GROWTH_MIB)
      expect((await server.ask('GET', '/v1/me')).status).toBe(200)
    },
    120_000,
  )
})

test('three hundred that never finish what they say keep nobody out', async () => {
  const slow: Socket[] = []
  for (let index = 0; index < 300; index += 1) {
    const socket = await open()
    socket.removeAllListeners('error').on('error', () => {})
    socket.write(
      index % 2 === 0
        ? `GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nX-A: b\r\n`
        : head('/v1/sign-in', ['Content-Length: 1000']) + '{',
    )
    slow.push(socket)
  }
  for (const socket of slow) socket.write('x')
  for (let tries = 0; tries < 5; tries += 1) expect((await server.ask('GET', '/v1/me')).status).toBe(200)
  for (const socket of slow) socket.destroy()
})

test('headers without end, and requests hidden in a request, are refused', async () => {
  const host = `Host: 127.0.0.1:${server.port}`
  const long = await server.raw(`GET /v1/me HTTP/1.1\r\n${host}\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`)
  expect(long).toMatch(/^HTTP\/1\.1 431 /)
  for (const smuggled of [
    `POST /v1/sign-in HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/me HTTP/1.1\r\n${host}\r\n\r\n`,
    `POST /v1/sign-in HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`,
    `POST /v1/sign-in HTTP/1.1\r\n${host}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    `GET /v1/me HTTP/1.1\r\n${host}\r\n${host}\r\n\r\n`,
  ])
    expect(await server.raw(smuggled, 700)).toMatch(/^HTTP\/1\.1 (400|421) /)
})

describe('who guesses', () => {
  // A server of its own: what the floods before used up of a stranger's patience is no part of this.
  let guessed: AttackedServer
  beforeAll(async () => {
    guessed = await startAttackedServer()
  })
  afterAll(() => guessed.end())

  const guess = (person: string, password: string) =>
    guessed.ask('POST', '/v1/sign-in', { secret: null, body: { person, password, as: 'token' } })

  test('a password gets few tries, each tried one is written down, and no name is given away', async () => {
    const answers: string[] = []
    const statuses: number[] = []
    for (let tries = 0; tries < 14; tries += 1) {
      const answer = await guess('nobody-like-that', `guess number ${tries}`)
      statuses.push(answer.status)
      answers.push((JSON.parse(answer.text) as { detail: string }).detail)
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(4)
    const known = await guess('root', 'guess of a known name')
    expect([known.status, (JSON.parse(known.text) as { detail: string }).detail]).toEqual([401, answers[0]])
    const audit = (await guessed.ask('GET', '/v1/audit?stream=audit')).text
    expect(audit.match(/"SignInRefused"/g)).toHaveLength(11)
    expect(audit).not.toContain('guess number')
    // Another name from the same address is not shut out by it.
    expect((await guess('root', adminPassword)).status).toBe(201)
  })

  test('hold up nobody in a browser that they signed in with before, and no other name there', async () => {
    const guessedName = async (cookie: string, password: string) => {
      const headers = { origin: guessed.origin, cookie }
      const body = { person: 'root', password, as: 'cookie' }
      return guessed.ask('POST', '/v1/sign-in', { secret: null, body, headers })
    }
    const first = await guessedName('', adminPassword)
    expect(first.status).toBe(201)
    const device = first.headers['set-cookie']?.find((each) => each.startsWith('holdpoint-device=')) ?? ''
    expect(device).toMatch(/HttpOnly; SameSite=Strict/)
    const mark = device.split(';')[0] ?? ''
    // Somebody at the same address guesses until nobody gets an answer there for a while.
    const exhaust = async () => {
      for (let tries = 0; tries < 40; tries += 1) {
        const { status, text } = await guess('root', `a guess ${tries}`)
        // Longer than the next try takes: what frees itself meanwhile must not count as let through.
        if (status !== 429) continue
        const { retryAfter } = JSON.parse(text) as { retryAfter: number }
        if (retryAfter > 10) return
        await sleep(retryAfter * 1_000)
      }
      expect.fail('forty guesses were answered')
    }
    await exhaust()
    expect((await guess('root', adminPassword)).status).toBe(429)
    expect((await guessedName(mark, adminPassword)).status).toBe(201)
    // Forged, cut short, or of another person it is worth nothing.
    const [name = '', until = '', seal = ''] = mark.replace('holdpoint-device=', '').split('.')
    const flipped = `${seal.startsWith('A') ? 'B' : 'A'}${seal.slice(1)}`
    for (const forged of [`${name}.${until}.${flipped}`, `${name}.9999999999999.${seal}`, `${name}.${until}`, 'x']) {
      await exhaust()
      expect((await guessedName(`holdpoint-device=${forged}`, adminPassword)).status).toBe(429)
    }
    // It brings no more tries than anybody has, and opens nothing by itself.
    let tried = 0
    while (tried < 40 && (await guessedName(mark, `own guess ${tried}`)).status !== 429) tried += 1
    expect(tried).toBeLessThan(40)
    expect((await guessed.ask('GET', '/v1/me', { secret: null, headers: { cookie: mark } })).status).toBe(401)
  }, 120_000)

  test('a token or an invitation gets nowhere, and soon no answer either', async () => {
    const statuses = new Set<number>()
    for (let tries = 0; tries < 120; tries += 1) {
      const answer = await guessed.ask('GET', '/v1/me', {
        secret: `hpt_${'A'.repeat(32)}_${String(tries).padStart(6, '0')}`,
      })
      statuses.add(answer.status)
    }
    expect(statuses).toEqual(new Set([401, 429]))
    // Whoever is known is not held up by it.
    expect((await guessed.ask('GET', '/v1/me')).status).toBe(200)
  })
})

describe('an answer to nonsense', () => {
  const telltale =
    /\bat .*\.(ts|js):\d+|node_modules|\/src\/|SELECT |INSERT |SQLITE|sqlite|\bpg_|ECONN|ENOENT|\bstack\b/

  test('tells no stack, no file and no query, from any route', async () => {
    const nonsense = [
      {},
      { a: 1 },
      [],
      'x',
      { expectedVersion: -1, command: { kind: 'Hold', reason: '\u0000' } },
      { key: '\u0000', password: 'x'.repeat(900), person: '../../etc/passwd', as: 'token' },
      { name: "'; DROP TABLE events; --", observedAt: 1e300, note: '\ud800', evidence: ['x'] },
    ]
    const queries = [
      '',
      '?after=-1',
      '?after=1e9',
      '?limit=x',
      '?format=../x',
      "?service='--",
      '?release=%00',
      '?x[]=1',
      '?%',
    ]
    const ids = [
      'nothing',
      '%00',
      '..%2f..%2fetc%2fpasswd',
      "'%20or%201=1--",
      'a'.repeat(3_000),
      '%ff',
      '{{id}}',
      '__proto__',
      'constructor',
    ]
    for (const route of (await server.routes()).filter(
      ({ path }) => !/stream$|sign-out|password|\/v1\/stop/.test(path),
    )) {
      const paths = [
        ...queries.map((query) => pathOf(route.path, release) + query),
        ...ids.map((id) => route.path.replaceAll(/\{\w+\}/g, id)),
      ]
      for (const path of new Set(paths)) {
        const body = route.method === 'POST' ? nonsense[path.length % nonsense.length] : undefined
        const answer = await server.ask(route.method, path, { body })
        const where = `${route.method} ${path.slice(0, 80)}: ${answer.text.slice(0, 300)}`
        expect([where, answer.status < 500]).toEqual([where, true])
        if (answer.status >= 400 && answer.text !== '')
          expect([where, telltale.exec(answer.text)?.[0] ?? null]).toEqual([where, null])
      }
    }
  }, 120_000)
})
