/** Where the text of a list item begins, and what a line needs in front of it to belong to the item. */

export interface Marker {
  /** Index of the first character of the item's text in its line. */
  readonly contentStart: number
  /** As the line itself is indented: its tabs stay tabs. */
  readonly prefix: string
}

const opening = /[ \t>]*(?:[-*+]|\d{1,9}[.)])/y

/** `from`: where the text of an item around it begins, when both open on the same line. */
export function markerOf(line: string, from: number): Marker {
  opening.lastIndex = from
  const match = opening.exec(line)
  const end = match ? from + match[0].length : from + 1
  const blanks = /^[ \t]*/.exec(line.slice(end))?.[0] ?? ''
  const isEmpty = end + blanks.length >= line.length
  // Five blanks or more open indented code, one of them belongs to the marker.
  const own = isEmpty || columnsOf(blanks, columnsOf(line.slice(0, end), 0)) > 4 ? blanks.slice(0, 1) : blanks
  const contentStart = end + own.length
  const prefix = line.slice(0, contentStart).replace(/[^\t>]/g, ' ')
  return { contentStart, prefix: isEmpty && own === '' ? `${prefix} ` : prefix }
}

function columnsOf(text: string, start: number): number {
  let column = start
  for (const char of text) column += char === '\t' ? 4 - (column % 4) : 1
  return column - start
}
