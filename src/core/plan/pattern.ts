/** Regular expressions that run in linear time, whatever the pattern and the text. */
import { RE2JS } from 're2js'
import { parsed, unparsed, type Parsed } from './parsed.ts'

export interface Pattern {
  readonly source: string
  /** Is there a match anywhere in the text? */
  find(text: string): boolean
  /** The first match with its groups; null = none. */
  match(text: string): readonly (string | null)[] | null
}

const longest = 2000
const kept = new Map<string, Parsed<Pattern>>()

/** RE2 syntax: no back-references and no look-around. */
export function parsePattern(source: string): Parsed<Pattern> {
  const known = kept.get(source)
  if (known) return known
  const made = compilePattern(source)
  // A bounded memory: patterns come from documents, and a server reads many.
  if (kept.size >= 500) kept.clear()
  kept.set(source, made)
  return made
}

function compilePattern(source: string): Parsed<Pattern> {
  const wrong = unparsed('a regular expression in RE2 syntax (no look-around, no back-references)', '/error|panic/')
  if (source.length > longest) return wrong
  try {
    const compiled = RE2JS.compile(source)
    return parsed({
      source,
      find: (text) => compiled.matcher(text).find(),
      match: (text) => {
        const matcher = compiled.matcher(text)
        if (!matcher.find()) return null
        return Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? null)
      },
    })
  } catch (error) {
    return { ...wrong, expected: `${wrong.expected}: ${error instanceof Error ? error.message : 'not accepted'}` }
  }
}

/** Escapes text so that, as a pattern, it matches only itself. */
export function quotePattern(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}-]/g, '\\$&')
}
