/** The lines of Python functions at the left edge, each as its words: what spans several lines is one, comments are none. */

export interface PythonWord {
  readonly kind: 'name' | 'text' | 'sign'
  /** Of a text what it holds; null = it is put together when it runs. */
  readonly value: string | null
}

export type PythonLine = readonly PythonWord[]

const name = /[A-Za-z_]\w*/y
const number = /\d[\w.]*/y
const space = /[ \t\f]+|\\\r?\n/y
const opening = /([A-Za-z]{0,2})('''|"""|'|")/y

/** The body of `def NAME(…):`; null = there is none. */
export function bodyOf(source: string, wanted: string): string | null {
  const head = new Map([
    ['upgrade', /^def[ \t]+upgrade[ \t]*\([^)]*\)[^:\n]*:/m],
    ['downgrade', /^def[ \t]+downgrade[ \t]*\([^)]*\)[^:\n]*:/m],
  ]).get(wanted)
  const found = head?.exec(source)
  if (!found) return null
  const from = found.index + found[0].length
  return source.slice(from, endOfBody(source, from))
}

/** Where the next line at the left edge begins, which texts of several lines are not. */
function endOfBody(source: string, from: number): number {
  let at = from
  while (at < source.length) {
    const isEdge = at > from && source[at - 1] === '\n' && /[^\s#)\]}]/.test(source[at] ?? '')
    if (isEdge) return at
    at = pieceAt(source, at).end
  }
  return source.length
}

/** Null = it cannot be read to its end. */
export function linesOf(body: string): readonly PythonLine[] | null {
  const lines: PythonWord[][] = [[]]
  let depth = 0
  let at = 0
  while (at < body.length) {
    const { end, word, isOpen } = pieceAt(body, at)
    if (isOpen === true) return null
    const here = body[at] ?? ''
    if (word?.kind === 'sign' && '([{'.includes(here)) depth += 1
    if (word?.kind === 'sign' && ')]}'.includes(here)) depth -= 1
    if ((here === '\n' || here === ';') && depth <= 0) lines.push([])
    else if (word) lines.at(-1)?.push(word)
    at = end
  }
  return depth === 0 ? lines.filter((line) => line.length > 0) : null
}

interface Piece {
  readonly end: number
  readonly word?: PythonWord
  /** A text without its end. */
  readonly isOpen?: true
}

function pieceAt(source: string, at: number): Piece {
  const here = source[at] ?? ''
  if (here === '\n' || here === '\r') return { end: at + 1 }
  const blank = match(space, source, at)
  if (blank) return { end: at + blank[0].length }
  if (here === '#') return { end: endOfLine(source, at) }
  const text = match(opening, source, at)
  if (text) return textAt(source, at, text[1] ?? '', text[2] ?? '')
  const named = match(name, source, at) ?? match(number, source, at)
  if (named) return { end: at + named[0].length, word: { kind: 'name', value: named[0] } }
  return { end: at + 1, word: { kind: 'sign', value: here } }
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(source)
}

function endOfLine(source: string, at: number): number {
  const end = source.indexOf('\n', at)
  return end === -1 ? source.length : end
}

function textAt(source: string, at: number, prefix: string, quote: string): Piece {
  const from = at + prefix.length + quote.length
  let end = from
  while (end < source.length && !source.startsWith(quote, end)) {
    if (quote.length === 1 && source[end] === '\n') return { end, isOpen: true }
    end += source[end] === '\\' ? 2 : 1
  }
  if (end >= source.length) return { end: source.length, isOpen: true }
  const inside = source.slice(from, end)
  return { end: end + quote.length, word: { kind: 'text', value: valueOf(prefix.toLowerCase(), inside) } }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

/** Texts with values put in, bytes, and escapes that nobody writes into SQL are not read. */
function valueOf(prefix: string, inside: string): string | null {
  if (prefix === 'r') return inside
  if (prefix !== '' && prefix !== 'u') return null
  const strange = inside.replaceAll(/\\[\s\S]/g, (escape) => (Object.hasOwn(escapes, escape[1] ?? '') ? '' : escape))
  if (strange.includes('\\')) return null
  return inside.replaceAll(/\\([\s\S])/g, (_, sign: string) => escapes[sign] ?? '')
}
