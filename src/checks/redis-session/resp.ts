/** Commands to Redis, and its answers: RESP2, as every version speaks it. */
import { type Wire, WireFault } from '../parts/wire.ts'

export class RedisFault extends Error {
  override name = 'RedisFault'
  /** `NOAUTH`, `LOADING`; the first word. */
  readonly code: string
  constructor(message: string) {
    super(message)
    this.code = message.split(' ', 1)[0] ?? ''
  }
}

export type Reply = string | number | null | readonly Reply[]

const deepest = 8
const mostItems = 10_000

/** Throws RedisFault for an error that Redis answers, WireFault for anything that is no answer of Redis. */
export async function ask(wire: Wire, words: readonly string[]): Promise<Reply> {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  wire.write(`*${words.length}\r\n${parts.join('')}`)
  return reply(wire, 0)
}

async function reply(wire: Wire, depth: number): Promise<Reply> {
  const line = await wire.line()
  const rest = line.slice(1)
  switch (line[0]) {
    case '+':
      return rest
    case '-':
      throw new RedisFault(rest)
    case ':':
      return number(rest)
    case '$':
      return text(wire, number(rest))
    case '*':
      return list(wire, number(rest), depth)
    default:
      throw new WireFault(`it does not speak as Redis does: ${line.slice(0, 60)}`, true)
  }
}

async function text(wire: Wire, length: number): Promise<string | null> {
  if (length === -1) return null
  const bytes = await wire.read(length + 2)
  return bytes.subarray(0, length).toString('utf8')
}

async function list(wire: Wire, length: number, depth: number): Promise<readonly Reply[] | null> {
  if (length === -1) return null
  if (length > mostItems || depth >= deepest) throw new WireFault(`it answers with ${length} items`, true)
  const items: Reply[] = []
  while (items.length < length) items.push(await reply(wire, depth + 1))
  return items
}

function number(digits: string): number {
  if (!/^[+-]?\d{1,19}$/.test(digits)) throw new WireFault(`it says ${digits.slice(0, 60)} in place of a number`, true)
  return Number(digits)
}

/** `used_memory:1024` of INFO; what looks like a number is one. */
export function infoOf(said: string): Readonly<Record<string, string | number>> {
  const pairs = said
    .split('\r\n')
    .filter((line) => line !== '' && !line.startsWith('#') && line.includes(':'))
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const)
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, /^-?\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : value]),
  )
}
