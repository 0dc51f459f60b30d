/** One packet of the MySQL protocol: lengths in its own coding, texts, and what kind of answer it is. */

/** What the server says, with its number. */
export class MysqlFault extends Error {
  override name = 'MysqlFault'
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export class Packet {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  first(): number {
    return this.#bytes[0] ?? -1
  }

  bytes(count: number): Buffer {
    if (!(count >= 0 && this.#at + count <= this.#bytes.length)) throw new Error('its answer is cut off')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  rest(): Buffer {
    return this.bytes(this.#bytes.length - this.#at)
  }

  /** Up to a zero byte, which is left out. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    const text = this.bytes((end < 0 ? this.#bytes.length : end) - this.#at).toString()
    if (end >= 0) this.#at = end + 1
    return text
  }

  /** A number of one, three, four or nine bytes. */
  count(): number {
    const first = this.bytes(1).readUInt8()
    if (first < 0xfb) return first
    if (first === 0xfc) return this.bytes(2).readUInt16LE()
    if (first === 0xfd) return this.bytes(3).readUIntLE(0, 3)
    if (first === 0xfe) return Number(this.bytes(8).readBigUInt64LE())
    throw new Error('its answer has a length that is none')
  }

  /** Null for NULL. */
  maybeText(): Buffer | null {
    if (this.#bytes[this.#at] !== 0xfb) return this.bytes(this.count())
    this.#at += 1
    return null
  }

  isOk(): boolean {
    return this.first() === 0
  }

  isLocalFile(): boolean {
    return this.first() === 0xfb
  }

  isEnd(): boolean {
    return this.first() === 0xfe && this.#bytes.length < 9
  }

  /** Null where it is no error. */
  errorCode(): number | null {
    return this.first() === 0xff && this.#bytes.length >= 3 ? this.#bytes.readUInt16LE(1) : null
  }

  throwIfError(): void {
    const code = this.errorCode()
    if (code === null) return
    const words = this.#bytes.toString('utf8', 3).replace(/^#.{5}/, '')
    throw new MysqlFault(code, words)
  }
}
