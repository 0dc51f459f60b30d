/** Paragraphs that are no list: the lines in them that stand for themselves, such as fields, labels and loose boxes. */

/** First and last line of a piece, counted from 0 within its paragraph. */
export interface Piece {
  readonly from: number
  readonly to: number
  readonly content: string
}

const boxOrMark = /^(?:\[[ xX]?\]|[☐☑☒⬜□])\s/u
const label = /^(?:\*\*|__)?\p{L}[^:*_\n]{0,60}(?:\*\*|__)?:(?:\*\*|__)?(?:\s|$)/u
const boldLine = /^(?:\*\*|__)[^*_]+(?:\*\*|__):?\s*$/

/** `lines` are those of one paragraph. A wrapped sentence stays whole; lines that are complete in themselves are parted. */
export function piecesOf(lines: readonly string[]): readonly Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (let at = 1; at <= lines.length; at++) {
    if (at < lines.length && !partsHere(lines[at - 1] ?? '', lines[at] ?? '')) continue
    pieces.push({ from, to: at - 1, content: lines.slice(from, at).join('\n').trim() })
    from = at
  }
  return pieces
}

function partsHere(before: string, line: string): boolean {
  const now = line.trim()
  return (
    / {2}$|\\$|<br\s*\/?>\s*$/.test(before) ||
    boxOrMark.test(now) ||
    boxOrMark.test(before.trim()) ||
    boldLine.test(before.trim()) ||
    isField(now) ||
    isField(before) ||
    label.test(now)
  )
}

const blank = /_{3,}|\.{5,}|…{2,}|(?:\[ ?\]\s*\p{L}[\p{L} ]{0,30}){2,}/u
const yesNo = /:\s*(?:\*\*|__)?\s*(?:yes\s*\/\s*no|pass\s*\/\s*fail|y\s*\/\s*n)\s*$/i

/** A line with something to fill in: `Name: ____`, `Ready: Yes / No`, `Type: [ ] Major [ ] Minor`. */
export function isField(line: string): boolean {
  if (line.length > 500) return false
  return /^.{0,200}:/.test(line) && (blank.test(line) || yesNo.test(line))
}
