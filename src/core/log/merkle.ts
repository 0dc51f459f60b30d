/** The tree head of RFC 6962 over a log that only grows, in memory that grows with the logarithm of its length. */
import { hexToBytes } from '@noble/hashes/utils.js'
import { sha256Hex } from './canonical.ts'

interface Peak {
  /** How many leaves it stands over: a power of two. */
  readonly size: number
  /** sha-256, hex. */
  readonly hash: string
}

export class MerkleHead {
  /** From the greatest to the smallest, as the digits of the size in base two. */
  #peaks: readonly Peak[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** `leaf` = hex of the bytes that the leaf stands for. */
  add(leaf: string): void {
    let last: Peak = { size: 1, hash: hashOf(0, leaf) }
    const peaks = [...this.#peaks]
    while (peaks.at(-1)?.size === last.size) {
      const before = peaks.pop()!
      last = { size: 2 * last.size, hash: hashOf(1, before.hash + last.hash) }
    }
    this.#peaks = [...peaks, last]
    this.#size += 1
  }

  /** sha-256, hex; of nothing for an empty log. */
  get root(): string {
    const [last, ...before] = this.#peaks.toReversed()
    if (last === undefined) return sha256Hex('')
    return before.reduce((root, { hash }) => hashOf(1, hash + root), last.hash)
  }
}

/** A leaf and a node begin with different bytes, so that neither passes for the other. */
function hashOf(kind: 0 | 1, hex: string): string {
  return sha256Hex(hexToBytes(`0${kind}${hex}`))
}
