/** Ways out and in without a certificate that holds: nothing is asked, nothing is told, and no address of the own network is reached. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminPassword, type AttackedServer, startAttackedServer } from '../support/attacked-server.ts'
import { runCommand, startTeamServer } from '../support/team-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-certificates-'))
const fence = '```'

/** Signed by itself; `name` is what it says it is. */
function certificate(name: string, days: number): { cert: string; key: string } {
  const at = (ending: string) => join(folder, `${name}-${days}.${ending}`)
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${/^[\d.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`]
  const lasting =
    days > 0 ? ['-days', String(days)] : ['-not_before', '20200101000000Z', '-not_after', '20200102000000Z']
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      at('key'),
      '-out',
      at('cert'),
      ...subject,
      ...lasting,
    ],
    { stdio: 'pipe' },
  )
  return { cert: at('cert'), key: at('key') }
}

interface Target {
  readonly port: number
  asked(): number
  close(): void
}

function secureTarget({ cert, key }: { cert: string; key: string }): Promise<Target> {
  let asked = 0
  const server = https.createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (_request, answer) => {
    asked += 1
    answer.end('{"status":"success","data":{"resultType":"vector","result":[]}}')
  })
  return listening(server as unknown as Server, () => asked)
}

/** Answers as PostgreSQL does to who wants TLS, and goes on as a TLS server. */
function databaseTarget({ cert, key }: { cert: string; key: string }): Promise<Target> {
  let asked = 0
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write('S')
      const secured = new tls.TLSSocket(socket, { isServer: true, cert: readFileSync(cert), key: readFileSync(key) })
      secured.on('error', () => {})
      secured.on('data', () => (asked += 1))
    })
  })
  return listening(server, () => asked)
}

async function listening(server: Server, asked: () => number): Promise<Target> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return { port: (server.address() as AddressInfo).port, asked, close: () => void server.close() }
}

let own: { cert: string; key: string }
let server: AttackedServer
const targets: Target[] = []

beforeAll(async () => {
  own = certificate('127.0.0.1', 2)
  server = await startAttackedServer([], { NODE_TLS_REJECT_UNAUTHORIZED: '0' })
}, 60_000)

afterAll(async () => {
  for (const target of targets) target.close()
  await server.end()
  rmSync(folder, { recursive: true, force: true })
})

async function outcomesOf(markdown: string): Promise<string> {
  const release = await server.start(markdown)
  for (let tries = 0; tries < 150; tries += 1) {
    const { text } = await server.ask('GET', `/v1/releases/${release}/events`)
    const started = text.match(/"kind":"AttemptStarted"/g)?.length ?? 0
    const finished = text.match(/"kind":"AttemptFinished"/g)?.length ?? 0
    if (started > 0 && started === finished) return text
    await sleep(100)
  }
  throw new Error('the checks never finished')
}

const item = (block: string) => `- [ ] It answers\n${block.replaceAll(/^/gm, '  ')}\n`
const document = (service: string, head: string, block: string) =>
  `---\nholdpoint: 1\nservice: ${service}\n${head}---\n# R\n\n## A\n${item(block)}- [ ] Somebody looks\n`

/** By the name of who asks: a document that asks the port. */
const adapters: Readonly<Record<string, (port: number) => string>> = {
  'a request': (port) =>
    document('http', '', `${fence}http check timeout=5s\nGET https://127.0.0.1:${port}/\n${fence}`),
  'a query of Prometheus': (port) =>
    document(
      'prom',
      `sources: { prom: { kind: prometheus, url: "https://127.0.0.1:${port}" } }\n`,
      `${fence}promql check on=prom timeout=5s below=1\nup\n${fence}`,
    ),
  'a query of SQL': (port) =>
    document(
      'sql',
      `sources: { db: { kind: postgres, url: "postgres://u:p@127.0.0.1:${port}/db?sslmode=require" } }\n`,
      `${fence}sql check on=db timeout=5s expect="value == 1"\nselect 1\n${fence}`,
    ),
}

describe('on the way out', () => {
  test.each(Object.entries(adapters))('a certificate of nobody is refused by %s', async (name, make) => {
    const target = name === 'a query of SQL' ? await databaseTarget(own) : await secureTarget(own)
    targets.push(target)
    const events = await outcomesOf(make(target.port))
    expect(events).not.toContain('"outcome":"passed"')
    expect(target.asked()).toBe(0)
  })

  test('a message goes nowhere either, and the release goes on', async () => {
    const target = await secureTarget(own)
    targets.push(target)
    const release = await server.start(
      `---\nholdpoint: 1\nservice: hook\nchannels: { hook: { kind: webhook, url: "https://127.0.0.1:${target.port}/x" } }\n---\n# R\n\n${fence}md notify on=release.started to=hook\nstarted\n${fence}\n\n## A\n- [ ] Somebody looks\n`,
    )
    await sleep(2_000)
    expect(target.asked()).toBe(0)
    expect((await server.ask('GET', `/v1/releases/${release}/events`)).text).not.toContain('"MessageDelivered"')
  })

  test('the switch of Node that turns all checking off is told, and not obeyed', () => {
    expect(server.team.printed()).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0 is not obeyed')
  })

  test('a check reaches no metadata service and no address that it does not name, also by a redirect', async () => {
    let asked = 0
    const inner = http.createServer((_request, answer) => {
      asked += 1
      answer.end('secret of the inside')
    })
    const innerPort = (await listening(inner as unknown as Server, () => asked)).port
    const bouncer = http.createServer((request, answer) => {
      const to = decodeURIComponent((request.url ?? '/').slice(1))
      answer.writeHead(302, { location: to }).end()
    })
    const { port } = await listening(bouncer as unknown as Server, () => 0)
    const places = [
      `http://127.0.0.1:${innerPort}/`,
      `http://localhost:${innerPort}/`,
      `http://2130706433:${innerPort}/`,
      `http://0x7f.1:${innerPort}/`,
      `http://[::ffff:127.0.0.1]:${innerPort}/`,
      `http://0.0.0.0:${innerPort}/`,
      'http://169.254.169.254/latest/meta-data/',
      'http://[fd00:ec2::254]/',
      'file:///etc/passwd',
      `gopher://127.0.0.1:${innerPort}/`,
    ]
    const requests = places
      .map((place) =>
        item(
          `${fence}http check timeout=5s severity=warning\n# @redirect follow\nGET http://127.0.0.1:${port}/${encodeURIComponent(place)}\n${fence}`,
        ),
      )
      .join('')
    const events = await outcomesOf(
      `---\nholdpoint: 1\nservice: bounce\n---\n# R\n\n## A\n${requests}- [ ] Somebody looks\n`,
    )
    inner.close()
    bouncer.close()
    expect(asked).toBe(0)
    expect(events).not.toContain('"outcome":"passed"')
    expect(events).not.toContain('secret of the inside')
    expect(events).not.toContain('root:x:0:0')
  }, 60_000)
})

describe('on the way in', () => {
  test('a server that others could reach does not start without TLS', async () => {
    for (const flags of [
      ['--host', '0.0.0.0'],
      ['--host', '::'],
      ['--host', '0.0.0.0', '--trust-proxy', '10.0.0.1'],
      ['--host', '0.0.0.0', '--url', 'http://releases.example.com'],
      ['--host', '127.0.0.1', '--tls-cert', own.cert],
      ['--host', '127.0.0.1', '--tls-cert', '/nowhere', '--tls-key', '/nowhere'],
    ]) {
      const home = join(folder, `home-${flags.length}-${flags[1]?.length}-${flags[3]?.length ?? 0}`)
      const told = await runCommand(['serve', '--port', '0', ...flags], {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        HOLDPOINT_HOME: join(home, 'store'),
      })
      expect([flags, told.code === 0 || told.code === null]).toEqual([flags, false])
      expect([flags, told.err]).toEqual([flags, expect.stringMatching(/TLS|tls/)])
    }
  }, 60_000)

  test('a server with TLS speaks nothing older, and its cookie says so', async () => {
    const secure = await startTeamServer(['--tls-cert', own.cert, '--tls-key', own.key])
    try {
      const { port } = new URL(secure.address)
      expect(secure.address).toMatch(/^https:/)
      const ca = readFileSync(own.cert)
      const ask = (path: string, body: object) =>
        new Promise<http.IncomingMessage>((resolve, reject) => {
          const request = https.request(
            {
              host: '127.0.0.1',
              port,
              path,
              method: 'POST',
              ca,
              headers: { 'content-type': 'application/json', origin: secure.address },
            },
            resolve,
          )
          request.once('error', reject)
          request.end(JSON.stringify(body))
        })
      const answer = await ask('/v1/setup', {
        key: new URL(secure.setupLink).hash.slice(1),
        organisation: 'acme',
        project: 'shop',
        person: 'root',
        name: 'Root',
        email: null,
        password: adminPassword,
        as: 'cookie',
      })
      const [cookie = ''] = answer.headers['set-cookie'] ?? []
      expect([answer.statusCode, cookie]).toEqual([
        201,
        expect.stringMatching(/^__Host-holdpoint=hps_.*; Path=\/; .*HttpOnly; Secure; SameSite=Lax/),
      ])
      expect(cookie).not.toContain('Domain')
      expect(answer.headers['strict-transport-security']).toMatch(/^max-age=\d{8}/)
      const versionWith = (most: tls.SecureVersion) =>
        new Promise<string>((resolve) => {
          const socket = tls.connect(
            {
              host: '127.0.0.1',
              port: Number(port),
              ca,
              minVersion: 'TLSv1',
              maxVersion: most,
              ciphers: 'DEFAULT@SECLEVEL=0',
            },
            () => {
              resolve(socket.getProtocol() ?? 'none')
              socket.destroy()
            },
          )
          socket.once('error', () => resolve('refused'))
        })
      expect(await versionWith('TLSv1.1')).toBe('refused')
      expect(await versionWith('TLSv1.3')).toBe('TLSv1.3')
      const plain = await new Promise<string>((resolve) => {
        http
          .get({ host: '127.0.0.1', port, path: '/healthz' }, (said) => resolve(String(said.statusCode)))
          .once('error', () => resolve('refused'))
      })
      expect(plain).toBe('refused')
    } finally {
      await secure.end()
    }
  }, 60_000)
})
