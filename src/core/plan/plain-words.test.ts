import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsedWords, plainText } from './plain-text.ts'
import { plainWords } from './plain-words.ts'

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

describe('the words of a text', () => {
  test.each([
    ['Run `npm test`, then `git tag`', 'Run npm test, then git tag'],
    [
      '**Build**: see the [page](https://wiki.example/a_b) and [notes_of_1](../notes.md "Notes")',
      'Build: see the page and notes_of_1',
    ],
    ['the *new* MAX_POOL_SIZE (_optional_), 2 * 3 < 7 & more!', 'the new MAX_POOL_SIZE (optional), 2 * 3 < 7 & more!'],
    ['[ ] a box, [x] and ~ a [name]', '[ ] a box, [x] and ~ a [name]'],
    ['over\n  `two \nlines`', 'over two lines'],
  ])('%s', (text, words) => {
    expect(oneLine(plainWords(text) ?? 'left to the parser')).toBe(words)
    expect(plainText(text, {})).toBe(words)
  })

  test.each([
    'a*b*c',
    '**a *b* c**',
    '``a` b``',
    '![a](b)',
    '[a](javascript:b)',
    '<b>a</b>',
    '&amp;',
    '\\*',
    '*a',
    'ä*b*',
  ])('%s is left to the parser', (text) => expect(plainWords(text)).toBeNull())

  test('are never other than those of the parser', () => {
    const marks =
      '` `` * ** *** _ __ ~ ~~ [ ] ]( ( ) < > ! ![ & &amp; \\ " : . / - # | = [a](b) ](https://x.example/a_b) <b>'
    const words = [
      'a',
      'b1',
      'Word',
      'some words',
      'é',
      '“',
      '\u00a0',
      '😀',
      'javascript:',
      'https://x.example',
      '\ud83d',
    ]
    const pieces = [...marks.split(' '), ...words, '\n', ' ', '  ', '\t', "'"]
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((each) => each.join(''))
    let known = 0
    fc.assert(
      fc.property(text, (content) => {
        const words = plainWords(content)
        if (words === null) return
        known += 1
        expect(oneLine(words)).toBe(oneLine(parsedWords(content, {})))
      }),
      { numRuns: 20_000 },
    )
    expect(known).toBeGreaterThan(1_000)
  })

  test('are those of the parser where a document defines the targets of links', () => {
    const references = { A: { href: 'https://x.example', title: '' } }
    expect(plainText('see [a] and [b]', { references })).toBe('see a and [b]')
  })
})
