/** One read-only SQL statement: `{{ name }}` becomes a bind parameter, never text; a second statement or a writing word is refused. */

export interface Statement {
  readonly text: string
  /** Names of the parameters in order of first use: `$1` is the first, `?1` of SQLite, `{{1}}` where values are filled in later. */
  readonly names: readonly string[]
}

export type Dialect = 'postgres' | 'sqlite' | 'clickhouse' | 'mysql'
export const dialects: readonly Dialect[] = ['postgres', 'sqlite', 'clickhouse', 'mysql']

const reading = new Set(['select', 'with', 'values', 'table', 'show', 'explain'])
const slot = /\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}/y

/** The statement, or a sentence that says what is wrong with it. */
export function parseStatement(sql: string, dialect: Dialect): Statement | { readonly problem: string } {
  const names: string[] = []
  let text = ''
  let at = 0
  let ended = false
  while (at < sql.length) {
    const piece = nextPiece(sql, at, dialect)
    if ('problem' in piece) return piece
    at = piece.end
    if (piece.kind === 'end') {
      ended = true
      continue
    }
    if (ended && piece.kind !== 'blank') return { problem: 'expected one statement, found text behind the ";"' }
    text += piece.kind === 'slot' ? parameter(piece.name, names, dialect) : piece.text
  }
  if (dialect === 'mysql' && /\binto\s+(outfile|dumpfile|@)/i.test(text))
    return { problem: 'expected a query that only reads, found "into" a file or variable' }
  return checkWord({ text: text.trim(), names })
}

function checkWord(statement: Statement): Statement | { readonly problem: string } {
  const word = /^[\s(]*([A-Za-z]+)/.exec(statement.text)?.[1]?.toLowerCase()
  if (word === undefined) return { problem: 'expected a query, such as select count(*) from orders' }
  if (!reading.has(word))
    return { problem: `expected a query that only reads (select, with, values, table, show, explain), found "${word}"` }
  return statement
}

function parameter(name: string, names: string[], dialect: Dialect): string {
  if (!names.includes(name)) names.push(name)
  const number = names.indexOf(name) + 1
  return { postgres: `$${number}`, sqlite: `?${number}`, clickhouse: `{{${number}}}`, mysql: `{{${number}}}` }[dialect]
}

type Piece =
  | { readonly kind: 'text' | 'blank'; readonly text: string; readonly end: number }
  | { readonly kind: 'slot'; readonly name: string; readonly end: number }
  | { readonly kind: 'end'; readonly end: number }
  | { readonly problem: string }

function nextPiece(sql: string, at: number, dialect: Dialect): Piece {
  const here = sql[at] ?? ''
  if (startsComment(sql, at, dialect)) return comment(sql, at, /\n|$/g)
  if (sql.startsWith('/*', at)) return blockComment(sql, at)
  if (here === "'") return quoted(sql, at, escapesIn(sql, at, dialect))
  if (here === '"' || (here === '`' && dialect !== 'postgres')) return identifier(sql, at, here, dialect)
  if (here === '$' && (dialect === 'postgres' || dialect === 'clickhouse')) return dollarQuoted(sql, at)
  if (sql.startsWith('{{', at)) return slotAt(sql, at)
  if (here === ';') return { kind: 'end', end: at + 1 }
  return { kind: /\s/.test(here) ? 'blank' : 'text', text: here, end: at + 1 }
}

/** In MySQL a blank follows `--`, and `#` begins one as well. */
function startsComment(sql: string, at: number, dialect: Dialect): boolean {
  if (dialect === 'mysql') return sql[at] === '#' || (sql.startsWith('--', at) && /^\s?$/.test(sql[at + 2] ?? ''))
  return sql.startsWith('--', at)
}

function escapesIn(sql: string, at: number, dialect: Dialect): boolean {
  return dialect === 'clickhouse' || (dialect === 'postgres' && /[eE]$/.test(sql.slice(Math.max(0, at - 1), at)))
}

/** Comments are left out: nothing in them may reach the server as anything else. */
function comment(sql: string, at: number, end: RegExp): Piece {
  end.lastIndex = at
  return { kind: 'blank', text: ' ', end: end.exec(sql)?.index ?? sql.length }
}

function blockComment(sql: string, at: number): Piece {
  let depth = 0
  const mark = /\/\*|\*\//g
  mark.lastIndex = at
  for (let found = mark.exec(sql); found; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return { kind: 'blank', text: ' ', end: mark.lastIndex }
  }
  return { problem: 'a comment "/*" is not closed' }
}

/** `'{{ name }}'` alone is the parameter itself; a name inside a longer text would be pasted, so it is refused. */
function quoted(sql: string, at: number, escapes: boolean): Piece {
  const whole = escapes ? /'(?:[^'\\]|''|\\[\s\S])*'/y : /'(?:[^']|'')*'/y
  whole.lastIndex = at
  const text = whole.exec(sql)?.[0]
  if (text === undefined) return { problem: "a text in '...' is not closed" }
  const name = /^'\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}'$/.exec(text)?.[1]
  if (name !== undefined) return { kind: 'slot', name, end: whole.lastIndex }
  if (text.includes('{{'))
    return {
      problem: `a name inside ${text.slice(0, 60)} would be pasted into the text; expected {{ name }} outside of quotes, joined with ||`,
    }
  return { kind: 'text', text, end: whole.lastIndex }
}

function identifier(sql: string, at: number, quote: string, dialect: Dialect): Piece {
  const end = sql.indexOf(quote, at + 1)
  if (end === -1) return { problem: `a name in ${quote}...${quote} is not closed` }
  const text = sql.slice(at, end + 1)
  if (dialect === 'clickhouse' && text.includes('\\'))
    return { problem: `a name in ${quote}...${quote} has a backslash; expected one without` }
  if (text.includes('{{')) return { problem: 'a table or column cannot be a {{ name }}: only values can' }
  return { kind: 'text', text, end: end + 1 }
}

function dollarQuoted(sql: string, at: number): Piece {
  const tag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y
  tag.lastIndex = at
  const found = /[A-Za-z0-9_$\u0080-\uffff]/.test(sql[at - 1] ?? ' ') ? undefined : tag.exec(sql)?.[0]
  if (found === undefined) {
    return /\d/.test(sql[at + 1] ?? '')
      ? { problem: 'parameters are written {{ name }}, not $1' }
      : { kind: 'text', text: '$', end: at + 1 }
  }
  const end = sql.indexOf(found, at + found.length)
  if (end === -1) return { problem: `a text in ${found} is not closed` }
  const text = sql.slice(at, end + found.length)
  if (text.includes('{{'))
    return { problem: `a name inside ${found} would be pasted into the text; expected {{ name }} outside of quotes` }
  return { kind: 'text', text, end: end + found.length }
}

function slotAt(sql: string, at: number): Piece {
  slot.lastIndex = at
  const found = slot.exec(sql)
  if (!found) return { problem: `expected {{ name }}, found ${sql.slice(at, at + 30)}` }
  return { kind: 'slot', name: found[1] ?? '', end: slot.lastIndex }
}
