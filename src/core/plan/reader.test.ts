import { describe, expect, test } from 'vitest'
import type { Item, Section } from './document.ts'
import { readDocument } from './reader.ts'

function items(section: Section): readonly Item[] {
  const within = (item: Item): readonly Item[] => [item, ...item.lists.flatMap((list) => list.items.flatMap(within))]
  return section.parts.flatMap((part) =>
    part.kind === 'list' ? part.list.items.flatMap(within) : part.kind === 'section' ? items(part.section) : [],
  )
}

const read = (text: string): readonly Item[] => items(readDocument(text).root)

describe('reading a document', () => {
  test('every kind of item is found with its lines, its words and the indent it wants', () => {
    const found = read('# T\n\n* [X] *One* `a` [b](c)\n  more\n10. [ ] ten\n\n    text\n\n- plain\n  1) deep\n')
    expect(
      found.map(({ form, numbered, text, line, endLine, indent }) => [form, numbered, text, line, endLine, indent]),
    ).toEqual([
      ['task', false, 'One a b more', 3, 4, 2],
      ['task', true, 'ten', 5, 7, 4],
      ['bullet', false, 'plain', 9, 10, 2],
      ['ordered', true, 'deep', 10, 10, 5],
    ])
  })

  test('line ends of every sort give the same lines', () => {
    const text = '---\nholdpoint: 1\n---\n# T\n\n- [ ] a\n  ```sh check\n  x\n  y\n  ```\n'
    const shape = (source: string): unknown => {
      const { lines: _, ...tree } = readDocument(source)
      return tree
    }
    expect(shape(text.replaceAll('\n', '\r\n'))).toEqual(shape(text))
    expect(shape(text.replaceAll('\n', '\r'))).toEqual(shape(text))
    expect(shape(`\uFEFF${text}`)).toEqual(shape(text))
    expect(readDocument(text).fences).toMatchObject([
      { info: 'sh check', line: 7, endLine: 10, body: 'x\ny\n', closed: true, infoColumn: 6 },
    ])
  })

  test('a fence knows whether it was closed, also at the end of an item and of the file', () => {
    const closed = (text: string): readonly boolean[] => readDocument(text).fences.map((fence) => fence.closed)
    expect(closed('```sh check\n```')).toEqual([true])
    expect(closed('```sh check')).toEqual([false])
    expect(closed('```sh check\nx\n\n\n')).toEqual([false])
    expect(closed('- a\n  ```sh check\n  x\n- b\n')).toEqual([false])
    expect(closed('- a\n  ~~~sh check\n  ```\n  ~~~\n- b\n')).toEqual([true])
  })

  test('the opening line is read to the letter', () => {
    expect(readDocument('~~~  sh check a="&amp;\\*"\nx\n~~~\n').fences[0]?.info).toBe('  sh check a="&amp;\\*"')
  })

  test('only a fence right behind a list at the same level fell out of it', () => {
    const fell = (text: string): readonly (number | undefined)[] =>
      readDocument(text).fences.map((fence) => fence.afterList?.items.at(-1)?.indent)
    expect(fell('- a\n\n```sh check\n```\n')).toEqual([2])
    expect(fell('- a\n\nWords.\n\n```sh check\n```\n')).toEqual([undefined])
    expect(fell('- a\n\n## B\n\n```sh check\n```\n')).toEqual([undefined])
    expect(fell('- a\n  - b\n\n  ```sh check\n  ```\n')).toEqual([undefined])
  })

  test('headings inside quotations and items open no sections', () => {
    const { root } = readDocument('# A\n\n> ## B\n\n- # C\n\n## D\n')
    const titles = (section: Section): readonly string[] =>
      section.parts.flatMap((part) => (part.kind === 'section' ? [part.section.title, ...titles(part.section)] : []))
    expect(titles(root)).toEqual(['A', 'D'])
  })
})
