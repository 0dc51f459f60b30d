/** Importing loses nothing and invents nothing: another reader of Markdown finds the same items on the same lines. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readOutline } from '../../src/import/outline.ts'
import { independentOutline, isComparable, ourOutline } from '../support/independent-outline.ts'
import { seeded } from '../support/fuzz-seed.ts'
import { anyMarkdown } from '../support/markdown.ts'

test('of any Markdown without tables, every list item, heading and block of code is there once, on its line', () => {
  fc.assert(
    fc.property(anyMarkdown, (text) => {
      fc.pre(isComparable(text))
      expect(ourOutline(readOutline(text).items)).toEqual(independentOutline(text))
    }),
    { numRuns: 3000, ...seeded },
  )
})

test('of any marks at all, in any order', () => {
  const marks = [
    '-',
    '*',
    '1.',
    '>',
    '#',
    '`',
    '~',
    '[',
    ']',
    'x',
    ' ',
    '\t',
    'a',
    '<!--',
    '-->',
    '=',
    '\r',
    '<b>',
    '&',
    '\\',
  ]
  const pieces = fc.constantFrom(...marks, '\n', '\n', '\n- ', '\n  - [ ] ', '\n\n', '\n```', '\n# ')
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const text = parts.join('')
      fc.pre(isComparable(text))
      expect(ourOutline(readOutline(text).items)).toEqual(independentOutline(text))
    }),
    { numRuns: 3000, ...seeded },
  )
})
