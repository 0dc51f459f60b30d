/** A test picture as H.264 that needs no encoder: every frame is whole and its pixels stand in it as they are (I_PCM). */

/** In macroblocks of 16 by 16. */
const columns = 4
const rows = 4

/** Brightness moves with the number, so that a player shows that time goes on. */
export function pictureFrame(number: number): Buffer {
  const unit = unitOf(0x65, frameBits(number))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(unit.length)
  return Buffer.concat([Buffer.from([0x17, 1, 0, 0, 0]), length, unit])
}

export const pictureSize = { width: columns * 16, height: rows * 16 }

/** Bits of the syntax of H.264: fixed lengths and Exp-Golomb codes. */
class Bits {
  readonly #bytes: number[] = []
  #free = 0

  fixed(value: number, count: number): this {
    for (let at = count - 1; at >= 0; at -= 1) this.#bit((value >> at) & 1)
    return this
  }

  /** ue(v). */
  golomb(value: number): this {
    const length = 32 - Math.clz32(value + 1)
    return this.fixed(0, length - 1).fixed(value + 1, length)
  }

  aligned(bytes: Buffer): this {
    this.#free = 0
    this.#bytes.push(...bytes)
    return this
  }

  ended(): Buffer {
    this.#bit(1)
    this.#free = 0
    return Buffer.from(this.#bytes)
  }

  #bit(bit: number): void {
    if (this.#free === 0) {
      this.#bytes.push(0)
      this.#free = 8
    }
    this.#free -= 1
    const last = this.#bytes.length - 1
    this.#bytes[last] = (this.#bytes[last] ?? 0) | (bit << this.#free)
  }
}

/** Baseline, level 1.0, no frame refers to another. */
function sequenceBits(): Buffer {
  const bits = new Bits().fixed(66, 8).fixed(0xc0, 8).fixed(10, 8)
  bits.golomb(0).golomb(0).golomb(2).golomb(1).fixed(0, 1)
  return bits
    .golomb(columns - 1)
    .golomb(rows - 1)
    .fixed(1, 1)
    .fixed(1, 1)
    .fixed(0, 1)
    .fixed(0, 1)
    .ended()
}

/** CAVLC, one slice, the deblocking filter is switched by each slice. */
function pictureBits(): Buffer {
  const bits = new Bits().golomb(0).golomb(0).fixed(0, 2).golomb(0).golomb(0).golomb(0)
  return bits.fixed(0, 1).fixed(0, 2).golomb(0).golomb(0).golomb(0).fixed(1, 1).fixed(0, 2).ended()
}

function frameBits(number: number): Buffer {
  const bits = new Bits().golomb(0).golomb(7).golomb(0).fixed(0, 4)
  bits
    .golomb(number % 2)
    .fixed(0, 2)
    .golomb(0)
    .golomb(1)
  for (let block = 0; block < columns * rows; block += 1) {
    const light = Buffer.alloc(256, 32 + ((number * 8 + block * 12) % 192))
    bits.golomb(25).aligned(light).aligned(Buffer.alloc(128, 128))
  }
  return bits.ended()
}

/** Three zeros in a row would look like a start code, so a 3 stands between. */
function unitOf(kind: number, payload: Buffer): Buffer {
  const bytes = [kind]
  let zeros = 0
  for (const byte of payload) {
    if (zeros === 2 && byte <= 3) {
      bytes.push(3)
      zeros = 0
    }
    bytes.push(byte)
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return Buffer.from(bytes)
}

/** What a decoder has to know before the first frame. Both are tags of FLV, the form in which RTMP carries video. */
export function pictureSettings(): Buffer {
  const sequence = unitOf(0x67, sequenceBits())
  const picture = unitOf(0x68, pictureBits())
  const sized = (unit: Buffer): Buffer => Buffer.concat([Buffer.from([unit.length >> 8, unit.length & 0xff]), unit])
  const head = Buffer.from([0x17, 0, 0, 0, 0, 1, 66, 0xc0, 10, 0xff, 0xe1])
  return Buffer.concat([head, sized(sequence), Buffer.from([1]), sized(picture)])
}
