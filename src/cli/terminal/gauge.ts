/** A ratio as a small picture: its interval on a logarithmic line, with "no difference" and the limit marked. */
import type { RatioReading } from '../../core/judge/verdict.ts'
import type { Line, Span, Tone } from './line.ts'

/** No interval is drawn further than this beyond what it is compared with: the arrow says that it goes on. */
const furthest = 8

/** `├──●──┃──┤` in exactly `width` columns: ┆ no difference, ┃ the limit to roll back, ● the ratio. */
export function gauge(ratio: RatioReading, tone: Tone, width: number): Line {
  const { low, high, value, rollback } = ratio
  const marks = [1, ...(rollback === null ? [] : [rollback])]
  const from = Math.max(Math.min(low, ...marks), Math.min(...marks) / furthest)
  const to = Math.min(Math.max(high, ...marks), Math.max(...marks) * furthest)
  const at = (one: number): number => {
    const share = to > from ? Math.log(one / from) / Math.log(to / from) : 0.5
    return Math.max(0, Math.min(width - 1, Math.round(share * (width - 1))))
  }
  const [start, end] = [at(low), at(high)]
  const cells = Array.from({ length: width }, (_, i): Span => (i > start && i < end ? ['─', tone] : ' '))
  cells[start] = [low < from ? '◂' : '├', tone]
  cells[end] = [high > to ? '▸' : '┤', tone]
  cells[at(1)] = ['┆', 'dim']
  if (rollback !== null) cells[at(rollback)] = ['┃', 'bad']
  cells[at(value)] = ['●', tone]
  return joined(cells)
}

/** Neighbours of one tone are one span. */
function joined(cells: readonly Span[]): Line {
  const line: (readonly [string, Tone])[] = []
  for (const one of cells) {
    const [text, tone] = typeof one === 'string' ? ([one, 'plain'] as const) : one
    const last = line.at(-1)
    if (last?.[1] === tone) line[line.length - 1] = [last[0] + text, tone]
    else line.push([text, tone])
  }
  return line
}
