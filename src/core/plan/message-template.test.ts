import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fillMessage, type FilledText } from '../release/message-text.ts'
import type { MessageValue } from './message-filters.ts'
import { readMessageTemplate } from './message-template.ts'

const at = Date.UTC(2026, 2, 29, 0, 30)
const values: Readonly<Record<string, MessageValue>> = {
  version: { kind: 'text', text: 'v1.2.3-RC.1' },
  empty: { kind: 'text', text: '' },
  started_at: { kind: 'time', at },
  left: { kind: 'duration', ms: 5_400_000 },
  share: { kind: 'number', value: 0.0042, unit: 'ratio' },
  slow: { kind: 'number', value: 0.25, unit: 'seconds' },
  requests: { kind: 'number', value: 12_345, unit: 'plain' },
  issues: { kind: 'list', items: [{ text: 'slow', columns: { owner: 'bo' } }, { text: 'odd' }] },
  none: { kind: 'list', items: [] },
}

const fill = (text: string, escape: 'none' | 'markdown' = 'none'): FilledText =>
  fillMessage(text, { value: (name) => values[name], bindings: { share: 0.0042 } }, escape)

describe('a message', () => {
  test.each([
    ['{{ share }} {{ slow }} {{ requests }}', '0.42% 250ms 12345'],
    ['{{ share | fixed 1 }} {{ slow | fixed 2 }}', '0.4% 0.25s'],
    ['{{ started_at }}', '2026-03-29 00:30 UTC'],
    ['{{ started_at | time "dddd D MMMM YYYY, HH:mm Z" }}', 'Sunday 29 March 2026, 00:30 UTC'],
    ['{{ left }} or {{ left | words }}', '1h30m or 1 hour 30 minutes'],
    ['#deploy-{{ version | slug }}', '#deploy-v1-2-3-rc-1'],
    [
      '{{ issues }}; {{ issues | join " and " }}; {{ none }}; {{ none | or "None" }}',
      'slow, odd; slow and odd; none; None',
    ],
    ['{{ empty | or "nothing" }}|{{ absent | or "nothing" }}', 'nothing|nothing'],
    ['{{#each issues}}{{ item }} ({{ item.owner }})\n{{/each}}', 'slow (bo)\nodd ()'],
    ['{{#if empty}}yes{{else}}no{{/if}} {{#if share > 0.004}}high{{/if}}', 'no high'],
  ])('says %s as %s', (text, said) => expect(fill(text)).toEqual({ text: said, missing: [] }))

  test('tells times where its readers are, on both sides of a changed clock', () => {
    const zoned = fill('{{ started_at | in "Europe/Berlin" | time "HH:mm" }}').text
    expect(zoned).toBe('01:30')
    const later = fillMessage(
      '{{ later | in "Europe/Berlin" }}',
      { value: () => ({ kind: 'time', at: at + 3_600_000 }), bindings: {} },
      'none',
    )
    expect(later.text).toBe('2026-03-29 03:30 Europe/Berlin')
  })

  test('leaves no line where a tag of a block stood alone', () => {
    expect(fill('one\n{{#if version}}\ntwo\n{{else}}\nthree\n{{/if}}\nfour').text).toBe('one\ntwo\nfour')
    expect(fill('one\n{{#if empty}}\ntwo\n{{/if}}').text).toBe('one')
  })

  test('says what nobody knows, and names it', () => {
    expect(fill('{{ absent }} and {{#each gone}}x{{/each}}{{#if other > 1}}y{{/if}}')).toEqual({
      text: 'not known and ',
      missing: ['absent', 'gone', 'other > 1'],
    })
  })

  test('does not take what a value brings along for its own markup or for more names', () => {
    const scope = { value: (): MessageValue => ({ kind: 'text', text: '*x* {{ version }}\n# y' }), bindings: {} }
    expect(fillMessage('{{ any }}', scope, 'markdown').text).toBe('\\*x\\* {{ version }} # y')
    expect(fillMessage('{{ any }}', scope, 'none').text).toBe('*x* {{ version }}\n# y')
  })

  test.each([
    ['{{ version | shout }}', 'the unknown filter "shout"'],
    ['{{ started_at | in "Mars/Base" }}', '"Mars/Base" for "in"'],
    ['{{#if version}}', '{{#if version}} without its end'],
    ['{{/each}}', '{{/each}}, which ends nothing'],
    ['{{#unless x}}{{ version }}{{/unless}}', 'the unknown block "#unless"'],
    ['{{ two words }}', '"two words" between braces'],
  ])('keeps %s as it stands and says what is wrong', (text, found) => {
    expect(readMessageTemplate(text).faults.map((fault) => fault.found)).toContain(found)
    expect(() => fill(text)).not.toThrow()
  })

  test('without tags stays as it is, byte for byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('{{'))
        expect(fill(text).text).toBe(text)
      }),
      { numRuns: 200, seed: 7 },
    )
  })

  test('of any tags at all neither throws nor hangs', () => {
    const piece = fc.constantFrom(
      '{{#if version}}',
      '{{else}}',
      '{{/if}}',
      '{{#each issues}}',
      '{{/each}}',
      '{{ item }}',
      '{{ version | or "x" }}',
      '\n',
      ' ',
      'a',
      '{{',
      '}}',
      '|',
      '"',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(typeof fill(pieces.join('')).text).toBe('string')
      }),
      { numRuns: 300, seed: 7 },
    )
  })
})
