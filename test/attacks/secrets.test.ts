/** A canary secret through a whole real release that does everything to give it away; then looked for in every place, in every coding. */
import { readdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminPassword, type AttackedServer, startAttackedServer } from '../support/attacked-server.ts'

const canary = `kn0rr/ig+"hahn"<&>'x y-${process.pid}-${Math.random().toString(36).slice(2)}`
const percent = [...Buffer.from(canary)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

/** Raw, base64 (all three places in a longer text, both alphabets), hex, two URL codings, JSON, HTML: each as far as the value alone decides it. */
const codings: Readonly<Record<string, string>> = {
  raw: canary,
  base64: Buffer.from(canary).toString('base64').slice(0, -4),
  'base64 after one byte': Buffer.from(`u${canary}`).toString('base64').slice(2, -4),
  'base64 after two bytes': Buffer.from(`us${canary}`).toString('base64').slice(4, -4),
  base64url: Buffer.from(canary).toString('base64url').slice(0, -4),
  hex: Buffer.from(canary).toString('hex'),
  HEX: Buffer.from(canary).toString('hex').toUpperCase(),
  url: encodeURIComponent(canary),
  'url, all of it': percent,
  form: new URLSearchParams({ a: canary }).toString().slice(2),
  json: JSON.stringify(canary).slice(1, -1),
  html: canary.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
}

/** The same, whole, as a service would show them. */
const whole = [
  canary,
  ...['', 'u', 'us'].map((before) => Buffer.from(before + canary).toString('base64')),
  Buffer.from(canary).toString('base64url'),
  Buffer.from(canary).toString('hex'),
  encodeURIComponent(canary),
  percent,
]

const echoed = `import base64, json, os, sys, urllib.parse, html
t = os.environ['TOKEN']; b = t.encode()
for c in [t, base64.b64encode(b).decode(), base64.urlsafe_b64encode(b).decode(), b.hex(), b.hex().upper(), json.dumps(t), urllib.parse.quote(t, safe=''), urllib.parse.quote_plus(t), html.escape(t), base64.b64encode(b'u:' + b).decode()]:
    print(c); print(c, file=sys.stderr)
    for i in range(0, len(c), 5):
        sys.stdout.write(c[i:i+5]); sys.stdout.flush()
    print()`

const fence = '```'
const checklist = (port: number) => `---
holdpoint: 1
service: shop
secrets: { TOKEN: { env: CANARY } }
channels:
  hook: { kind: webhook, url: "http://127.0.0.1:${port}/hook", secret: "{{ secret.TOKEN }}", headers: { x-key: "{{ secret.TOKEN }}" } }
sources:
  db: { kind: postgres, url: "postgres://u:{{ secret.TOKEN }}@127.0.0.1:9/db" }
---
# Release

${['release.started', 'step.failed', 'rollback.started', 'rollback.failed']
  .map((event) => `${fence}md notify on=${event} to=hook,console\n{{ service }} {{ version }}\n${fence}`)
  .join('\n\n')}

## Before
- [ ] A command gives it away
  ${fence}python check secrets=TOKEN severity=warning
${echoed
  .split('\n')
  .map((line) => `  ${line}`)
  .join('\n')}
  sys.exit(1)
  ${fence}
- [ ] A traced shell gives it away
  ${fence}sh check secrets=TOKEN severity=warning
  set -x
  echo "$TOKEN" | tee /dev/stderr
  curl --fail "http://127.0.0.1:9/$TOKEN"
  ${fence}
- [ ] A service echoes it
  ${fence}http check severity=warning
  # @expect body.nothing == text
  GET http://127.0.0.1:${port}/echo
  authorization: Bearer {{ secret.TOKEN }}
  ${fence}
- [ ] An expectation that fails names it
  ${fence}http check severity=warning
  # @expect body.token == "x"
  # @capture kept = body.token
  POST http://127.0.0.1:${port}/echo?token={{ secret.TOKEN }}
  content-type: application/json

  { "token": "{{ secret.TOKEN }}" }
  ${fence}
- [ ] A database that is not there
  ${fence}sql check on=db severity=warning expect="value == 1"
  select 1
  ${fence}

## Deploy
- [ ] An action keeps it
  ${fence}python run secrets=TOKEN capture=said
${echoed
  .split('\n')
  .map((line) => `  ${line}`)
  .join('\n')}
  open(os.environ['HOLDPOINT_OUTPUT'], 'a').write('said=' + t + '\\n')
  ${fence}
  ${fence}sh undo secrets=TOKEN
  echo "$TOKEN $HOLDPOINT_VALUE_SAID"
  exit 3
  ${fence}
- [ ] Somebody looks
`

let server: AttackedServer
let target: http.Server
let release: string
const received: string[] = []

beforeAll(async () => {
  target = http.createServer((request, answer) => {
    void text(request).then((body) => {
      if (request.url === '/hook') received.push(body)
      const token = /Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? canary
      answer.writeHead(request.url === '/hook' && received.length % 2 === 1 ? 500 : 200, {
        'content-type': 'application/json',
        'x-echo': encodeURIComponent(token),
      })
      answer.end(JSON.stringify({ token, hex: Buffer.from(token).toString('hex'), whole }))
    })
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', () => resolve()))
  server = await startAttackedServer([], { CANARY: canary })
  release = await server.start(checklist((target.address() as AddressInfo).port))
  await until('"step":"deploy/an-action-keeps-it","outcome":"passed"', '"step":"deploy/an-action-keeps-it"')
  await sleep(500)
  const command = { kind: 'Abort', why: 'over', leave: false, typed: null }
  const aborted = await server.ask('POST', `/v1/releases/${release}/commands`, { body: { command, seen: null } })
  expect([aborted.status, aborted.text]).toEqual([200, aborted.text])
  await until('"purpose":"undo"')
  await sleep(3_000)
}, 90_000)

afterAll(async () => {
  await server.end()
  target.close()
})

async function until(...wanted: string[]): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { text: events } = await server.ask('GET', `/v1/releases/${release}/events`)
    if (wanted.some((each) => events.includes(each)) && /"AttemptFinished"/.test(events)) {
      const started = events.match(/"kind":"AttemptStarted"/g)?.length ?? 0
      const finished = events.match(/"kind":"AttemptFinished"/g)?.length ?? 0
      if (started === finished) return
    }
    await sleep(100)
  }
  throw new Error(`the release never came to ${wanted.join(' or ')}`)
}

function foundIn(bytes: Uint8Array | string): string[] {
  const content = Buffer.from(bytes as string).toString('latin1')
  return Object.entries(codings)
    .filter(([, coded]) => content.includes(Buffer.from(coded).toString('latin1')))
    .map(([name]) => name)
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

describe('a secret that everything gives away', () => {
  test('was really used: the commands ran, the service got it, the messages went out', async () => {
    const { text: events } = await server.ask('GET', `/v1/releases/${release}/events`)
    expect(events).toContain('***')
    expect(events.match(/"kind":"AttemptFinished"/g)?.length ?? 0).toBeGreaterThan(5)
    expect(received.length).toBeGreaterThan(1)
    expect(Object.keys(codings).length).toBeGreaterThanOrEqual(7)
    expect(foundIn(`before ${codings['hex']} after`)).toContain('hex')
  })

  test('is in no answer of the API, no report, no bundle and no live view', async () => {
    const paths = [
      '',
      '/plan',
      '/events',
      '/measurements',
      '/gate',
      '/export?format=json',
      '/export?format=report',
      '/export?format=md',
      '/export?format=bundle',
    ].map((path) => `/v1/releases/${release}${path}`)
    for (const path of [
      ...paths,
      '/v1/releases',
      '/v1/audit',
      '/v1/me',
      '/v1/checklists',
      '/v1/records',
      '/metrics',
      '/readyz',
    ])
      expect([path, foundIn((await server.ask('GET', path)).text)]).toEqual([path, []])
    const stream = await server.raw(
      `GET /v1/releases/${release}/stream HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.admin}\r\n\r\n`,
      1_000,
    )
    expect(stream).toContain('event: live')
    expect(foundIn(stream)).toEqual([])
  })

  test('is in no evidence', async () => {
    const { text: events } = await server.ask('GET', `/v1/releases/${release}/events`)
    const hashes = new Set([...events.matchAll(/"sha256":"([0-9a-f]{64})"/g)].map((found) => found[1]))
    let kept = 0
    for (const hash of hashes) {
      const answer = await server.ask('GET', `/v1/evidence/${hash}?release=${release}`)
      if (answer.status === 200) kept += 1
      expect(foundIn(answer.text)).toEqual([])
    }
    expect(kept).toBeGreaterThan(3)
  })

  test('is in no message', () => {
    expect(foundIn(received.join('\n'))).toEqual([])
  })

  test('is in no file: database, write-ahead log, spool, engine log, or what the server printed', () => {
    const files = filesBelow(server.team.folder)
    expect(files.some((file) => /\.(db|sqlite)(-wal)?$/.test(file))).toBe(true)
    expect(files.filter((file) => foundIn(readFileSync(file)).length > 0)).toEqual([])
    expect(foundIn(server.team.printed())).toEqual([])
  })

  test('is in no command line of a process', () => {
    const lines = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map((pid) => {
        try {
          return readFileSync(join('/proc', pid, 'cmdline'), 'latin1')
        } catch {
          return ''
        }
      })
    expect(foundIn(lines.join('\n'))).toEqual([])
  })
})

describe('what the server itself keeps secret', () => {
  test('sessions, tokens, invitations and passwords are nowhere on disk as they are, and in no address', async () => {
    const machine = await server.ask('POST', '/v1/machines', {
      body: { machine: 'ci', about: 'pipeline', place: { organisation: 'acme', project: 'shop', environment: null } },
    })
    expect(machine.status).toBe(201)
    const issued = await server.ask('POST', '/v1/tokens', {
      body: {
        holder: 'ci',
        name: 'ci',
        scope: { place: { organisation: 'acme', project: 'shop', environment: null }, rights: null, labels: [] },
        expires: Date.now() + 3_600_000,
      },
    })
    const invited = await server.ask('POST', '/v1/people', {
      body: {
        person: 'bo',
        name: 'Bo',
        email: null,
        place: { organisation: 'acme', project: 'shop', environment: null },
      },
    })
    const secrets = [issued.text, invited.text].flatMap((told) => told.match(/hp[stix]_[\w-]{32}_[\w-]{6}/g) ?? [])
    expect(secrets).toHaveLength(2)
    for (const secret of [server.admin, adminPassword, ...secrets]) {
      const holding = filesBelow(join(server.team.folder, 'store')).filter((file) =>
        readFileSync(file).includes(secret),
      )
      expect(holding).toEqual([])
      expect(server.team.printed()).not.toContain(secret)
    }
    const audit =
      (await server.ask('GET', '/v1/audit')).text + (await server.ask('GET', '/v1/audit?stream=access')).text
    expect(audit).not.toMatch(/hp[stix]_[\w-]{32}/)
    expect((await server.ask('GET', '/v1/tokens')).text).not.toMatch(/hp[stix]_[\w-]{32}/)
  })

  test('no route takes a secret in its path or its query', async () => {
    const description = JSON.parse((await server.ask('GET', '/openapi.json')).text) as {
      paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>>
    }
    const named = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.values(methods).flatMap(({ parameters = [] }) =>
        parameters.filter((one) => one.in === 'query' || one.in === 'path').map(({ name }) => `${path} ${name}`),
      ),
    )
    // By the name that a key has, which is not the key.
    const names = ['/v1/projects/{project}/result-keys/{key}/remove key']
    expect(
      named.filter((each) => / (.*(secret|password|key|session|signature).*)$/i.test(each) && !names.includes(each)),
    ).toEqual([])
    for (const path of [
      `/v1/me?token=${server.admin}`,
      `/v1/me?access_token=${server.admin}`,
      `/v1/releases?session=${server.admin}`,
    ])
      expect((await server.ask('GET', path, { secret: null })).status).toBe(401)
  })
})

test('two installs share no secret', async () => {
  const other = await startAttackedServer()
  try {
    expect(other.admin).not.toBe(server.admin)
    expect(other.team.setupLink.split('#')[1]).not.toBe(server.team.setupLink.split('#')[1])
    expect((await other.ask('GET', '/v1/me', { secret: server.admin })).status).toBe(401)
    const keysOf = (at: AttackedServer) =>
      filesBelow(join(at.team.folder, 'store'))
        .filter((file) => file.endsWith('signing-key.pem'))
        .map((file) => readFileSync(file, 'latin1'))
    const id = await other.start('# R\n\n## A\n- [ ] look\n')
    await other.ask('GET', `/v1/releases/${id}/export?format=bundle`)
    const exported = await server.ask('GET', `/v1/releases/${release}/export?format=bundle`)
    expect(exported.status).toBe(200)
    const [mine, theirs] = [keysOf(server), keysOf(other)]
    expect(mine.length).toBeGreaterThan(0)
    expect(theirs.length).toBeGreaterThan(0)
    for (const key of mine) expect(theirs).not.toContain(key)
    // The same password is kept as other bytes: each has a salt of its own.
    const used = await other.ask('POST', '/v1/setup', {
      secret: null,
      body: {
        key: other.team.setupLink.split('#')[1],
        organisation: 'a',
        project: 'b',
        person: 'eve',
        name: 'E',
        email: null,
        password: 'other words entirely here',
        as: 'token',
      },
    })
    expect(used.status).toBe(410)
  } finally {
    await other.end()
  }
}, 60_000)
