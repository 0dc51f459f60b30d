import * as fc from 'fast-check'
import MarkdownIt, { type Token } from 'markdown-it'
import { expect, test } from 'vitest'
import { newParser } from './markdown.ts'

const pieces = '# - * 1. > ``` ~~~ === --- | [a]: x <p> <!-- a word **b** _c_ `d` [e](f) ![g](h) &amp; \\'.split(' ')
const text = fc
  .array(fc.constantFrom(...pieces, '\n', '\n', '\n\n', '\r\n', '\r', ' ', '    ', '\t', '\0', 'é', '[ ]'), {
    maxLength: 40,
  })
  .map((each) => each.join(''))

test('reads blocks and words as the library does, of which it replaces states and tokens', () => {
  const ours = newParser()
  const library = new MarkdownIt({ html: true })
  library.core.ruler.disable(['inline', 'text_join'])
  const words = (parser: typeof library, content: string): readonly Token[] => {
    const tokens: Token[] = []
    parser.inline.parse(content, parser, {}, tokens)
    return tokens
  }
  fc.assert(
    fc.property(text, (content) => {
      expect(fieldsOf(ours.parse(content, {}))).toEqual(fieldsOf(library.parse(content, {})))
      expect(fieldsOf(words(ours, content))).toEqual(fieldsOf(words(library, content)))
    }),
    { numRuns: 5_000 },
  )
})

function fieldsOf(tokens: readonly Token[]): unknown {
  return JSON.parse(JSON.stringify(tokens))
}
