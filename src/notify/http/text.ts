/** Words of a message on their way to a chat: shown, not obeyed, and no longer than the other side takes. */

/** What steers a terminal or turns the direction of a text becomes a mark; ends of lines are one kind. */
export function visibleText(text: string): string {
  return (
    text
      .replace(/\r\n?|[\u2028\u2029]/g, '\n')
      // oxlint-disable-next-line no-control-regex -- control characters are exactly what must go
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g, '\ufffd')
      .toWellFormed()
  )
}

export function oneLine(text: string): string {
  return visibleText(text).replace(/\s+/g, ' ').trim()
}

/** At most `longest` UTF-16 units, never half a character; `…` says that something is missing. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text
  return `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** Pieces of at most `longest`, cut at the ends of lines where there are any. */
export function piecesOf(text: string, longest: number): readonly string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > longest) {
    const line = rest.lastIndexOf('\n', longest)
    const end = line > 0 ? line : rest.slice(0, longest).replace(/[\ud800-\udbff]$/, '').length
    pieces.push(rest.slice(0, end))
    rest = rest.slice(line > 0 ? end + 1 : end)
  }
  return [...pieces, rest].filter((piece) => piece.trim() !== '')
}
