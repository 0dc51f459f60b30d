/** The words of an item or a heading as a reader sees them: no emphasis marks, no link targets, no HTML, one line. */
import type { Token } from 'markdown-it'
import { newParser } from './markdown.ts'
import { plainWords } from './plain-words.ts'

const parser = newParser()

/** More of one text than this is not parsed. */
const longest = 4000

/** `environment` has the link targets that the document defines. */
export function plainText(content: string, environment: Readonly<Record<string, unknown>>): string {
  if (content.length > longest) return content.slice(0, longest)
  if (!special.test(content)) return withSingleBlanks(content)
  const isPlain = environment['references'] === undefined
  return oneLine((isPlain ? plainWords(content) : null) ?? parsedWords(content, environment))
}

/** Marks, and white space other than blanks. Without any of these there is nothing to parse: the words stand there as they are read. */
const special = /[\\`*_~<[\]!&\t-\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]/

export function parsedWords(content: string, environment: Readonly<Record<string, unknown>>): string {
  const tokens: Token[] = []
  parser.inline.parse(content, parser, environment, tokens)
  const words: string[] = []
  collectWords(tokens, words)
  return words.join('')
}

/** Single blanks and no white space at the ends, which nearly every text is already. */
function oneLine(text: string): string {
  return /[^\S ]/.test(text) ? text.replace(/\s+/g, ' ').trim() : withSingleBlanks(text)
}

function withSingleBlanks(text: string): string {
  const isWide = text.startsWith(' ') || text.endsWith(' ') || text.includes('  ')
  return isWide ? text.replace(/ +/g, ' ').trim() : text
}

function collectWords(tokens: readonly Token[], words: string[]): void {
  for (const token of tokens) {
    if (token.type === 'text' || token.type === 'text_special' || token.type === 'code_inline')
      words.push(token.content)
    else if (token.type === 'softbreak' || token.type === 'hardbreak') words.push(' ')
    else if (token.type === 'image') collectWords(token.children ?? [], words)
  }
}
