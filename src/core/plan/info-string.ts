/** The line that opens a fence, read to the letter: `lang word (name | name=bare | name="…\"…" | name=/…\/…/)*`. */

export interface InfoAttribute {
  readonly name: string
  /** `true` for a name that stands alone. */
  readonly value: string | true
  readonly line: number
  readonly column: number
}

export interface InfoString {
  readonly language: string
  /** The word after the language; null when there is none, or an attribute stands there. */
  readonly word: string | null
  readonly wordColumn: number
  readonly attributes: readonly InfoAttribute[]
  /** What could not be read, with its place. */
  readonly faults: readonly { readonly found: string; readonly column: number }[]
}

/** Attributes whose value may be a pattern between slashes, and that may be given again; elsewhere a slash begins a path. */
export const patternNames: ReadonlySet<string> = new Set(['match', 'forbid'])

const name = /[A-Za-z][\w-]*/y
const bare = /[^\s"]+/y
const quoted = /"((?:\\.|[^"\\])*)"(?=\s|$)/y
const slashed = /\/((?:\\.|[^/\\])+)\/(?=\s|$)/y

/** `text` is what follows the fence marks; `column` is where it begins in its line, counted from 1. */
export function parseInfoString(text: string, line: number, column: number): InfoString {
  const language = /^\s*(\S*)/.exec(text)
  let at = language?.[0].length ?? 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) at = pattern.lastIndex
    return match
  }
  take(/\s*/y)
  const wordColumn = column + at
  const word = take(/[^\s="]+(?=\s|$)/y)?.[0] ?? null
  const attributes: InfoAttribute[] = []
  const faults: { found: string; column: number }[] = []
  for (take(/\s*/y); at < text.length; take(/\s*/y)) {
    const start = at
    const named = take(name)?.[0]
    const value = named === undefined ? null : takeValue(named, text, take, at)
    const separated = at >= text.length || /\s/.test(text[at] ?? '')
    if (named !== undefined && value !== null && separated)
      attributes.push({ name: named, value, line, column: column + start })
    else {
      take(/\S*/y)
      faults.push({ found: text.slice(start, at), column: column + start })
    }
  }
  return { language: language?.[1] ?? '', word, wordColumn, attributes, faults }
}

function takeValue(
  named: string,
  text: string,
  take: (pattern: RegExp) => RegExpExecArray | null,
  at: number,
): string | true | null {
  if (text[at] !== '=') return true
  take(/=/y)
  const pattern = patternNames.has(named) ? take(slashed) : null
  if (pattern) return unescapeSlashes(pattern[1] ?? '')
  const inQuotes = take(quoted)
  if (inQuotes) return (inQuotes[1] ?? '').replace(/\\(["\\])/g, '$1')
  return take(bare)?.[0] ?? null
}

/** In a pattern only the slash was escaped for us; every other backslash belongs to the pattern. */
function unescapeSlashes(text: string): string {
  return text.replaceAll('\\/', '/')
}

const comment = /^\s*(?:#|--|\/\/)\s*@([A-Za-z][\w-]*)(?:[ \t]+(.*?))?\s*$/

/**
 * `# @name value` lines at the top of a body (`-- @` and `// @` where that is the comment). They are taken out, leaving
 * empty lines, so that line numbers in an interpreter's messages stay right.
 */
export function parseBodyLines(
  body: string,
  firstLine: number,
  isKnown: (name: string) => boolean,
): { readonly body: string; readonly attributes: readonly InfoAttribute[] } {
  const lines = body.split('\n')
  const attributes: InfoAttribute[] = []
  for (const [index, text] of lines.entries()) {
    const match = comment.exec(text)
    const found = match?.[1]
    if (!match || found === undefined || !isKnown(found)) break
    attributes.push({
      name: found,
      value: valueOfLine(found, match[2]),
      line: firstLine + index,
      column: 1 + text.indexOf('@'),
    })
    lines[index] = ''
  }
  return attributes.length === 0 ? { body, attributes } : { body: lines.join('\n'), attributes }
}

function valueOfLine(found: string, text: string | undefined): string | true {
  if (text === undefined || text === '') return true
  if (!patternNames.has(found)) return text
  const pattern = /^\/(.+)\/$/.exec(text)
  return pattern ? unescapeSlashes(pattern[1] ?? '') : text
}
