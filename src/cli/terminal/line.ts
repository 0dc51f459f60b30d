/** A line before it is painted: spans of text with a tone, so that widths are counted without colour codes. */
import { cut, padEnd, visible, widthOf } from './text.ts'

export type Tone = 'plain' | 'dim' | 'strong' | 'good' | 'bad' | 'warn' | 'busy' | 'person'
export type Span = string | readonly [text: string, tone: Tone]
export type Line = readonly Span[]

const codes: Readonly<Record<Tone, readonly [string, string]>> = {
  plain: ['', ''],
  dim: ['\x1b[2m', '\x1b[22m'],
  strong: ['\x1b[1m', '\x1b[22m'],
  good: ['\x1b[32m', '\x1b[39m'],
  bad: ['\x1b[31m', '\x1b[39m'],
  warn: ['\x1b[33m', '\x1b[39m'],
  busy: ['\x1b[36m', '\x1b[39m'],
  person: ['\x1b[35m', '\x1b[39m'],
}

export interface Paper {
  readonly width: number
  readonly colour: boolean
}

/** The line as the terminal gets it: control characters visible, cut to the width, in colour if there is any. */
export function paint(line: Line, { width, colour }: Paper): string {
  let left = width
  let text = ''
  for (const span of line) {
    const [raw, tone] = typeof span === 'string' ? ([span, 'plain'] as const) : span
    const clean = visible(raw)
    if (left <= 0) break
    const fitting = cut(clean, left)
    left -= widthOf(fitting)
    const [open, close] = codes[tone]
    text += colour && fitting !== '' ? `${open}${fitting}${close}` : fitting
    if (fitting !== clean) break
  }
  return colour ? text : text.trimEnd()
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, span) => sum + widthOf(visible(typeof span === 'string' ? span : span[0])), 0)
}

/** `left` from the left edge, `right` at the right edge; the left one is cut when both do not fit. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right)
  if (lineWidth(right) === 0 || room < 12) return left
  const used = lineWidth(left)
  if (used + 1 <= room) return [...left, ' '.repeat(room - used), ...right]
  return [...cutLine(left, room - 1), ' ', ...right]
}

/** The first `width` columns, with `…` where something is missing. */
export function cutLine(line: Line, width: number): Line {
  const kept: Span[] = []
  let left = width
  for (const span of line) {
    const [raw, tone] = typeof span === 'string' ? ([span, 'plain'] as const) : span
    const clean = visible(raw)
    const fitting = cut(clean, left)
    kept.push([fitting, tone])
    left -= widthOf(fitting)
    if (fitting !== clean || left <= 0) break
  }
  return left > 0 ? [...kept, ' '.repeat(left)] : kept
}

/** A cell of a table: cut and padded to `width`. */
export function cell(text: string, width: number): string {
  return padEnd(cut(visible(text), width), width)
}
