/** Text as lines that keep their own line ends, so that it can be put together again to the letter. */

export interface SourceLine {
  readonly text: string
  /** `\n`, `\r\n`, `\r`, or '' at the very end. */
  readonly end: string
}

/** A text that ends with a line end has no empty line behind it. */
export function linesOf(text: string): readonly SourceLine[] {
  const lines: SourceLine[] = []
  const pattern = /([^\r\n]*)(\r\n|\r|\n|$)/y
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (!match) break
    lines.push({ text: match[1] ?? '', end: match[2] ?? '' })
  }
  return lines
}

export function joinLines(lines: readonly SourceLine[]): string {
  return lines.map(({ text, end }) => text + end).join('')
}

/** The line end that most lines have. */
export function usualEnd(lines: readonly SourceLine[]): string {
  const crlf = lines.filter(({ end }) => end === '\r\n').length
  const cr = lines.filter(({ end }) => end === '\r').length
  const lf = lines.filter(({ end }) => end === '\n').length
  return crlf > lf && crlf >= cr ? '\r\n' : cr > lf ? '\r' : '\n'
}
