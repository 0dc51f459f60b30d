/** The statements of a PostgreSQL script, each as its words: quotes, comments and bodies hide nothing and count for nothing. */

export interface SqlStatement {
  readonly text: string
  /** Keywords and plain names in lower case, `"…"` for a quoted name, `'…'` for a text, and each other sign by itself. */
  readonly words: readonly string[]
  /** Why it cannot be told where it ends; null = it can. */
  readonly unread: string | null
}

const blank = /\s+/y
const lineComment = /--[^\n]*/y
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const number = /\d[\w.]*/y
const plainText = /'(?:[^']|'')*'/y
const escapedText = /[eE]'(?:[^'\\]|''|\\[\s\S])*'/y
const otherText = /[bBxXnN]'[^']*'|[uU]&'(?:[^']|'')*'/y
const quotedName = /(?:[uU]&)?"(?:[^"]|"")*"/y
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y

type Piece = { readonly end: number; readonly word: string | null } | { readonly unread: string; readonly end: number }

/** Never throws: what cannot be read to its end is one statement that says so. */
export function statementsOf(script: string): readonly SqlStatement[] {
  const found: SqlStatement[] = []
  let words: string[] = []
  let from = 0
  let at = 0
  let unread: string | null = null
  const close = (end: number): void => {
    const text = script.slice(from, end).trim()
    if (words.length > 0) found.push({ text, words, unread })
    words = []
    from = end + 1
  }
  while (at < script.length) {
    const piece = pieceAt(script, at)
    at = piece.end
    if ('unread' in piece) unread ??= piece.unread
    else if (piece.word === ';' && unread === null) close(at - 1)
    else if (piece.word !== null) words.push(piece.word)
    if (words.at(-1) === 'atomic' && words.at(-2) === 'begin') unread ??= 'the end of BEGIN ATOMIC is not looked for'
    if ('unread' in piece && words.length === 0) words.push('?')
  }
  close(script.length)
  return found
}

function pieceAt(script: string, at: number): Piece {
  const here = script[at] ?? ''
  const space = endOf(blank, script, at) ?? endOf(lineComment, script, at)
  if (space !== null) return { end: space, word: null }
  if (script.startsWith('/*', at)) return comment(script, at)
  const text = endOf(escapedText, script, at) ?? endOf(otherText, script, at) ?? endOf(plainText, script, at)
  if (text !== null) return { end: text, word: "'…'" }
  const name = endOf(quotedName, script, at)
  if (name !== null) return { end: name, word: '"…"' }
  if (here === "'" || here === '"') return { end: script.length, unread: `${here} is not closed` }
  if (here === '$' && endOf(dollarTag, script, at) !== null) return dollarText(script, at)
  if (here === '\\') return { end: at + 1, unread: 'a command of psql (\\) is no SQL' }
  const end = endOf(word, script, at) ?? endOf(number, script, at) ?? at + 1
  return { end, word: script.slice(at, end).toLowerCase() }
}

function endOf(pattern: RegExp, script: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(script) ? pattern.lastIndex : null
}

/** They nest in PostgreSQL. */
function comment(script: string, at: number): Piece {
  const mark = /\/\*|\*\//g
  mark.lastIndex = at
  let depth = 0
  for (let found = mark.exec(script); found; found = mark.exec(script)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return { end: mark.lastIndex, word: null }
  }
  return { end: script.length, unread: 'a comment /* is not closed' }
}

function dollarText(script: string, at: number): Piece {
  const tag = script.slice(at, endOf(dollarTag, script, at) ?? at)
  const end = script.indexOf(tag, at + tag.length)
  if (end === -1) return { end: script.length, unread: `${tag} is not closed` }
  return { end: end + tag.length, word: "'…'" }
}
