/** Two questions to a Kafka broker, in its own protocol: which versions it speaks, and what its cluster looks like. */
import { type Wire, WireFault } from '../parts/wire.ts'

const apiVersionsKey = 18
const metadataKey = 3
const clientId = 'holdpoint'
/** No list of an answer is longer than what a check can look at. */
const mostItems = 100_000

export interface Partition {
  readonly number: number
  readonly error: number
  /** -1 = nobody. */
  readonly leader: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
}

export interface Topic {
  readonly name: string
  readonly error: number
  readonly partitions: readonly Partition[]
}

export interface Cluster {
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[]
  readonly controller: number
  readonly topics: readonly Topic[]
}

/** Highest version of each request that the broker takes, by the number of the request. Throws WireFault. */
export async function askVersions(wire: Wire): Promise<ReadonlyMap<number, number>> {
  const answer = await exchange(wire, apiVersionsKey, 0, Buffer.alloc(0))
  const error = answer.int16()
  if (error !== 0) throw new WireFault(`it answers ApiVersions with error ${error}`, true)
  const ranges = answer.list(() => [answer.int16(), answer.int16(), answer.int16()] as const)
  if (ranges.length === 0) throw new WireFault('it speaks no request at all', true)
  return new Map(ranges.map(([key, , most]) => [key, most]))
}

/**
 * Asking by name could make a topic, unless it is said that it must not, which version 4 can. Who is older is asked for all.
 * Throws WireFault.
 */
export async function askCluster(
  wire: Wire,
  versions: ReadonlyMap<number, number>,
  topics: readonly string[],
): Promise<Cluster> {
  const most = versions.get(metadataKey) ?? -1
  if (most < 1) throw new WireFault('it does not answer Metadata of version 1 or later', true)
  if (most < 4) return readCluster(await exchange(wire, metadataKey, 1, int32(topics.length === 0 ? 0 : -1)), 1)
  const body = Buffer.concat([int32(topics.length), ...topics.map(string), Buffer.from([0])])
  return readCluster(await exchange(wire, metadataKey, 4, body), 4)
}

function readCluster(answer: Answer, version: 1 | 4): Cluster {
  if (version === 4) answer.int32()
  const brokers = answer.list(() => {
    const broker = { id: answer.int32(), host: answer.string() ?? '', port: answer.int32() }
    answer.string()
    return broker
  })
  if (version === 4) answer.string()
  const controller = answer.int32()
  const topics = answer.list((): Topic => {
    const error = answer.int16()
    const name = answer.string() ?? ''
    answer.int8()
    return { error, name, partitions: answer.list(() => readPartition(answer)) }
  })
  return { brokers, controller, topics }
}

function readPartition(answer: Answer): Partition {
  return {
    error: answer.int16(),
    number: answer.int32(),
    leader: answer.int32(),
    replicas: answer.list(() => answer.int32()),
    inSync: answer.list(() => answer.int32()),
  }
}

let lastCorrelation = 0

async function exchange(wire: Wire, key: number, version: number, body: Buffer): Promise<Answer> {
  lastCorrelation = (lastCorrelation + 1) % 0x7fffffff
  const correlation = lastCorrelation
  const request = Buffer.concat([int16(key), int16(version), int32(correlation), string(clientId), body])
  wire.write(Buffer.concat([int32(request.length), request]))
  const length = (await wire.read(4)).readInt32BE()
  if (length < 4) throw new WireFault('it does not speak as Kafka does', true)
  const answer = answerOf(await wire.read(length))
  if (answer.int32() !== correlation) throw new WireFault('it does not speak as Kafka does', true)
  return answer
}

interface Answer {
  int8(): number
  int16(): number
  int32(): number
  /** null = nothing, which is not the empty text. */
  string(): string | null
  list<T>(item: () => T): readonly T[]
}

/** Reads in order; an answer that ends too early is a WireFault. */
function answerOf(bytes: Buffer): Answer {
  let at = 0
  const step = (count: number): number => {
    if (count < 0 || at + count > bytes.length) throw new WireFault('its answer ends too early', true)
    at += count
    return at - count
  }
  const answer: Answer = {
    int8: () => bytes.readInt8(step(1)),
    int16: () => bytes.readInt16BE(step(2)),
    int32: () => bytes.readInt32BE(step(4)),
    string: () => {
      const length = answer.int16()
      if (length === -1) return null
      const start = step(length)
      return bytes.toString('utf8', start, start + length)
    },
    list: (item) => {
      const length = answer.int32()
      if (length > mostItems) throw new WireFault(`it lists ${length} items`, true)
      return Array.from({ length: Math.max(0, length) }, item)
    },
  }
  return answer
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function string(text: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)])
}
