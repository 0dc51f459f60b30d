import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, findProgram, freePort, type Running, startProgram, until } from '../../test/support/programs.ts'
import { openBroker } from './amqp-session/protocol.ts'
import { Reading, writeTable } from './amqp-session/values.ts'
import { evidenceText, runCheck, testPowers } from './parts/powers.fixture.ts'
import { openWire } from './parts/wire.ts'
import { rabbitmq } from './rabbitmq.ts'

const programs = {
  'rabbitmq-server': findProgram('/usr/lib/rabbitmq/bin/rabbitmq-server', '/usr/local/sbin/rabbitmq-server'),
  epmd: findProgram('/usr/bin/epmd', '/usr/local/bin/epmd'),
}
const check = (config: Readonly<Record<string, unknown>>, powers: Parameters<typeof runCheck>[2] = {}) =>
  runCheck(rabbitmq as never, { host: '127.0.0.1', ...config }, { secret: () => 's3cret', ...powers })
const login = { user: 'probe', password: '{{ secret.MQ }}', vhost: 'shop' }

describeWith(programs, 'a real RabbitMQ', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-rabbitmq-'))
  let server: Running | null = null
  let port = 0
  let names = { ERL_EPMD_PORT: '0', ERL_EPMD_ADDRESS: '127.0.0.1' }

  /** Its accounts and queues, as an operator would load them. */
  function writeDefinitions(): void {
    const salt = Buffer.from([1, 2, 3, 4])
    const hash = Buffer.concat([salt, createHash('sha256').update(salt).update('s3cret').digest()]).toString('base64')
    const user = (name: string) => ({
      name,
      password_hash: hash,
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: '',
    })
    const queue = (name: string) => ({ name, vhost: 'shop', durable: true, auto_delete: false, arguments: {} })
    const definitions = {
      users: [user('probe'), user('stranger')],
      vhosts: [{ name: 'shop' }],
      permissions: [{ user: 'probe', vhost: 'shop', configure: '', write: '.*', read: '.*' }],
      queues: [queue('orders'), queue('mails')],
    }
    writeFileSync(join(root, 'definitions.json'), JSON.stringify(definitions))
  }

  /** Two messages without a consumer, to the exchange that knows queues by their names. */
  async function publish(queue: string): Promise<void> {
    const { place, signal } = testPowers()
    const wire = await openWire(await place(`amqp://127.0.0.1:${port}`), null, signal)
    const broker = await openBroker(wire, { user: 'probe', password: 's3cret', vhost: 'shop' })
    await broker.queue(queue)
    const frame = (type: number, payload: Buffer): Buffer => {
      const head = Buffer.from([type, 0, 1, 0, 0, 0, payload.length])
      return Buffer.concat([head, payload, Buffer.from([0xce])])
    }
    const key = Buffer.concat([Buffer.from([queue.length]), Buffer.from(queue)])
    const method = Buffer.concat([Buffer.from([0, 60, 0, 40, 0, 0, 0]), key, Buffer.from([0])])
    const header = Buffer.from([0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0])
    for (let count = 0; count < 2; count += 1)
      wire.write(Buffer.concat([frame(1, method), frame(2, header), frame(3, Buffer.from('hi'))]))
    await until('both have come', async () => (await broker.queue(queue)).messages === 2)
    wire.end()
  }

  beforeAll(async () => {
    port = await freePort()
    const [distribution, epmd] = [await freePort(), await freePort()]
    names = { ...names, ERL_EPMD_PORT: String(epmd) }
    writeDefinitions()
    writeFileSync(
      join(root, 'rabbitmq.conf'),
      `listeners.tcp.default = 127.0.0.1:${port}\nload_definitions = ${root}/definitions.json\n`,
    )
    const env = {
      ...names,
      HOME: root,
      RABBITMQ_CONFIG_FILE: join(root, 'rabbitmq.conf'),
      RABBITMQ_MNESIA_BASE: join(root, 'mnesia'),
      RABBITMQ_LOG_BASE: join(root, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(root, 'plugins'),
      RABBITMQ_NODENAME: `holdpoint-${port}@localhost`,
      RABBITMQ_DIST_PORT: String(distribution),
    }
    const words = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    server = startProgram('/usr/bin/env', [...words, programs['rabbitmq-server'] ?? ''])
    await until('it answers', async () => (await check({ port, ...login })).outcome === 'passed', 120_000)
    await publish('orders')
  }, 180_000)
  afterAll(async () => {
    await server?.stop()
    // The map of ports that the Erlang of this server alone has started.
    try {
      execFileSync(programs.epmd ?? '', ['-kill'], { env: { ...process.env, ...names }, stdio: 'ignore' })
    } catch {
      // It has ended by itself.
    }
    rmSync(root, { recursive: true, force: true })
  })

  test('queues are told with what waits in them, and hold their limits or fail by their names', async () => {
    const asked = { port, ...login, queues: ['orders', 'mails'] }
    const result = await check(asked, {
      expectation: 'queues.orders.messages == 2 && messages == 2 && version.startsWith("3.")',
    })
    expect(result, result.say).toMatchObject({ outcome: 'passed' })
    expect(result.say).toMatch(/lets in: orders holds 2 for 0, mails holds 0 for 0$/)
    expect(evidenceText(result)).toContain('"product": "RabbitMQ"')
    const wrong = await check({ ...asked, 'max-messages': 1, 'min-consumers': 1 })
    expect(wrong).toMatchObject({ outcome: 'failed' })
    expect(wrong.say).toContain(
      'orders holds 2 messages, at most 1; orders has 0 consumers, at least 1; mails has 0 consumers',
    )
  })

  test('a queue and a virtual host that there are not fail, and asking makes none', async () => {
    for (let times = 0; times < 2; times += 1) {
      const queue = await check({ port, ...login, queues: ['orders', 'none'] })
      expect([queue.outcome, queue.say]).toEqual(['failed', `127.0.0.1:${port}: there is no queue none in shop`])
    }
    const vhost = await check({ port, ...login, vhost: 'nowhere' })
    expect(vhost, vhost.say).toMatchObject({ outcome: 'failed', say: expect.stringContaining('not found') as string })
  })

  test('whoever has no account is refused, and our own wrong one is no verdict', async () => {
    const refused = await check({ port, refused: true })
    expect(refused, refused.say).toMatchObject({
      outcome: 'passed',
      say: expect.stringContaining('ACCESS_REFUSED') as string,
    })
    const wrong = await check({ port, ...login }, { secret: () => 'other' })
    expect(wrong).toMatchObject({ outcome: 'errored', say: expect.stringContaining('ACCESS_REFUSED') as string })
    const stranger = await check({ port, ...login, user: 'stranger' })
    expect(stranger, stranger.say).toMatchObject({ outcome: 'errored' })
  })
})

test('a broker of another version, and one that sends nonsense, never pass', async () => {
  const frame = (payload: Buffer): Buffer =>
    Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, payload.length]), payload, Buffer.from([0xce])])
  for (const said of [
    Buffer.from('AMQP\0\0\u0008\0'),
    Buffer.from([1, 0, 0, 0xff, 0xff, 0xff, 0xff]),
    frame(Buffer.from([0, 10, 0, 10, 0, 9, 0, 0, 0, 200])),
    frame(Buffer.from([0, 10, 0, 10, 0, 9, 0, 0, 0, 3, 1, 65, 63])),
    Buffer.concat([frame(Buffer.from([0])).subarray(0, 8), Buffer.from([0])]),
  ]) {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.end(said)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const result = await check({ port: (server.address() as AddressInfo).port })
    expect([said.toString('hex'), result.outcome]).toEqual([said.toString('hex'), 'failed'])
    server.close()
  }
})

test('tables are read as they were written', () => {
  const table = { product: 'Holdpoint', capabilities: { yes: true, no: false } }
  expect(new Reading(writeTable(table)).table()).toEqual(table)
})
