/** The bounded region at the bottom of a terminal: lines that are done go above it once, the rest is drawn again. */
import { widthOf } from './text.ts'

export interface Terminal {
  write(text: string): unknown
  readonly columns: number
}

export interface LiveRegion {
  /** Lines that stay, printed above the region. */
  print(lines: readonly string[]): void
  draw(lines: readonly string[]): void
  /** Takes the region away, so that something else can use the bottom of the screen. */
  clear(): void
}

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
/** Terminals that know it show everything in between at once; the others ignore it. */
const BEGIN = '\x1b[?2026h'
const END = '\x1b[?2026l'

export function createLiveRegion(terminal: Terminal): LiveRegion {
  let shown: readonly string[] = []
  const paintAll = (above: readonly string[], region: readonly string[]) => {
    const out = [...above, ...region].map((line) => `${line}\x1b[K\n`).join('')
    terminal.write(
      `${BEGIN}${HIDE_CURSOR}${upOver(shown, terminal.columns)}${out}\x1b[J${region.length === 0 ? SHOW_CURSOR : ''}${END}`,
    )
    shown = region
  }
  return {
    print: (lines) => {
      if (lines.length > 0) paintAll(lines, shown)
    },
    draw: (lines) => paintAll([], lines),
    clear: () => {
      if (shown.length > 0) paintAll([], [])
    },
  }
}

/** Rows that the region takes now: a terminal made narrower has folded its lines. */
function upOver(lines: readonly string[], columns: number): string {
  const rows = lines.reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(widthOf(withoutColour(line)) / Math.max(1, columns))),
    0,
  )
  return rows > 0 ? `\x1b[${rows}A\r` : '\r'
}

function withoutColour(line: string): string {
  // oxlint-disable-next-line no-control-regex -- colours are control sequences
  return line.replace(/\x1b\[[0-9;]*m/g, '')
}
