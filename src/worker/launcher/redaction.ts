/** Replaces secrets by `***` in a stream of bytes, whatever their coding and wherever the chunks are cut. */
import { codingsOf } from './codings.ts'
import type { Pattern } from './codings.ts'

export type Emit = (bytes: Uint8Array) => void

const MARK = Buffer.from('***')
const NOTHING = new Uint8Array(0)
/** More bytes than this between two units are no wrapping or grouping any more. */
const LONGEST_GAP = 3
const PARTIAL = -1
const NO_MATCH = -2
const NO_SEPARATORS = new Uint8Array(256)
const SEPARATORS: Record<Pattern['separators'], Uint8Array> = {
  none: NO_SEPARATORS,
  'line-ends': flags('\r\n'),
  'hex-groups': flags(' \t\r\n:,-\\xX'),
}

/** The compiled patterns of all secrets of one command. */
export interface SecretPatterns {
  /** 1 where a pattern can begin with these two bytes. */
  readonly pairs: Uint8Array
  /** 1 where a pattern can begin with this byte, for the last byte of a chunk. */
  readonly firsts: Uint8Array
  readonly byFirst: readonly (readonly Pattern[])[]
}

export function compileSecrets(values: Iterable<string>): SecretPatterns | null {
  const patterns = [...values].flatMap((value) => codingsOf(value))
  if (patterns.length === 0) return null
  const pairs = new Uint8Array(65_536)
  const firsts = new Uint8Array(256)
  const byFirst: Pattern[][] = Array.from({ length: 256 }, () => [])
  for (const pattern of patterns) {
    const seconds = [...formsOf(pattern, 1), ...(unitLength(pattern) === 1 ? separatorsOf(pattern) : [])]
    for (const first of formsOf(pattern, 0)) {
      firsts[first] = 1
      byFirst[first]?.push(pattern)
      for (const second of seconds) pairs[(first << 8) | second] = 1
    }
  }
  return { pairs, firsts, byFirst }
}

/** One stream's redaction. What could still become a secret is held back until the next chunk or the end. */
export class Redactor {
  readonly #patterns: SecretPatterns | null
  #held: Uint8Array = NOTHING
  /** Leading bytes of `#held` that belong to a secret whose mark was emitted already. */
  #covered = 0

  constructor(patterns: SecretPatterns | null) {
    this.#patterns = patterns
  }

  /** Emitted bytes may be views of `chunk`: keep a copy. */
  push(chunk: Uint8Array, emit: Emit): void {
    if (this.#patterns === null) return emit(chunk)
    this.#scan(this.#patterns, this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false, emit)
  }

  end(emit: Emit): void {
    if (this.#patterns !== null && this.#held.length > 0) this.#scan(this.#patterns, this.#held, true, emit)
    this.#held = NOTHING
    this.#covered = 0
  }

  #scan(patterns: SecretPatterns, data: Uint8Array, isLast: boolean, emit: Emit): void {
    const { pairs, firsts, byFirst } = patterns
    const length = data.length
    // Everything before `done` was emitted, or stands behind a mark that was.
    let done = this.#covered
    let holdFrom = length
    for (let at = 0; at < length; at += 1) {
      const first = data[at] as number
      const mayBegin = at + 1 < length ? pairs[(first << 8) | (data[at + 1] as number)] : firsts[first]
      if (mayBegin === 0) continue
      const match = longestMatch(byFirst[first] as readonly Pattern[], data, at)
      if (match.isPartial && !isLast) {
        holdFrom = at
        break
      }
      if (match.end <= done) continue
      if (at > done) emit(data.subarray(done, at))
      // A secret that overlaps the one before is behind the same mark.
      if (at >= done) emit(MARK)
      done = match.end
    }
    if (holdFrom > done) emit(data.subarray(done, holdFrom))
    this.#covered = Math.max(0, done - holdFrom)
    this.#held = holdFrom < length ? Uint8Array.prototype.slice.call(data, holdFrom) : NOTHING
  }
}

/** For text that is whole: a captured value, a reason. */
export function redactBytes(patterns: SecretPatterns | null, bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = []
  const redactor = new Redactor(patterns)
  redactor.push(bytes, (piece) => pieces.push(Buffer.from(piece)))
  redactor.end((piece) => pieces.push(Buffer.from(piece)))
  return Buffer.concat(pieces)
}

export function redactText(patterns: SecretPatterns | null, text: string): string {
  return patterns === null ? text : Buffer.from(redactBytes(patterns, Buffer.from(text))).toString('utf8')
}

function longestMatch(
  patterns: readonly Pattern[],
  data: Uint8Array,
  from: number,
): { end: number; isPartial: boolean } {
  let end = 0
  let isPartial = false
  for (const pattern of patterns) {
    const found = matchEnd(pattern, data, from)
    if (found === PARTIAL) isPartial = true
    else if (found > end) end = found
  }
  return { end, isPartial }
}

/** End of the match that begins at `from`, or PARTIAL when the data ends before the pattern does. */
function matchEnd(pattern: Pattern, data: Uint8Array, from: number): number {
  const { bytes } = pattern
  const separators = SEPARATORS[pattern.separators]
  const unit = unitLength(pattern)
  let at = from + 1
  let gap = 0
  for (let index = 1; index < bytes.length; ) {
    if (at >= data.length) return PARTIAL
    const found = data[at] as number
    if (found === bytes[index] || (pattern.ignoresCase && lower(found) === bytes[index])) {
      index += 1
      gap = 0
    } else if (separators[found] === 1 && index % unit === 0 && gap < LONGEST_GAP) gap += 1
    else return NO_MATCH
    at += 1
  }
  return at
}

function unitLength(pattern: Pattern): number {
  return pattern.separators === 'hex-groups' ? 2 : 1
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte
}

function formsOf(pattern: Pattern, index: number): number[] {
  const byte = pattern.bytes[index] as number
  return pattern.ignoresCase && byte >= 97 && byte <= 122 ? [byte, byte - 32] : [byte]
}

function separatorsOf(pattern: Pattern): number[] {
  const table = SEPARATORS[pattern.separators]
  return Array.from(table.keys()).filter((byte) => table[byte] === 1)
}

function flags(characters: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}
