/** What a copy has more than its document, in pieces with the lines around them. */
import type { Removed } from '../remove.ts'

export interface DifferenceLine {
  readonly kind: 'same' | 'added' | 'removed'
  /** Line of the document; null = it is not in there. */
  readonly line: number | null
  readonly text: string
}

export interface Difference {
  /** Lines of the document between the piece before and this one. */
  readonly skipped: number
  readonly lines: readonly DifferenceLine[]
}

const AROUND = 2

/** `removed` is what is left of `copy` without our blocks. */
export function differenceOf(copy: string, removed: Removed): readonly Difference[] {
  return piecesOf(allLines(linesOf(copy), linesOf(removed.text), removed.lineOf))
}

/** What stands behind the last line end is no line. */
function linesOf(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function allLines(copy: readonly string[], original: readonly string[], lineOf: Removed['lineOf']): DifferenceLine[] {
  const places = copy.map((_, index) => lineOf(index + 1))
  // Lines of a front matter that was there before have no place of their own: they come in order.
  const head = (places.find((place) => place !== null) ?? 1) - 1
  const lines: DifferenceLine[] = []
  let next = 1
  for (const [index, text] of copy.entries()) {
    const place = places[index] ?? (next <= head && original[next - 1] === text ? next : null)
    if (place !== null) {
      for (const [nth, gone] of original.slice(next - 1, place - 1).entries())
        lines.push({ kind: 'removed', line: next + nth, text: gone })
      next = place + 1
    }
    lines.push({ kind: place === null ? 'added' : 'same', line: place, text })
  }
  return lines
}

function piecesOf(all: readonly DifferenceLine[]): readonly Difference[] {
  const isNear = new Uint8Array(all.length)
  for (const [at, { kind }] of all.entries())
    if (kind !== 'same') isNear.fill(1, Math.max(0, at - AROUND), at + AROUND + 1)
  const pieces: { skipped: number; lines: DifferenceLine[] }[] = []
  let skipped = 0
  for (const [at, line] of all.entries()) {
    if (isNear[at] === 0) {
      skipped += 1
      continue
    }
    const last = pieces.at(-1)
    if (last === undefined || skipped > 0) pieces.push({ skipped, lines: [line] })
    else last.lines.push(line)
    skipped = 0
  }
  return pieces
}
