/** Keeps the beginning and the end of a stream within a limit, and says how much is missing between them. */

export class CappedOutput {
  readonly #headLimit: number
  readonly #head: Buffer[] = []
  #headBytes = 0
  #beyondHead = 0
  readonly #tail: Ring
  #saved = 0

  constructor(capBytes: number) {
    this.#headLimit = Math.ceil(capBytes / 2)
    this.#tail = new Ring(Math.max(0, capBytes - this.#headLimit))
  }

  /** Copies what it keeps: `bytes` may be a view of a buffer that is used again. */
  add(bytes: Uint8Array): void {
    const toHead = Math.min(bytes.length, this.#headLimit - this.#headBytes)
    if (toHead > 0) {
      this.#head.push(Buffer.from(bytes.subarray(0, toHead)))
      this.#headBytes += toHead
    }
    if (toHead === bytes.length) return
    this.#beyondHead += bytes.length - toHead
    this.#tail.add(bytes.subarray(toHead))
  }

  get truncated(): boolean {
    return this.#beyondHead > this.#tail.limit
  }

  bytes(): Buffer {
    const mark = `\n[… ${this.#beyondHead - this.#tail.limit} bytes left out …]\n`
    return Buffer.concat([...this.#head, Buffer.from(this.truncated ? mark : ''), this.#tail.bytes()])
  }

  /** What of the beginning was not given out before; for a copy on disk while the command runs. */
  unsaved(): Buffer {
    const fresh = Buffer.concat(this.#head).subarray(this.#saved)
    this.#saved += fresh.length
    return fresh
  }
}

/** The last bytes of a stream. Grows up to its limit, so that a small output costs little memory. */
export class Ring {
  readonly limit: number
  #bytes = Buffer.alloc(0)
  /** Where the next byte goes. */
  #at = 0
  #isFull = false

  constructor(limitBytes: number) {
    this.limit = limitBytes
  }

  add(bytes: Uint8Array): void {
    if (this.limit === 0) return
    const last = bytes.length > this.limit ? bytes.subarray(bytes.length - this.limit) : bytes
    if (!this.#isFull) this.#grow(Math.min(this.limit, this.#at + last.length))
    const untilEnd = Math.min(last.length, this.limit - this.#at)
    this.#bytes.set(last.subarray(0, untilEnd), this.#at)
    this.#bytes.set(last.subarray(untilEnd), 0)
    this.#isFull ||= this.#at + last.length >= this.limit
    this.#at = (this.#at + last.length) % this.limit
  }

  bytes(): Buffer {
    const newest = this.#bytes.subarray(0, this.#at)
    return this.#isFull ? Buffer.concat([this.#bytes.subarray(this.#at), newest]) : Buffer.from(newest)
  }

  #grow(wanted: number): void {
    if (wanted <= this.#bytes.length) return
    const grown = Buffer.alloc(Math.min(this.limit, Math.max(wanted, this.#bytes.length * 2)))
    this.#bytes.copy(grown)
    this.#bytes = grown
  }
}
