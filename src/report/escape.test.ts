/** Words of others are shown by a Markdown reader as they are, and nothing in them comes alive. */
import * as fc from 'fast-check'
import MarkdownIt from 'markdown-it'
import { describe, expect, test } from 'vitest'
import { block, code, md, table, visible } from './escape.ts'
import { hostile } from './test-support/told-release.ts'

const reader = new MarkdownIt({ html: true, linkify: true })
const nasty = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom(
      '`',
      '*',
      '_',
      '[',
      ']',
      '(',
      ')',
      '<',
      '>',
      '!',
      '|',
      '\\',
      '&',
      '~',
      '#',
      '-',
      '+',
      '=',
      '1',
      '.',
      ':',
      '/',
      'h',
      't',
      'p',
      'w',
      '@',
      ' ',
      '\n',
      '\t',
      '\u0007',
      '\u202e',
      '&amp;',
      'http://',
      'javascript:',
      '<b>',
      '-->',
    ),
  }),
)

function tagsOf(html: string): string[] {
  return [...html.matchAll(/<\/?([a-z0-9]+)/gi)]
    .map(([, tag]) => tag!.toLowerCase())
    .filter((tag) => !['p', 'ul', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'code', 'pre'].includes(tag))
}

function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

describe('hostile words', () => {
  test('in a list item they are text and only text', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const html = reader.render(`- x ${md(text)}`)
        expect(tagsOf(html)).toEqual([])
        expect(textOf(html).trim().replace(/\s+/g, ' ')).toBe(`x ${visible(text)}`.trim().replace(/\s+/g, ' '))
      }),
      { numRuns: 2000 },
    )
  })

  test('at the start of an item they open neither list, heading nor rule', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const html = reader.render(`- ${md(text)}\n\nend`)
        expect(tagsOf(html)).toEqual([])
        expect(html.match(/<li>/g)?.length ?? 0).toBeLessThanOrEqual(1)
      }),
      { numRuns: 1000 },
    )
  })

  test('in a table they stay in their cell', () => {
    fc.assert(
      fc.property(nasty, nasty, (text, span) => {
        const html = reader.render(table(['a', 'b', 'c'], [['1', md(text), code(span)]]))
        expect(tagsOf(html)).toEqual([])
        expect(html.match(/<td>/g)).toHaveLength(3)
        expect(html.match(/<tr>/g)).toHaveLength(2)
      }),
      { numRuns: 2000 },
    )
  })

  test('in a code block they cannot get out', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const tokens = reader.parse(`${block(`${text}\n\`\`\`\n`)}\n\nend`, {})
        expect(tokens.map(({ type }) => type)).toEqual(['fence', 'paragraph_open', 'inline', 'paragraph_close'])
      }),
    )
  })

  test('what cannot be seen is made visible', () => {
    expect(visible('a\u001b[31m\u0000\u202eb\u{e0041}\ud800')).toBe('a\\u001b[31m\\u0000\\u202eb\\u{e0041}\\ud800')
    expect(visible('a\nb\tc')).toBe('a b c')
    // oxlint-disable-next-line no-control-regex -- these are the characters that must not be there
    expect(md(hostile)).not.toMatch(/[\u001b\u202e]/)
  })
})
