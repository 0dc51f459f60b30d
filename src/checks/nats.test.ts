import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, findProgram, freePort, type Running, startProgram, until } from '../../test/support/programs.ts'
import { nats } from './nats.ts'
import { evidenceText, runCheck, testPowers } from './parts/powers.fixture.ts'
import { openWire } from './parts/wire.ts'

const programs = {
  'nats-server': findProgram('/usr/sbin/nats-server', '/usr/bin/nats-server', '/usr/local/bin/nats-server'),
  openssl: findProgram('/usr/bin/openssl'),
}
const check = (config: Readonly<Record<string, unknown>>, powers: Parameters<typeof runCheck>[2] = {}) =>
  runCheck(nats as never, { host: '127.0.0.1', ...config }, { secret: () => 's3cret', ...powers })
const token = '{{ secret.NATS }}'

describeWith(programs, 'a real NATS', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-nats-'))
  const started: Running[] = []
  const ports = { open: 0, locked: 0, tls: 0 }

  async function start(...args: readonly string[]): Promise<number> {
    const port = await freePort()
    started.push(startProgram(programs['nats-server'] ?? '', ['-a', '127.0.0.1', '-p', String(port), ...args]))
    return port
  }

  /** As a client would, over a wire of our own. */
  async function tell(port: number, subject: string, body: string): Promise<void> {
    const { place, signal } = testPowers()
    const wire = await openWire(await place(`nats://127.0.0.1:${port}`), null, signal)
    await wire.line()
    wire.write(`CONNECT {"verbose":false}\r\nSUB answer 1\r\nPUB ${subject} answer ${body.length}\r\n${body}\r\n`)
    while (!(await wire.line()).startsWith('MSG '));
    wire.end()
  }

  beforeAll(async () => {
    const [key, certificate] = [join(root, 'key.pem'), join(root, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    execFileSync(
      programs.openssl ?? '',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-keyout',
        key,
        '-out',
        certificate,
        ...subject,
      ],
      { stdio: 'ignore' },
    )
    ports.open = await start('-js', '-sd', root)
    ports.locked = await start('--auth', 's3cret')
    ports.tls = await start('--tls', '--tlscert', certificate, '--tlskey', key, '--user', 'ops', '--pass', 's3cret')
    await until('all answer', async () => {
      const open = await check({ port: ports.open })
      const locked = await check({ port: ports.locked, token })
      const tls = await check(
        { host: 'localhost', port: ports.tls, tls: true, ca: 'cert.pem', user: 'ops', password: token },
        { root },
      )
      return [open, locked, tls].every(({ outcome }) => outcome === 'passed')
    })
    await tell(ports.open, '$JS.API.STREAM.CREATE.ORDERS', '{"name":"ORDERS","subjects":["orders.*"]}')
    const consumer = { durable_name: 'billing', ack_policy: 'explicit' }
    await tell(
      ports.open,
      '$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.billing',
      JSON.stringify({ stream_name: 'ORDERS', config: consumer }),
    )
    for (const order of ['1', '2', '3']) await tell(ports.open, 'orders.new', order)
  }, 90_000)
  afterAll(async () => {
    await Promise.all(started.map((one) => one.stop()))
    rmSync(root, { recursive: true, force: true })
  })

  test('a ping is answered, and what the server says of itself stands beside its limits', async () => {
    const result = await check(
      { port: ports.open },
      { expectation: 'info.max_payload >= 1048576 && version.startsWith("2.")' },
    )
    expect(result, result.say).toMatchObject({ outcome: 'passed' })
    expect(result.say).toMatch(/^127\.0\.0\.1:\d+ answers PING after \d/)
  })

  test('a stream and how far a consumer is behind are told, and what is missing fails by its name', async () => {
    const asked = { port: ports.open, stream: 'ORDERS', consumer: 'billing' }
    const result = await check(asked, { expectation: 'stream.state.messages == 3 && consumer.num_pending == 3' })
    expect(result, result.say).toMatchObject({ outcome: 'passed' })
    expect(result.say).toContain('ORDERS holds 3 messages, billing has 3 before it')
    expect(evidenceText(result)).toContain('"num_pending": 3')
    const behind = await check(asked, { expectation: 'consumer.num_pending < 3' })
    expect(behind).toMatchObject({ outcome: 'failed' })
    for (const [config, say] of [
      [{ stream: 'NONE' }, 'stream not found (404)'],
      [{ stream: 'ORDERS', consumer: 'none' }, 'consumer not found (404)'],
    ] as const) {
      const missing = await check({ port: ports.open, ...config })
      expect([missing.outcome, missing.say]).toEqual(['failed', expect.stringContaining(say) as string])
    }
    const off = await check({ port: ports.locked, token, stream: 'ORDERS' })
    expect(off).toMatchObject({ outcome: 'failed', say: expect.stringContaining('JetStream is off') as string })
  })

  test('whoever has no credentials is refused, and our own wrong ones are no verdict', async () => {
    const refused = await check({ port: ports.locked, refused: true })
    expect(refused, refused.say).toMatchObject({ outcome: 'passed' })
    expect(await check({ port: ports.open, refused: true })).toMatchObject({ outcome: 'failed' })
    const wrong = await check({ port: ports.locked, token }, { secret: () => 'other' })
    expect(wrong).toMatchObject({
      outcome: 'errored',
      say: expect.stringContaining('Authorization Violation') as string,
    })
  })

  test('TLS begins behind the greeting, with a certificate that is trusted', async () => {
    const plain = await check({ port: ports.tls })
    expect(plain).toMatchObject({ outcome: 'errored', say: expect.stringContaining('add tls: true') as string })
    const untrusted = await check({ port: ports.tls, tls: true })
    expect(untrusted, untrusted.say).toMatchObject({ outcome: 'failed' })
  })
})

test('a server that says more than it should before TLS, or nonsense, never passes', async () => {
  for (const [said, tls] of [
    ['INFO {"tls_required":true}\r\n+OK\r\n', true],
    ['INFO nonsense\r\n', false],
    ['HELLO\r\n', false],
    ['INFO {}\r\nMSG x 1 99999999999\r\n', false],
  ] as const) {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.end(said)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const result = await check({ port: (server.address() as AddressInfo).port, tls })
    expect([said, result.outcome]).toEqual([said, 'failed'])
    server.close()
  }
})
