/** Text for spreadsheets: what would run there as a formula is text, and stays readable. */

/** A cell that begins like a formula is run when it is opened; behind an apostrophe it is text. Numbers stay numbers. */
export function notFormula(text: string): string {
  return /^[\s\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u.test(text) && !/^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)
    ? `'${text}`
    : text
}

/** One line of a CSV file (RFC 4180), its line end included; every cell is quoted, and none is a formula. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${notFormula(cell).replaceAll('"', '""')}"`).join(',')}\r\n`
}
