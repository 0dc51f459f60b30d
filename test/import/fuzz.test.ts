/** Documents that were cut, doubled, shuffled, re-encoded and soiled with noise: nothing throws, and no item is lost. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kinds } from '../../src/app/app.ts'
import { compile } from '../../src/core/plan/compile.ts'
import { writeCopy } from '../../src/import/copy.ts'
import { importDocument, type Import } from '../../src/import/import.ts'
import { fixDocument } from '../../src/import/lint/fix.ts'
import { lintDocument } from '../../src/import/lint/lint-document.ts'
import { withMargin, withoutMargin } from '../../src/import/margin.ts'
import { removeBlocks } from '../../src/import/remove.ts'
import { areThere, corpus, corpusBytes, corpusFolder } from '../corpus/documents.ts'
import { independentOutline, isComparable, ourOutline } from '../support/independent-outline.ts'
import { seeded } from '../support/fuzz-seed.ts'
import { anyMarkdown } from '../support/markdown.ts'

// A minute of it where everything has to be shown.
const seconds = Number(process.env['FUZZ_SECONDS'] ?? (process.env['CI'] === 'true' ? 60 : 5))
const today = '2030-01-31'
const all = kinds()
const root = join(import.meta.dirname, '../..')

function textsIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'))
}

const ours = [...textsIn('examples'), ...textsIn('docs')]
const theirs = areThere(corpusFolder) ? corpus().map(({ file }) => new TextDecoder().decode(corpusBytes(file))) : []
const lines = [...ours, ...theirs].flatMap((text) => text.split(/(?<=\n)/))

const chunk = fc
  .tuple(fc.nat({ max: lines.length - 1 }), fc.nat({ max: 25 }))
  .map(([from, count]) => lines.slice(from, from + count).join(''))

type Change = (text: string) => string

const marks = [
  '`¦```sh check\n¦~~~¦\t¦\r¦\n¦> ¦- ¦    ¦|¦<!--¦-->¦\uFEFF¦\0¦\\¦&#¦- [ ] ¦1. ¦# ¦---\n¦[¦](¦<¦{¦}¦$(¦\'¦"',
  '# @expect ¦ | grep error¦\u202e¦---\nholdpoint: 1\n---\n¦<!-- holdpoint -->¦# holdpoint import: of 0\n¦\ud800¦Ã©¦√∂',
].flatMap((row) => row.split('¦'))
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.nat(), fc.constantFrom(...marks)).map(
    ([at, mark]): Change =>
      (text) => {
        const place = text.length === 0 ? 0 : at % (text.length + 1)
        return text.slice(0, place) + mark + text.slice(place)
      },
  ),
  fc.tuple(fc.nat(), fc.nat(40)).map(
    ([at, length]): Change =>
      (text) => {
        const place = text.length === 0 ? 0 : at % text.length
        return text.slice(0, place) + text.slice(place + length)
      },
  ),
  fc.constantFrom<Change>(
    (text) => text.replaceAll('\n', '\r\n'),
    (text) => text.replace(/\n+$/, ''),
    (text) => text.replaceAll('\n', '\n  '),
    (text) => text.replaceAll('- [ ]', '* []'),
    (text) => text.replaceAll('- ', '1. '),
    (text) => text.replaceAll('  ', '\t'),
    (text) => `> ${text.replaceAll('\n', '\n> ')}`,
    (text) => text + text,
    (text) => text.split('\n').toReversed().join('\n'),
  ),
)

const textBytes = fc
  .tuple(fc.array(chunk, { maxLength: 4 }), fc.array(change, { maxLength: 4 }))
  .map(([chunks, changes]) => new TextEncoder().encode(changes.reduce((text, each) => each(text), chunks.join(''))))
/** Some bytes are others than they were. */
const soiled = fc
  .tuple(textBytes, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }))
  .map(([bytes, noise]) => {
    const out = bytes.slice()
    for (const [at, value] of noise) if (out.length > 0) out[at % out.length] = value
    return out
  })
const anything = fc.oneof(
  { weight: 6, arbitrary: textBytes },
  { weight: 3, arbitrary: soiled },
  { weight: 2, arbitrary: anyMarkdown.map((text) => new TextEncoder().encode(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
)

function expectNothingLost({ text, outline, imported }: Import): void {
  expect(imported.items).toHaveLength(outline.items.length)
  const { items, run, numbers, aged, people } = imported.coverage
  expect(run + numbers + aged + people).toBe(items)
  if (outline.isCut || !isComparable(text)) return
  // What is only indented may be text to one reader and code to another; that one is a step neither way.
  const wanted = independentOutline(text).filter((item) => !item.endsWith('indented'))
  const found = new Set(ourOutline(outline.items))
  expect(wanted.filter((item) => !found.has(item))).toEqual([])
}

function expectTheWayBack(source: Import): void {
  const accepted = source.imported.items.flatMap(({ proposal }, at) =>
    proposal ? [{ at, block: proposal.block }] : [],
  )
  const { text, written, leftOut } = writeCopy(source, accepted, {
    file: 'a.md',
    shared: null,
    kinds: all,
    skipped: [],
  })
  // One proposal may be several blocks; none of them goes without being told.
  const told = new Set([...written, ...leftOut].map(({ at }) => at))
  expect([...told].sort((a, b) => a - b)).toEqual(accepted.map(({ at }) => at))
  if (text !== null) {
    expect(removeBlocks(text)?.text).toBe(source.text)
    expect(compile({ file: 'a.md', bytes: new TextEncoder().encode(text), shared: null }, all).plan).not.toBeNull()
  }
  const results = source.outline.items.map(({ line }, at) => ({ line, isTicked: at % 2 === 0, html: '<sub>r</sub>' }))
  expect(withoutMargin(withMargin(source.text, results, ''))).toMatchObject({ text: source.text, isChanged: false })
}

test(`${seconds} seconds of it break nothing`, { timeout: (seconds + 60) * 1000 }, () => {
  let rounds = 0
  fc.assert(
    fc.property(anything, fc.boolean(), (bytes, repair) => {
      rounds += 1
      const source = importDocument(bytes, { file: 'a.md', repair })
      expectNothingLost(source)
      if (source.imported.encoding.isWritable) expectTheWayBack(source)
      const document = { file: 'a.md', bytes, shared: null }
      compile(document, all)
      const { problems } = lintDocument(document, all, today)
      for (const { line, column, found } of problems) expect(line >= 1 && column >= 1 && found !== '').toBe(true)
      expect(fixDocument(fixDocument(bytes).bytes).fixes).toEqual([])
    }),
    { numRuns: 10_000_000, interruptAfterTimeLimit: seconds * 1000, ...seeded },
  )
  // How many there are in the time is the machine's; that there was one is not.
  expect(rounds).toBeGreaterThan(0)
})
