/** One byte form for one value: what digests and hashes are taken over. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/**
 * JSON with sorted keys and no white space (the ordering of RFC 8785; numbers as ECMAScript prints them).
 * `undefined` members are left out; NaN and infinities are refused, because JSON has no word for them.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (value === null) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`bug: ${value} has no JSON form`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return canonicalList(value)
  if (typeof value === 'object') return canonicalObject(value as Record<string, unknown>)
  throw new Error(`bug: ${typeof value} has no JSON form`)
}

function canonicalList(items: readonly unknown[]): string {
  if (items.length === 0) return '[]'
  let members = canonicalJson(items[0] ?? null)
  for (let at = 1; at < items.length; at++) members += `,${canonicalJson(items[at] ?? null)}`
  return `[${members}]`
}

/** Without lists in between: every event passes here. */
function canonicalObject(record: Record<string, unknown>): string {
  const { sorted, heads } = orderOf(Object.keys(record))
  let members = ''
  for (let at = 0; at < sorted.length; at++) {
    const member = record[sorted[at] ?? '']
    if (member === undefined) continue
    members += `${members === '' ? '' : ','}${heads[at]}${canonicalJson(member)}`
  }
  return `{${members}}`
}

/** The names of a record as they are written down: sorted, each with its quotes and colon. */
interface Order {
  readonly keys: readonly string[]
  readonly sorted: readonly string[]
  readonly heads: readonly string[]
}

/** Records are of few shapes: one order for each, found by its first name and its size, the newest first. */
const orders = new Map<string, Order[]>()
const mostOrders = 1_000
const mostAlike = 8
const longestKept = 64
let orderCount = 0

function orderOf(keys: readonly string[]): Order {
  const first = keys[0] ?? ''
  const alike = orders.get(first)
  const known = alike?.find((order) => isSame(order.keys, keys))
  if (known) return known
  const sorted = [...keys].sort()
  const order = { keys, sorted, heads: sorted.map((key) => `${quoted(key)}:`) }
  if (keys.length > longestKept) return order
  // Names that people chose are without end: they are not kept for ever.
  if (++orderCount > mostOrders) {
    orders.clear()
    orderCount = 1
  }
  orders.set(first, [order, ...(orders.get(first) ?? []).slice(0, mostAlike - 1)])
  return order
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

/** What JSON writes with a backslash: quotes, control characters, halves of a pair. */
const escaped = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

function quoted(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`
}

/** What gives the 64 lower-case hex digits of sha-256. */
export type Sha256 = (data: string | Uint8Array) => string

let sha256OfMachine: Sha256 | null = null

/** From here on the machine's own sha-256, many times as fast, is used instead of the one in this program. */
export function useSha256(own: Sha256): void {
  const isTrue = ['', 'abc', 'ä€😀'].every(
    (text) => own(text) === plainSha256(text) && own(utf8ToBytes(text)) === own(text),
  )
  if (!isTrue) throw new Error('bug: the sha-256 of this machine gives other digits')
  sha256OfMachine = own
}

function plainSha256(data: string | Uint8Array): string {
  return bytesToHex(sha256(typeof data === 'string' ? utf8ToBytes(data) : data))
}

/** sha-256 as 64 lower-case hex digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return sha256OfMachine ? sha256OfMachine(data) : plainSha256(data)
}

/** sha-256 (hex) over the canonical JSON of a value. */
export function digestOf(value: unknown): string {
  return sha256Hex(canonicalJson(value))
}
