import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, findProgram, type Running, startProgram, until } from '../../test/support/programs.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { kafka } from './kafka.ts'
import { evidenceText, runCheck, testPowers } from './parts/powers.fixture.ts'

const kcat = findProgram('/usr/bin/kcat', '/usr/local/bin/kcat', '/opt/homebrew/bin/kcat')
const check = (config: Readonly<Record<string, unknown>>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
  runCheck(kafka as never, config, powers)

describeWith({ kcat }, 'the cluster that librdkafka brings', () => {
  let cluster: Running
  let hosts: readonly string[] = []

  // A consumer keeps it up; that it asks for its topic makes it.
  beforeAll(async () => {
    const words = '-C -t orders -b 127.0.0.1:1 -d mock -X test.mock.num.brokers=3'
    cluster = startProgram(kcat ?? '', words.split(' '))
    await until('the cluster is up', () => /Created topic "orders"[^\n]*\n/.test(cluster.said()))
    hosts = /bootstrap\.servers=(\S+)/.exec(cluster.said())?.[1]?.split(',') ?? []
  }, 90_000)
  afterAll(async () => cluster.stop())

  test('every broker answers, and every partition has a leader', async () => {
    const result = await check(
      { hosts, brokers: 3, topics: ['orders'], 'in-sync': 3 },
      { expectation: 'topics.orders == 4 && under_replicated == 0 && without_leader == 0' },
    )
    expect(result.say).toBe('3 of 3 answer: 3 brokers, 4 partitions of 1 topics, each with a leader')
    expect(result.outcome).toBe('passed')
    expect(JSON.parse(evidenceText(result))).toMatchObject({ topics: [{ name: 'orders' }] })
  })

  test('a topic that nobody made is missing, and is not made by asking', async () => {
    for (const _again of [1, 2]) {
      const result = await check({ hosts, topics: ['orders', 'refunds'] })
      expect(result).toMatchObject({ outcome: 'failed', say: 'there is no topic refunds' })
    }
    expect(cluster.said()).not.toContain('Created topic "refunds"')
  })

  test('too few brokers, and one that is gone, are said', async () => {
    expect((await check({ hosts, brokers: 4 })).say).toBe('3 brokers are in the cluster, expected at least 4')
    const gone = await check({ hosts: [...hosts, '127.0.0.1:1'] })
    expect(gone).toMatchObject({ outcome: 'failed', say: expect.stringContaining('127.0.0.1:1: ') as string })
  })

  test('doctor asks each broker', async () => {
    expect(await kafka.probe?.(kafka.config.parse({ hosts }), testPowers())).toEqual({
      ok: true,
      say: '3 brokers answer',
    })
  })
})

const int16 = (...values: readonly number[]): Buffer =>
  Buffer.concat(values.map((v) => Buffer.from([(v >> 8) & 255, v & 255])))
const int32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value, 4 * index)
  return bytes
}
const text = (words: string): Buffer => Buffer.concat([int16(words.length), Buffer.from(words)])
const array = (...items: readonly Buffer[]): Buffer => Buffer.concat([int32(items.length), ...items])

/** number, leader, copies, copies in sync */
type Part = readonly [number, number, readonly number[], readonly number[]]
const partition = ([number, leader, copies, inSync]: Part): Buffer =>
  Buffer.concat([int16(leader < 0 ? 5 : 0), int32(number, leader, copies.length, ...copies, inSync.length, ...inSync)])

/** As the protocol's guide says of version 4: the name, and that it must not be made, come in; the time of throttling goes out first. */
const metadata = (parts: readonly Part[]): Buffer =>
  Buffer.concat([
    int32(0),
    array(Buffer.concat([int32(1), text('kafka-1'), int32(9092), int16(-1)])),
    text('a-cluster'),
    int32(1),
    array(Buffer.concat([int16(0), text('orders'), Buffer.from([0]), array(...parts.map(partition))])),
  ])
const versions = (...ranges: readonly (readonly [number, number, number])[]): Buffer =>
  Buffer.concat([int16(0), array(...ranges.map((range) => int16(...range)))])

/** A broker that gives one answer for each key of a request, and remembers the requests. */
async function broker(
  answers: Readonly<Record<number, Buffer>>,
  ask: (host: string) => Promise<CheckResult>,
): Promise<{ readonly result: CheckResult; readonly asked: readonly Buffer[] }> {
  const asked: Buffer[] = []
  const server = createServer((socket) => {
    let held = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 4 && held.length >= 4 + held.readInt32BE()) {
        const request = held.subarray(4, 4 + held.readInt32BE())
        held = held.subarray(4 + request.length)
        asked.push(request)
        const body = answers[request.readInt16BE()] ?? Buffer.alloc(0)
        socket.write(Buffer.concat([int32(4 + body.length), request.subarray(4, 8), body]))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return { result: await ask(`127.0.0.1:${(server.address() as AddressInfo).port}`), asked }
  } finally {
    server.close()
  }
}

const modern = versions([18, 0, 4], [3, 0, 13])

test('a partition without a leader or with too few copies fails, with its number', async () => {
  const parts: readonly Part[] = [
    [0, 1, [1, 2, 3], [1, 2, 3]],
    [1, -1, [1, 2, 3], []],
    [2, 2, [1, 2, 3], [2]],
  ]
  const { result, asked } = await broker({ 18: modern, 3: metadata(parts) }, async (host) =>
    check({ hosts: [host], topics: ['orders'], 'in-sync': 2 }),
  )
  expect(result.outcome).toBe('failed')
  expect(result.say).toBe(
    'partition 1 of orders has no leader; partition 1 and 1 more of orders has 0 copies that keep up, expected at least 2',
  )
  expect(result.facts).toMatchObject({ without_leader: 1, under_replicated: 2 })
  // Version 4, and the last byte says that no topic may be made.
  expect([asked[1]?.readInt16BE(2), asked[1]?.at(-1)]).toEqual([4, 0])
})

test('an answer that is cut, another error, or one too old, never passes', async () => {
  const cut = await broker({ 18: modern, 3: metadata([]).subarray(0, 20) }, async (host) => check({ hosts: [host] }))
  expect(cut.result).toMatchObject({ outcome: 'failed', say: expect.stringContaining('ends too early') as string })
  const old = await broker({ 18: versions([3, 0, 0]) }, async (host) => check({ hosts: [host] }))
  expect(old.result).toMatchObject({
    outcome: 'failed',
    say: expect.stringContaining('Metadata of version 1') as string,
  })
  const wrong = await broker({ 18: int16(35) }, async (host) => check({ hosts: [host] }))
  expect(wrong.result.say).toContain('answers ApiVersions with error 35')
})

test('a host without a port is refused when it compiles', () => {
  const { error } = kafka.config.safeParse({ hosts: ['kafka-1'] })
  expect(JSON.stringify(error?.issues)).toContain('expected a host and port such as kafka-1:9092')
})
