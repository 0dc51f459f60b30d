/** Keeps the beginning and the end of a stream within a limit, and says how much is missing between them. */

export class CappedOutput {
  readonly #headLimit: number
  readonly #tailLimit: number
  readonly #head: Buffer[] = []
  #headBytes = 0
  #tail = Buffer.alloc(0)
  #tailAt = 0
  #beyondHead = 0
  #saved = 0

  constructor(capBytes: number) {
    this.#headLimit = Math.ceil(capBytes / 2)
    this.#tailLimit = Math.max(0, capBytes - this.#headLimit)
  }

  /** Copies what it keeps: `bytes` may be a view of a buffer that is used again. */
  add(bytes: Uint8Array): void {
    const toHead = Math.min(bytes.length, this.#headLimit - this.#headBytes)
    if (toHead > 0) {
      this.#head.push(Buffer.from(bytes.subarray(0, toHead)))
      this.#headBytes += toHead
    }
    if (toHead < bytes.length) this.#addToTail(toHead === 0 ? bytes : bytes.subarray(toHead))
  }

  get truncated(): boolean {
    return this.#beyondHead > this.#tailLimit
  }

  bytes(): Buffer {
    if (this.#beyondHead === 0) return Buffer.concat(this.#head)
    const leftOut = this.#beyondHead - this.#tailLimit
    if (leftOut <= 0) return Buffer.concat([...this.#head, this.#tail.subarray(0, this.#beyondHead)])
    const mark = Buffer.from(`\n[… ${leftOut} bytes left out …]\n`)
    return Buffer.concat([...this.#head, mark, this.#tail.subarray(this.#tailAt), this.#tail.subarray(0, this.#tailAt)])
  }

  /** What of the beginning was not given out before; for a copy on disk while the command runs. */
  unsaved(): Buffer {
    const fresh = Buffer.concat(this.#head).subarray(this.#saved)
    this.#saved += fresh.length
    return fresh
  }

  /** A ring that grows up to its limit, so that a small output costs little memory. */
  #addToTail(bytes: Uint8Array): void {
    const limit = this.#tailLimit
    const last = bytes.length > limit ? bytes.subarray(bytes.length - limit) : bytes
    this.#beyondHead += bytes.length - last.length
    if (limit === 0) return
    this.#grow(Math.min(limit, this.#beyondHead + last.length))
    // The whole ring is replaced: its order starts afresh.
    if (last.length === limit) this.#tailAt = 0
    const untilEnd = Math.min(last.length, limit - this.#tailAt)
    this.#tail.set(last.subarray(0, untilEnd), this.#tailAt)
    this.#tail.set(last.subarray(untilEnd), 0)
    this.#tailAt = (this.#tailAt + last.length) % limit
    this.#beyondHead += last.length
  }

  #grow(wanted: number): void {
    if (wanted <= this.#tail.length) return
    const grown = Buffer.alloc(Math.min(this.#tailLimit, Math.max(wanted, this.#tail.length * 2, 4096)))
    this.#tail.copy(grown)
    this.#tail = grown
  }
}

/** The last bytes of a stream, for a live view. */
export class RecentOutput {
  readonly #limit: number
  #pieces: Buffer[] = []
  #size = 0

  constructor(limitBytes: number) {
    this.#limit = limitBytes
  }

  add(bytes: Uint8Array): void {
    const last = bytes.length > this.#limit ? bytes.subarray(bytes.length - this.#limit) : bytes
    this.#pieces.push(Buffer.from(last))
    this.#size += last.length
    if (this.#size <= this.#limit * 2 && this.#pieces.length < 512) return
    const whole = this.#last()
    this.#pieces = [whole]
    this.#size = whole.length
  }

  text(): string {
    return this.#last().toString('utf8')
  }

  #last(): Buffer {
    const whole = Buffer.concat(this.#pieces)
    return whole.length > this.#limit ? Buffer.from(whole.subarray(whole.length - this.#limit)) : whole
  }
}
