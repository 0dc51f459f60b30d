/**
 * The words of the Markdown that most texts are made of: code, links with a usual address, emphasis around whole words.
 * Whatever could be read in another way is left to the parser, so that both always say the same.
 */

/** null = the parser has to say. `text` has no link targets that are defined elsewhere. */
export function plainWords(text: string): string | null {
  let words = ''
  let from = 0
  let emphasis = ''
  const mark = /[\\`*_~<[!&]/g
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    const read = readMark(text, found.index, emphasis)
    if (read === null) return null
    words += text.slice(from, found.index) + read.words
    emphasis = read.emphasis ?? emphasis
    from = read.to
    mark.lastIndex = from
  }
  return emphasis === '' ? words + text.slice(from) : null
}

function readMark(text: string, at: number, emphasis: string): Read | null {
  const sign = text[at] ?? ''
  if (sign === '*' || sign === '_') return readEmphasis(text, at, emphasis)
  if (sign === '`') return readCode(text, at)
  if (sign === '[') return readBracket(text, at)
  return isLetter(sign, text[at + 1] ?? ' ') ? asItIs(text, at, at + 1) : null
}

interface Read {
  readonly words: string
  /** Where it ends. */
  readonly to: number
  /** The marks that are open behind it, when it has changed them. */
  readonly emphasis?: string
}

function asItIs(text: string, at: number, to: number): Read {
  return { words: text.slice(at, to), to }
}

/** A sign that cannot begin anything before what follows it. */
function isLetter(sign: string, next: string): boolean {
  if (sign === '<') return !/[A-Za-z/!?]/.test(next)
  if (sign === '&') return !/[A-Za-z#]/.test(next)
  if (sign === '~') return next !== '~'
  return sign === '!' && next !== '['
}

function readCode(text: string, at: number): Read | null {
  const to = text.indexOf('`', at + 1)
  // Runs of several are matched by their length.
  if (to <= at + 1 || text[to + 1] === '`') return null
  const code = text.slice(at + 1, to).replaceAll('\n', ' ')
  const isPadded = code.startsWith(' ') && code.endsWith(' ') && /[^ ]/.test(code)
  return { words: isPadded ? code.slice(1, -1) : code, to: to + 1 }
}

/** A label of plain words, and an address that needs no second look. */
const link =
  /\[((?:[^[\]`\\<&!*_~]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))*)\]\((?:https?:\/\/|(?![\w+.-]*:))[\w:/.?=#%~+@,;-]*(?: "[^"\\&]*")?\)/y
const bracket = /\[[^[\]`\\<&!]*\](?!\()/y

/** A link, or brackets that are only brackets, as there are no targets defined elsewhere. */
function readBracket(text: string, at: number): Read | null {
  link.lastIndex = at
  const found = link.exec(text)
  if (found) return { words: found[1] ?? '', to: link.lastIndex }
  bracket.lastIndex = at
  return bracket.test(text) ? asItIs(text, at, at + 1) : null
}

/** Marks that stand at the edges of words, one pair in another's place. Those inside of words are words. */
function readEmphasis(text: string, at: number, open: string): Read | null {
  const sign = text[at] ?? ''
  const marks = text[at + 1] === sign ? sign + sign : sign
  const to = at + marks.length
  const [before, after] = [text[at - 1] ?? ' ', text[to] ?? ' ']
  if (after === sign) return null
  if (isBlank(before) && isBlank(after)) return asItIs(text, at, to)
  if (sign === '_' && alphanumeric.test(before) && alphanumeric.test(after)) return asItIs(text, at, to)
  if (open === '') return opens(before, after) ? { words: '', to, emphasis: marks } : null
  return open === marks && closes(before, after) ? { words: '', to, emphasis: '' } : null
}

const alphanumeric = /[A-Za-z0-9]/
const visible = /[!-~]/
const punctuation = /[!-/:-@[-`{-~]/

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n'
}

function opens(before: string, after: string): boolean {
  return isBlank(before) ? visible.test(after) : before === '(' && alphanumeric.test(after)
}

function closes(before: string, after: string): boolean {
  return isBlank(after) ? visible.test(before) : punctuation.test(after) && alphanumeric.test(before)
}
