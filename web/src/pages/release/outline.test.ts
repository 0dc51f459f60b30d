/** The parts of a checklist and the lines they stand on. */
import { expect, test } from 'vitest'
import type { Plan } from '../../../../src/api/wire/web.ts'
import { linesOf, sectionsOf, withoutLine } from './outline.ts'

const document = [
  '---',
  'service: shop',
  '---',
  '# Shop',
  'Words.',
  '',
  '## Gate',
  '- [ ] One',
  '  ```sh check',
  '  true',
  '  ```',
  '  - [ ] Below one',
  '- [ ] Two',
  '',
  '1. [ ] First',
  '<!-- - [ ] no step -->',
].join('\n')

test('each item knows its line in the whole file, its depth, and what stands in it', () => {
  const [matter, shop, gate] = sectionsOf(document)
  expect(matter?.parts).toEqual([{ kind: 'matter', text: 'service: shop' }])
  expect(shop?.parts.map(({ kind }) => kind)).toEqual(['heading', 'words'])
  const lists = gate?.parts.flatMap((part) => (part.kind === 'items' ? [part.items] : [])) ?? []
  expect(lists.flat().map(({ line, depth, number }) => ({ line, depth, number }))).toEqual([
    { line: 8, depth: 0, number: null },
    { line: 12, depth: 1, number: null },
    { line: 13, depth: 0, number: null },
    { line: 15, depth: 0, number: '1.' },
  ])
  expect(lists[0]?.[0]?.below).toEqual([{ kind: 'code', line: 9, end: 11, info: 'sh check', text: 'true\n' }])
  expect([...linesOf(sectionsOf(document))].sort((a, b) => a - b)).toEqual([4, 5, 7, 8, 9, 12, 13, 15, 16])
})

test('other line ends and a mark at the start move no line', () => {
  const lines = (text: string) => [...linesOf(sectionsOf(text))]
  expect(lines(`\uFEFF${document.replaceAll('\n', '\r\n')}`)).toEqual(lines(document))
})

test('steps that a block writes out belong to its line, and a step that no line shows is not lost', () => {
  const plan = { steps: [8, 10, 10, 11, 13, 13, 14, 2].map((line, at) => ({ id: `s${at}`, line })) } as unknown as Plan
  const { inside, lost } = withoutLine(plan, sectionsOf(document))
  expect([...inside]).toEqual([
    [9, ['s1', 's2', 's3']],
    [13, ['s5', 's6']],
  ])
  expect(lost).toEqual(['s7'])
})
