/** Results stand beside the steps of the team's own document, and go out of it again to the letter. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyMarkdown } from '../../test/support/markdown.ts'
import { testKinds } from '../core/plan/test-kinds.ts'
import { writeCopy } from './copy.ts'
import { importDocument } from './import.ts'
import { withMargin, withoutMargin, type Result } from './margin.ts'
import { readOutline } from './outline.ts'
import { documentWithResults } from './results.ts'

const closing = '<sub>the end</sub>'
const passed = (line: number): Result => ({ line, isTicked: true, html: '<sub>passed</sub>' })
const failed = (line: number): Result => ({ line, isTicked: false, html: '<sub>failed</sub>' })

const importOf = (text: string) => importDocument(new TextEncoder().encode(text), { file: 'RELEASE.md' })

/** Without the closing line, whose prints say nothing to a reader. */
function shown(text: string, results: readonly Result[]): readonly string[] {
  return withMargin(text, results, closing)
    .split(/\r\n|\n/)
    .slice(0, -2)
}

describe('the margin', () => {
  test('ticks the box and stands behind all words of the item, before what is nested in it', () => {
    expect(shown('# R\n- [ ] One\n  and more\n  - [ ] Two\n\n  Text\n', [passed(2), failed(4)])).toEqual([
      '# R',
      '- [x] One',
      '  and more',
      '  <!-- holdpoint --><br><sub>passed</sub>',
      '  - [ ] Two',
      '    <!-- holdpoint --><br><sub>failed</sub>',
      '',
      '  Text',
    ])
  })

  test('what a block is written out into is told by name behind its item, whose box stays its own', () => {
    const text = '# R\n- [ ] Deploy\n  ```yaml deploy\n  components: [api]\n  ```\n- [ ] After\n'
    const api: Result = { ...failed(4), named: '<sub>api: deployed · failed</sub>' }
    const again: Result = { ...failed(6), named: '<sub>api: serves again · failed</sub>' }
    const out = withMargin(text, [passed(2), api, passed(6), again], closing)
    expect(out.split('\n').slice(0, -2)).toEqual([
      '# R',
      '- [x] Deploy',
      '  <!-- holdpoint --><br><sub>passed</sub>',
      '  <!-- holdpoint --><br><sub>api: deployed · failed</sub>',
      '  ```yaml deploy',
      '  components: [api]',
      '  ```',
      '- [x] After',
      '  <!-- holdpoint --><br><sub>passed</sub>',
      '  <!-- holdpoint --><br><sub>api: serves again · failed</sub>',
    ])
    expect(withoutMargin(out)?.text).toBe(text)
  })

  test.for([
    ['a star', '* [ ] a\n', '* [x] a', '  '],
    ['a number', '1. [ ] a\n', '1. [x] a', '   '],
    ['ten', '10) [ ] a\n', '10) [x] a', '    '],
    ['a tab', '-\t[ ] a\n', '-\t[x] a', ' \t'],
    ['a large X', '- [X] a\n', '- [X] a', '  '],
    ['no blank in it', '- [] a\n', '- [x] a', '  '],
    ['an odd mark', '- [~] a\n', '- [x] a', '  '],
    ['a drawn box', '- ☐ a\n', '- ☑ a', '  '],
    ['no box', '- a\n', '- a', '  '],
    ['brackets elsewhere', '- see [ ] a\n', '- see [ ] a', '  '],
  ] as const)('knows the box of %s', ([, text, ticked, prefix]) => {
    expect(shown(text, [passed(1)])).toEqual([ticked, `${prefix}<!-- holdpoint --><br><sub>passed</sub>`])
  })

  test('a box that was ticked before is opened where its step did not pass', () => {
    expect(shown('- [x] a\n- ☑ b\n', [failed(1), failed(2)])).toEqual([
      '- [ ] a',
      '  <!-- holdpoint --><br><sub>failed</sub>',
      '- ☐ b',
      '  <!-- holdpoint --><br><sub>failed</sub>',
    ])
  })

  test('a heading that is a step has it too, and what is below stays a paragraph', () => {
    expect(shown('## Build\nWords\n', [passed(1)])).toEqual([
      '## Build',
      '<!-- holdpoint --><sub>passed</sub>',
      'Words',
    ])
  })

  test('in a quotation stays in it', () => {
    expect(shown('> Then:\n>\n> - [ ] One\n>   and more\n> - [ ] Two\n', [passed(3), failed(5)])).toEqual([
      '> Then:',
      '>',
      '> - [x] One',
      '>   and more',
      '>   <!-- holdpoint --><br><sub>passed</sub>',
      '> - [ ] Two',
      '>   <!-- holdpoint --><br><sub>failed</sub>',
    ])
  })

  test('line ends, a byte order mark, tables with boxes and a missing last line end stay', () => {
    const text = '\uFEFF# R\r\n\r\n* [ ] a\r\n\r\n| b | c |\r\n|---|---|\r\n| d | [ ] |'
    const done = withMargin(text, [passed(3)], closing)
    expect(done.startsWith('\uFEFF# R\r\n\r\n* [x] a\r\n  <!-- holdpoint --><br><sub>passed</sub>\r\n\r\n| b')).toBe(
      true,
    )
    expect(done).not.toMatch(/[^\r]\n/)
    expect(done.endsWith(`-->${closing}`)).toBe(true)
    expect(withoutMargin(done)).toMatchObject({ text, isChanged: false })
  })

  test('where Markdown would read the document otherwise, the result stands at the end', () => {
    const text = '- # Title\n  under\n- a\n  ---\n'
    const done = withMargin(text, [passed(1), passed(3)], closing)
    expect(readOutline(done).items.map(({ text }) => text)).toEqual(readOutline(text).items.map(({ text }) => text))
    expect(done.match(/<sub>passed<\/sub>/g)).toHaveLength(2)
    expect(withoutMargin(done)?.text).toBe(text)
  })

  test('a document that speaks of such margins keeps its own words', () => {
    const text = '- [ ] a\n\n```\n<!-- holdpoint -->\n<!-- holdpoint 1 -->\n```\n'
    const done = withMargin(text, [passed(1)], closing)
    expect(done).toContain('\n  <!-- holdpoint 2 --><br><sub>passed</sub>\n')
    expect(withoutMargin(done)?.text).toBe(text)
  })

  test('is taken out of a document that people changed since, and says that they did', () => {
    const done = withMargin('- [ ] a\n- [ ] b\n', [passed(1), failed(2)], closing)
    const bare = withoutMargin(done.replace('- [ ] b', '- [ ] b, and c'))
    expect(bare).toMatchObject({ text: '- [ ] a\n- [ ] b, and c\n', isChanged: true })
    expect([1, 2, 3, 4].map((line) => bare?.lineOf(line))).toEqual([1, null, 2, null])
  })

  test('a document without it has none', () => {
    expect(withoutMargin('- [x] a\n  <!-- holdpoint -->\n')).toBeNull()
    expect(withoutMargin('')).toBeNull()
  })
})

describe('a document with results', () => {
  const text = '# Shop\r\n\r\n* [ ] `npm test` passes\r\n* [x] Somebody looked'

  function copyOf(document: string): string {
    const source = importOf(document)
    const accepted = source.imported.items.flatMap(({ proposal }, at) =>
      proposal ? [{ at, block: proposal.block }] : [],
    )
    const copy = writeCopy(source, accepted, { file: 'C.md', shared: null, kinds: testKinds, skipped: [] })
    return copy.text ?? ''
  }
  const lineOf = (document: string, words: string): number =>
    document.split('\r\n').findIndex((line) => line.includes(words)) + 1

  test('is the one that the team wrote: what importing put into the copy is not in it', () => {
    const copy = copyOf(text)
    expect(copy).toContain('```sh check')
    const results = [passed(lineOf(copy, 'npm test` passes')), failed(lineOf(copy, 'Somebody'))]
    const done = documentWithResults(copy, results, closing)
    expect(done.split('\r\n').slice(0, 6)).toEqual([
      '# Shop',
      '',
      '* [x] `npm test` passes',
      '  <!-- holdpoint --><br><sub>passed</sub>',
      '* [ ] Somebody looked',
      '  <!-- holdpoint --><br><sub>failed</sub>',
    ])
    expect(withoutMargin(done)?.text).toBe(text)
  })

  test('imports as the document does, says so, and leads to the same copy', () => {
    const copy = copyOf(text)
    const done = documentWithResults(copy, [passed(lineOf(copy, 'npm test` passes'))], closing)
    const { imported } = importOf(done)
    expect(imported.items).toEqual(importOf(text).imported.items)
    expect(imported.problems[0]).toMatchObject({ code: 'import-results', severity: 'warning' })
    expect(copyOf(done)).toBe(copy)
  })

  test('of the next release replaces the results of the one before', () => {
    const first = withMargin('- [ ] a\n- [ ] b\n', [passed(1), passed(2)], closing)
    const second = documentWithResults(first, [failed(1), passed(3)], '<sub>second</sub>')
    expect(second).toBe(withMargin('- [ ] a\n- [ ] b\n', [failed(1), passed(2)], '<sub>second</sub>'))
  })
})

const someResults = fc.array(fc.record({ isTicked: fc.boolean(), html: fc.constantFrom('', '<sub>r</sub>') }), {
  minLength: 1,
  maxLength: 6,
})

test('of any Markdown: importing what was exported gives the same items, and without the margin it is the document', () => {
  fc.assert(
    fc.property(anyMarkdown, someResults, (text, picked) => {
      const { items } = readOutline(text)
      const results = items.map(({ line }, at): Result => ({ line, ...picked[at % picked.length]! }))
      const done = withMargin(text, results, closing)
      expect(withoutMargin(done)).toMatchObject({ text, isChanged: false })
      expect(importOf(done).imported.items).toEqual(importOf(text).imported.items)
      // A reader of Markdown sees each item as before, with its results.
      const told = (outline: typeof items) =>
        outline.map(({ text, depth, level, info }) => ({ text, depth, level, info }))
      const seen = told(readOutline(done).items)
      const isOpen = items.some(({ form }) => form === 'fence')
      if (!isOpen) expect(seen).toEqual(told(items))
      const lost = results.filter(({ html }) => html !== '').length - (done.match(/<sub>r<\/sub>/g)?.length ?? 0)
      expect(lost).toBe(0)
      expect(documentWithResults(done, [], closing)).toBe(documentWithResults(text, [], closing))
    }),
    { numRuns: 500 },
  )
})
