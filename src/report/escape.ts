/** Text of others inside Markdown: shown as it is, never obeyed. */

/** Controls, and marks that turn the writing direction or hide: everything a reader could not see. */
const unseen =
  // oxlint-disable-next-line no-control-regex -- these are the characters to find
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/** Makes unseen characters visible as `\u001b`. Line ends and tabs become blanks unless `keepLines`. */
export function visible(text: string, keepLines = false): string {
  return text.replace(unseen, (character) => {
    if (character === '\n') return keepLines ? '\n' : ' '
    if (character === '\t') return keepLines ? '\t' : ' '
    if (character === '\r' && keepLines) return ''
    const code = character.codePointAt(0) ?? 0
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** One line of Markdown that shows exactly `text`: no markup, no HTML, no links, no table cells. */
export function md(text: string): string {
  return visible(text)
    .trim()
    .replace(/[\\`*_[\]<|&~$#]/g, '\\$&')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\bwww\./gi, (found) => `${found.slice(0, -1)}\\.`)
    .replace(/@/g, '\\@')
    .replace(/^([=:>]|[-+](?=[-+\s]|$))/, '\\$1')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
}

/** A code span that cannot be left, also inside a table. */
export function code(text: string): string {
  const shown = visible(text).replaceAll('|', '\\|')
  if (shown === '') return '(empty)'
  const fence = fenceFor(shown, 1)
  const pad = shown.startsWith('`') || shown.endsWith('`') || shown.trim() === '' ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}

/** A code block that cannot be left. */
export function block(text: string, language = 'text'): string {
  const shown = visible(text, true)
  const fence = fenceFor(shown, 3)
  return `${fence}${language}\n${shown}${shown.endsWith('\n') ? '' : '\n'}${fence}`
}

function fenceFor(text: string, least: number): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  return '`'.repeat(Math.max(least, longest + 1))
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => (cell === '' ? ' ' : cell)).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
