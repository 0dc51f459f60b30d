/** Documents of other teams become checklists: what is accepted compiles, and their own text comes back to the letter. */
import { describe, expect, test } from 'vitest'
import { compile } from '../../src/core/plan/compile.ts'
import { testKinds } from '../../src/core/plan/test-kinds.ts'
import { writeCopy, type Accepted, type Copy } from '../../src/import/copy.ts'
import { decisionsIn } from '../../src/import/decisions.ts'
import { importDocument, type Import } from '../../src/import/import.ts'
import { removeBlocks } from '../../src/import/remove.ts'
import { areThere, corpus, corpusBytes, corpusFolder, seedBytes, seedNames, seedsFolder } from './documents.ts'

const block = '```sh check timeout=1m\ntrue\n```'

function copyOf(source: Import, accepted: readonly Accepted[]): Copy {
  return writeCopy(source, accepted, { file: 'RELEASE.md', shared: null, kinds: testKinds, skipped: [] })
}

/** A block in every list item, as if all of them could run. */
function inEveryItem({ outline }: Import): readonly Accepted[] {
  const isListItem = (form: string): boolean => form === 'task' || form === 'bullet' || form === 'ordered'
  return outline.items.flatMap((item, at) => (isListItem(item.form) && item.insert ? [{ at, block }] : []))
}

/** Documents in which nothing can be answered: there is neither a list nor a heading. */
function expectWhole(bytes: Uint8Array): void {
  const source = importDocument(bytes, { file: 'RELEASE.md' })
  const accepted = inEveryItem(source)
  const { text, written, leftOut, problems } = copyOf(source, accepted)
  expect(problems).toEqual([])
  expect(written.length + leftOut.length).toBe(accepted.length)
  // Where boxes are the steps, a plain bullet is none; everything else has its block.
  const isStep = source.outline.items.some(({ form }) => form === 'task')
    ? ({ at }: Accepted) => source.outline.items[at]?.form === 'task'
    : () => true
  expect(leftOut.filter(isStep)).toEqual([])
  const encoded = new TextEncoder().encode(text ?? '')
  expect(compile({ file: 'RELEASE.md', bytes: encoded, shared: null }, testKinds).plan).not.toBeNull()
  expect(Buffer.from(removeBlocks(text ?? '')?.text ?? '').equals(Buffer.from(bytes))).toBe(true)
  const again = decisionsIn(text ?? '', source)
  expect(again?.accepted).toEqual(written)
  expect(again?.isChanged).toBe(false)
}

describe.skipIf(!areThere(corpusFolder))('documents of many teams', () => {
  test.for(corpus())('$file with a block in every item', ({ file }) => expectWhole(corpusBytes(file)))
})

describe.skipIf(!areThere(seedsFolder))('the five documents that everything is built for', () => {
  test.for(seedNames)('%s with a block in every item', (name) => expectWhole(seedBytes(name)))

  test.for(seedNames)('%s with everything that is proposed', (name) => {
    const source = importDocument(seedBytes(name), { file: name })
    const proposed = source.imported.items.flatMap(({ proposal }, at): Accepted[] =>
      proposal ? [{ at, block: proposal.block }] : [],
    )
    const { text, problems } = copyOf(source, proposed)
    expect(problems).toEqual([])
    expect(removeBlocks(text ?? '')?.text).toBe(source.text)
  })
})
