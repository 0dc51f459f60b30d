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
  if (!marks.test(content)) return oneLine(content)
  const isPlain = environment['references'] === undefined
  return oneLine((isPlain ? plainWords(content) : null) ?? parsedWords(content, environment))
}

/** Without any of these there is nothing to parse: the words stand there as they are read. */
const marks = /[\\`*_~<[\]!&]/

export function parsedWords(content: string, environment: Readonly<Record<string, unknown>>): string {
  const tokens: Token[] = []
  parser.inline.parse(content, parser, environment, tokens)
  const words: string[] = []
  collectWords(tokens, words)
  return words.join('')
}

/** Single blanks and no white space at the ends, which nearly every text is already. */
function oneLine(text: string): string {
  const isSpaced = text.startsWith(' ') || text.endsWith(' ') || otherSpace.test(text)
  return isSpaced ? text.replace(/\s+/g, ' ').trim() : text
}

const otherSpace = /[^\S ]| {2}/

function collectWords(tokens: readonly Token[], words: string[]): void {
  for (const token of tokens) {
    if (token.type === 'text' || token.type === 'text_special' || token.type === 'code_inline')
      words.push(token.content)
    else if (token.type === 'softbreak' || token.type === 'hardbreak') words.push(' ')
    else if (token.type === 'image') collectWords(token.children ?? [], words)
  }
}
