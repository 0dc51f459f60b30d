/** Importing loses nothing: every document holds exactly what an independent reader counted in it. */
import { describe, expect, test } from 'vitest'
import { importDocument } from '../../src/import/import.ts'
import type { ImportItem } from '../../src/import/item.ts'
import { readOutline } from '../../src/import/outline.ts'
import {
  areThere,
  catalogue,
  corpus,
  corpusBytes,
  corpusFolder,
  seedBytes,
  seedNames,
  seedsFolder,
  type Counted,
} from './documents.ts'

const isList = ({ form }: ImportItem): boolean => form === 'task' || form === 'bullet' || form === 'ordered'

describe.skipIf(!areThere(corpusFolder))('documents of many teams', () => {
  test.for(corpus())('$file is read with everything in it', (counted: Counted) => {
    const { items, tables, frontMatter } = readOutline(new TextDecoder().decode(corpusBytes(counted.file)))
    const { expected } = counted
    const tasks = items.filter(({ form }) => form === 'task')
    const fences = items.filter(({ form }) => form === 'fence')
    const rows = items.filter(({ form }) => form === 'table-row')
    expect({
      frontMatter: frontMatter?.endLine ?? 0,
      headings: items.filter(({ form }) => form === 'heading').length,
      items: items.filter(isList).length,
      ordered: items.filter((item) => isList(item) && item.isNumbered).length,
      tasks: tasks.length,
      checked: tasks.filter(({ checked }) => checked).length,
      taskLines: tasks.map(({ line }) => line),
      fenced: fences.filter(({ info }) => info !== null).length,
      indented: fences.filter(({ info }) => info === null).length,
      insideItems: fences.filter(({ parent }) => parent !== null).length,
      tables: tables.length,
      bodyRows: rows.length,
    }).toEqual({
      frontMatter: expected.frontMatter,
      headings: expected.headings.total,
      items: expected.items.total,
      ordered: expected.items.ordered,
      tasks: expected.tasks.total,
      checked: expected.tasks.checked,
      taskLines: counted.taskLines,
      fenced: expected.codeBlocks.fenced,
      indented: expected.codeBlocks.indented,
      insideItems: expected.codeBlocks.insideItems,
      tables: expected.tables.total,
      bodyRows: expected.tables.bodyRows,
    })
  })
})

describe.skipIf(!areThere(corpusFolder))('what import tells of them', () => {
  test.for(corpus())('the totals of $file are those that were counted', ({ file, expected }: Counted) => {
    const { imported } = importDocument(corpusBytes(file), { file })
    expect(imported.totals).toMatchObject({
      tasks: expected.tasks.total,
      fences: expected.codeBlocks.fenced,
      indented: expected.codeBlocks.indented,
      tables: expected.tables.total,
      rows: expected.tables.bodyRows,
      headings: expected.headings.total,
    })
    // None of these teams' texts is damaged, in whatever language it is written.
    expect(imported.encoding.damage).toBeNull()
    const { items, run, numbers, aged, people } = imported.coverage
    expect(run + numbers + aged + people).toBe(items)
  })
})

/** Forms of the catalogue, as the outline has them. */
const formOf = (item: ImportItem, lineOfParent: (line: number) => ImportItem | undefined): string => {
  const isNested = item.parent !== null && isList(lineOfParent(item.parent) ?? item)
  if (item.form === 'task') return item.isNumbered ? 'checkbox-numbered' : isNested ? 'checkbox-nested' : 'checkbox'
  if (item.form === 'bullet') return isNested ? 'bullet-nested' : 'bullet'
  if (item.form === 'ordered') return isNested ? 'numbered-nested' : 'numbered'
  return item.form === 'table-row' ? 'tablerow' : item.form
}

describe.skipIf(!areThere(seedsFolder))('the five documents that everything is built for', () => {
  test.for(seedNames)('%s holds each item of the catalogue once, at its line', (name) => {
    const { items } = readOutline(new TextDecoder().decode(seedBytes(name)))
    const byLine = new Map(items.map((item) => [item.line, item]))
    const found = items
      .filter((item) => isList(item) || item.form === 'table-row' || item.form === 'fence')
      .map((item) => `${item.line} ${formOf(item, (line) => byLine.get(line))}`)
    const seed = name.slice(0, 3)
    const wanted = catalogue()
      .filter((item) => item.seed === seed && !/^(prose|heading|table|part)$/.test(item.form))
      .map((item) => `${item.line} ${item.form}`)
    expect(found).toEqual(wanted)
  })

  test('the one that reaches us with UTF-8 read as Mac Roman is mended to the letter', () => {
    const sound = seedBytes('001_1fa73fa06f96720e.md')
    const macRoman = new TextDecoder('macintosh')
    const damaged = new TextEncoder().encode(Array.from(sound, (byte) => macRoman.decode(Uint8Array.of(byte))).join(''))
    const told = importDocument(damaged, { file: 'RELEASE.md' })
    expect(told.imported.encoding).toMatchObject({ damage: 'macintosh', damaged: 21, characters: 8, repaired: 0 })
    expect(told.imported.problems.map(({ code }) => code)).toContain('import-damaged-text')
    const mended = importDocument(damaged, { file: 'RELEASE.md', repair: true })
    expect(mended.imported.encoding.repaired).toBe(21)
    expect(Buffer.from(mended.text).equals(Buffer.from(sound))).toBe(true)
  })
})
