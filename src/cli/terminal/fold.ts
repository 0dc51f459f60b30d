/** Lines folded at words for a terminal, so that it breaks none; a command to be copied stays whole. */
import { type Line, lineWidth, type Span, type Tone } from './line.ts'
import { visible, widthOf } from './text.ts'

interface Piece {
  readonly text: string
  readonly tone: Tone
}

/** How much further to the right the rest of a line stands. */
const DEEPER = 4

export function foldLine(line: Line, width: number): readonly Line[] {
  if (lineWidth(line) <= width) return [line]
  const pieces = line.flatMap(piecesOf)
  const indent = /^ */.exec(pieces.map(({ text }) => text).join(''))?.[0].length ?? 0
  const deeper = ' '.repeat(indent + DEEPER)
  const lines: Span[][] = [[]]
  let used = 0
  for (const word of wordsOf(pieces)) {
    const length = word.reduce((sum, { text }) => sum + widthOf(text), 0)
    const isBlank = word.every(({ text }) => text.trim() === '')
    if (!isBlank && used > indent + DEEPER && used + length > width) {
      lines.push([deeper])
      used = deeper.length
    } else if (isBlank && lines.length > 1 && used === deeper.length) continue
    lines.at(-1)?.push(...word.map(({ text, tone }) => [text, tone] as const))
    used += length
  }
  return lines
}

function piecesOf(span: Span): readonly Piece[] {
  const [raw, tone] = typeof span === 'string' ? ([span, 'plain'] as const) : span
  const [, before = '', command = ''] = /^(.*?)(\bholdpoint .*)?$/.exec(visible(raw)) ?? []
  const parts = [...before.split(/( +)/), command].filter((part) => part !== '')
  return parts.map((text) => ({ text, tone }))
}

/** Pieces without a blank between them belong together, whatever their tones. */
function wordsOf(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const words: Piece[][] = []
  for (const piece of pieces) {
    const last = words.at(-1)
    const isBlank = piece.text.trim() === ''
    if (last === undefined || isBlank || last.at(-1)?.text.trim() === '') words.push([piece])
    else last.push(piece)
  }
  return words
}
