/** Bytes become text, whatever they are: what was damaged on the way is recognised, and mended when asked. */

/** A reading of UTF-8 as something else, which turns each character beyond ASCII into two to four wrong ones. */
export type Misreading = 'macintosh' | 'windows-1252' | 'latin-1'

export interface Encoding {
  /** What the bytes are. */
  readonly name: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'
  /** A byte order mark stands at the beginning. */
  readonly hasMark: boolean
  /** UTF-8 was once read as this and written again; null = no sign of it. */
  readonly damage: Misreading | null
  /** Places where characters were damaged, and how many different characters they were. */
  readonly damaged: number
  readonly characters: number
  /** Places that were mended; 0 without `repair`. */
  readonly repaired: number
  /** The text can be written as it is: it is UTF-8 without a zero byte, or it was asked to be mended. */
  readonly isWritable: boolean
}

export interface Decoded {
  /** With its byte order mark, if the bytes have one and are UTF-8. */
  readonly text: string
  readonly encoding: Encoding
}

/** Never throws. With `repair` the text is mended and may be written as UTF-8. */
export function decode(bytes: Uint8Array, repair: boolean): Decoded {
  const name = nameOf(bytes)
  const raw = new TextDecoder(name, { ignoreBOM: name === 'utf-8' }).decode(bytes)
  const hasMark = name === 'utf-8' ? raw.startsWith('\uFEFF') : name !== 'windows-1252'
  const damage = damageOf(raw)
  const mended = repair && damage ? damage.mended : raw
  return {
    text: mended,
    encoding: {
      name,
      hasMark,
      damage: damage?.reading ?? null,
      damaged: damage?.places ?? 0,
      characters: damage?.characters ?? 0,
      repaired: repair ? (damage?.places ?? 0) : 0,
      isWritable: (name === 'utf-8' || repair) && !raw.includes('\0'),
    },
  }
}

function nameOf(bytes: Uint8Array): Encoding['name'] {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return 'utf-8'
  } catch {
    return 'windows-1252'
  }
}

interface Damage {
  readonly reading: Misreading
  readonly places: number
  readonly characters: number
  readonly mended: string
}

const readings: readonly Misreading[] = ['windows-1252', 'macintosh', 'latin-1']

function damageOf(text: string): Damage | null {
  let best: Damage | null = null
  for (const reading of readings) {
    const found = mend(text, reading)
    if (found && found.places > (best?.places ?? 0)) best = found
  }
  return best
}

/**
 * null = not damaged in this way. Two letters side by side can look like damage (French quotation marks, say), so
 * nearly everything beyond ASCII has to be explained by it, and something by more than two letters or an `Ã`, `Â`, `¬`, `√`.
 */
function mend(text: string, reading: Misreading): Damage | null {
  const bytesByChar = tableOf(reading)
  const found = new Set<string>()
  let [beyond, explained, places] = [0, 0, 0]
  let isSure = false
  const mended = text.replace(/[\u0080-\uFEFE\uFF00-\u{10FFFF}]+/gu, (run) => {
    const chars = Array.from(run)
    let result = ''
    let changed = false
    for (let at = 0; at < chars.length; ) {
      const sequence = sequenceAt(chars, at, bytesByChar)
      if (sequence === null) {
        result += chars[at]
        at += 1
        continue
      }
      result += sequence.char
      changed = true
      found.add(sequence.char)
      explained += sequence.length
      isSure ||= sequence.length > 2 || sequence.lead <= 0xc3
      at += sequence.length
    }
    beyond += chars.length
    if (changed) places += 1
    return changed ? result : run
  })
  if (!isSure || explained < 0.9 * beyond) return null
  return { reading, places, characters: found.size, mended }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function sequenceAt(
  chars: readonly string[],
  at: number,
  bytesByChar: ReadonlyMap<string, number>,
): { readonly char: string; readonly length: number; readonly lead: number } | null {
  const lead = bytesByChar.get(chars[at] ?? '') ?? 0
  const length = lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0
  if (length === 0 || lead > 0xf4) return null
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index++) {
    const byte = bytesByChar.get(chars[at + index] ?? '')
    if (byte === undefined) return null
    bytes[index] = byte
  }
  try {
    return { char: strict.decode(bytes), length, lead }
  } catch {
    return null
  }
}

const tables = new Map<Misreading, ReadonlyMap<string, number>>()

/** What each character beyond ASCII was as a byte. */
function tableOf(reading: Misreading): ReadonlyMap<string, number> {
  const known = tables.get(reading)
  if (known) return known
  const table = new Map<string, number>()
  const decoder = reading === 'latin-1' ? null : new TextDecoder(reading)
  for (let byte = 0x80; byte <= 0xff; byte++)
    table.set(decoder ? decoder.decode(Uint8Array.of(byte)) : String.fromCharCode(byte), byte)
  tables.set(reading, table)
  return table
}
