/** Every dialect in which people write checklists is read, and each thing in it exactly once. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ImportItem } from './item.ts'
import { readOutline } from './outline.ts'

const brief = ({ line, form, text, checked, dialect }: ImportItem): string =>
  `${line} ${form}${checked === null ? '' : checked ? ' [x]' : ' [ ]'}${dialect ? ` ${dialect}` : ''}: ${text}`

const read = (text: string): readonly string[] => readOutline(text).items.map(brief)

describe('an outline', () => {
  test('holds headings, tasks, bullets, numbers and blocks in the order of the document', () => {
    const items = readOutline(
      '# T\n## A\n- [ ] One `npm test` **now**\n  1. first\n     ```sh\n     ls\n     ```\n- two\n',
    ).items
    expect(items.map(brief)).toEqual([
      '1 heading: T',
      '2 heading: A',
      '3 task [ ]: One npm test now',
      '4 ordered: first',
      '5 fence: ls',
      '8 bullet: two',
    ])
    expect(items[2]).toMatchObject({ section: ['T', 'A'], endLine: 7, code: ['npm test'], children: [4], depth: 0 })
    expect(items[3]).toMatchObject({ parent: 3, isNumbered: true, depth: 1, fences: [{ info: 'sh', body: 'ls\n' }] })
    expect(items[4]).toMatchObject({ parent: 4, info: 'sh', insert: { afterLine: 7, prefix: '     ' } })
  })

  test.for([
    [
      'stars, numbers and plus signs',
      '* [ ] a\n\n1. [x] b\n\n+ [X] c',
      ['1 task [ ]: a', '3 task [x]: b', '5 task [x]: c'],
    ],
    ['a box without a blank', '- [] a', ['1 bullet [ ] empty-box: a']],
    ['a box without a bullet', '[ ] a\n[x] b', ['1 prose [ ] loose-box: a', '2 prose [x] loose-box: b']],
    ['a drawn box', '- ☐ a\n- ☑ b', ['1 bullet [ ] unicode-box: a', '2 bullet [x] unicode-box: b']],
    ['an odd mark', '- [~] a\n- [✓] b', ['1 bullet [ ] odd-box: a', '2 bullet [x] odd-box: b']],
    ['a box in a table', '| a | b |\n|---|---|\n| x | [x] |', ['3 table-row [x] cell-box: x | [x]']],
    ['a link in brackets is no box', '- [x](y) a', ['1 bullet: x a']],
    ['a tick that decorates is no box', '- ✅ go', ['1 bullet: ✅ go']],
    ['headings that are underlined', 'A\n===\nB\n---\n', ['1 heading: A', '3 heading: B']],
    ['tildes as marks', '~~~sh\n- [ ] no\n~~~', ['1 fence: - [ ] no']],
    ['indented code', 'a\n\n    ls -l', ['1 prose: a', '3 fence: ls -l']],
    ['comments hold nothing', '<!--\n- [ ] no\n-->\n- [ ] yes', ['4 task [ ]: yes']],
    ['what can be unfolded', '<details>\n<summary>s</summary>\n\n- [ ] a\n\n</details>', ['4 task [ ]: a']],
    ['quotations', '> - [ ] a', ['1 task [ ]: a']],
    ['Windows line ends', '- [ ] a\r\n  b\r\n- [ ] c', ['1 task [ ]: a b', '3 task [ ]: c']],
    ['tabs', '-\t[ ] a\n\t- [ ] b', ['1 task [ ]: a', '2 task [ ]: b']],
    ['a byte order mark and front matter', '\uFEFF---\na: 1\n---\n- [ ] a', ['4 task [ ]: a']],
    ['fields', 'Name: ____\nReady: Yes / No', ['1 field: Name: ____', '2 field: Ready: Yes / No']],
    ['labels on lines of their own', '**Version:** 1\n**Owner:** us', ['1 prose: Version: 1', '2 prose: Owner: us']],
    ['a sentence over two lines', 'Do this\nand that.', ['1 prose: Do this and that.']],
    ['an empty item', '- \n- [ ]', ['1 bullet: ', '2 bullet [ ] odd-box: ']],
  ] as const)('reads %s', ([, text, wanted]) => {
    expect(read(text)).toEqual(wanted)
  })

  test('tells of a table its header, and of a row its cells', () => {
    const [row] = readOutline('- x\n\n  | **Role** | Name |\n  |---|---|\n  | QA \\| Ops | |\n').items.slice(1)
    expect(row).toMatchObject({
      line: 5,
      parent: 1,
      table: { line: 3, header: ['Role', 'Name'], cells: ['QA | Ops', ''] },
    })
  })

  test('keeps links with their words, and addresses without', () => {
    const [item] = readOutline('- [ ] see [the page](https://a.example/x) and https://b.example/y).\n').items
    expect(item?.links).toEqual([
      { url: 'https://a.example/x', text: 'the page' },
      { url: 'https://b.example/y', text: 'https://b.example/y' },
    ])
  })

  test('says when there was more than is read', () => {
    expect(readOutline('- a\n'.repeat(20_001)).isCut).toBe(true)
    expect(readOutline(`${'> '.repeat(300)}a`).isCut).toBe(true)
    expect(readOutline(`${'- '.repeat(40)}a`).isCut).toBe(false)
    expect(readOutline(`${'- '.repeat(80)}a`).isCut).toBe(true)
  })

  test('of any text: lines lie inside the document, parents before their children, none is lost', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'-*+1.>#`~|[]x \t\nab'.split('')) }), (text) => {
        const { items, lines } = readOutline(text)
        for (const [at, { line, endLine, parent }] of items.entries()) {
          expect(line).toBeGreaterThanOrEqual(1)
          expect(endLine).toBeGreaterThanOrEqual(line)
          expect(endLine).toBeLessThanOrEqual(lines.length)
          if (parent !== null) expect(items.slice(0, at).some((each) => each.line === parent)).toBe(true)
        }
      }),
    )
  })
})
