/** Documents of other teams go round: imported, run in thought, and given back with results; then imported again. */
import { describe, expect, test } from 'vitest'
import { kinds } from '../../src/app/app.ts'
import { compile } from '../../src/core/plan/compile.ts'
import { writeCopy } from '../../src/import/copy.ts'
import { importDocument } from '../../src/import/import.ts'
import { withoutMargin } from '../../src/import/margin.ts'
import { readOutline } from '../../src/import/outline.ts'
import { documentWithResults } from '../../src/import/results.ts'
import { areThere, corpus, corpusBytes, corpusFolder, seedBytes, seedNames, seedsFolder } from './documents.ts'

const all = kinds()

function expectRound(bytes: Uint8Array): void {
  const source = importDocument(bytes, { file: 'RELEASE.md' })
  const accepted = source.imported.items.flatMap(({ proposal }, at) =>
    proposal ? [{ at, block: proposal.block }] : [],
  )
  const { text } = writeCopy(source, accepted, { file: 'RELEASE.md', shared: null, kinds: all, skipped: [] })
  if (text === null) return
  const { plan } = compile({ file: 'RELEASE.md', bytes: new TextEncoder().encode(text), shared: null }, all)
  const steps = plan?.steps ?? []
  expect(steps.length).toBeGreaterThan(0)
  const results = steps.map(({ line }, at) => ({ line, isTicked: at % 3 > 0, html: `<sub>result ${at}.</sub>` }))
  const done = documentWithResults(text, results, '<sub>closing</sub>')

  expect(withoutMargin(done)).toMatchObject({ text: source.text, isChanged: false })
  const again = importDocument(new TextEncoder().encode(done), { file: 'RELEASE.md' })
  expect(again.imported.items).toEqual(source.imported.items)
  expect(documentWithResults(done, [], '')).toBe(documentWithResults(source.text, [], ''))

  // Each result stands right behind its own item, and a reader of Markdown sees every item as before.
  const shown = readOutline(done)
  expect(shown.items.map(({ text: words, depth }) => [words, depth])).toEqual(
    source.outline.items.map(({ text: words, depth }) => [words, depth]),
  )
  const before = readOutline(text).items
  for (const [at, { line }] of steps.entries()) {
    const item = before.findLast((each) => each.line === line && each.form !== 'fence')
    const place = shown.lines.findIndex((each) => each.includes(`<sub>result ${at}.</sub>`))
    expect(place).toBeGreaterThan(0)
    const holders = shown.items.filter(
      (each) =>
        each.text === item?.text &&
        place === (each.insert?.afterLine ?? each.line + each.marked.split('\n').length - 1),
    )
    expect(holders, `${line}: ${item?.text}`).not.toEqual([])
  }
}

describe.skipIf(!areThere(corpusFolder))('documents of many teams', () => {
  test.for(corpus())('$file comes back with its results', ({ file }) => expectRound(corpusBytes(file)))
})

describe.skipIf(!areThere(seedsFolder))('the five documents that everything is built for', () => {
  test.for(seedNames)('%s comes back with its results', (name) => expectRound(seedBytes(name)))
})
