/** A copy holds what was accepted and compiles; without our blocks it is the team's document, to the letter. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyMarkdown } from '../../test/support/markdown.ts'
import { compile } from '../core/plan/compile.ts'
import { testKinds } from '../core/plan/test-kinds.ts'
import { writeCopy, type Accepted, type Copy } from './copy.ts'
import { decisionsIn, printsOf } from './decisions.ts'
import { importDocument, type Import } from './import.ts'
import { removeBlocks } from './remove.ts'

const check = '```sh check\nnpm test\n```'

function importOf(text: string): Import {
  return importDocument(new TextEncoder().encode(text), { file: 'RELEASE.md', recognisers: [] })
}

function copyOf(source: Import, accepted: readonly Accepted[], skipped: readonly string[] = []): Copy {
  return writeCopy(source, accepted, { file: 'RELEASE.md', shared: null, kinds: testKinds, skipped })
}

/** A block for each item that can hold one. */
function everywhere(source: Import, block: string): readonly Accepted[] {
  return source.outline.items.flatMap(({ insert }, at) => (insert ? [{ at, block }] : []))
}

function planOf(text: string) {
  return compile({ file: 'RELEASE.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
}

const at = (source: Import, text: string): number => source.outline.items.findIndex((item) => item.text === text)

describe('a copy', () => {
  test('holds the block in its item, and the mark that lets it run', () => {
    const source = importOf('# Release\n\n- [ ] Tests pass\n  and are green\n  - [ ] Units\n')
    const { text } = copyOf(source, [{ at: at(source, 'Tests pass and are green'), block: check }])
    expect(text?.replace(/of \w+/, 'of 0')).toBe(
      '---\nholdpoint: 1\n# holdpoint import: added front matter, holdpoint\n# holdpoint import: of 0\n---\n# Release\n\n- [ ] Tests pass\n  and are green\n  ```sh check\n  npm test\n  ```\n  - [ ] Units\n',
    )
    expect(planOf(text ?? '').plan?.steps[0]?.block).toMatchObject({ word: 'check' })
  })

  test.for([
    ['ten and more', '10. [ ] Ten\n', '    ```sh check'],
    ['a wide bullet', '-   [ ] Wide\n', '    ```sh check'],
    ['a star', '* [ ] Star\n', '  ```sh check'],
    ['a tab behind the bullet', '-\t[ ] Tab\n', ' \t```sh check'],
    ['a bullet inside a bullet', '- - [ ] Inner\n', '    ```sh check'],
    ['an indented list', '  - [ ] In\n', '    ```sh check'],
  ])('indents a block as its item needs it: %s', ([, document = '', line = '']) => {
    const source = importOf(document)
    const last = source.outline.items.length - 1
    const { text, leftOut } = copyOf(source, [{ at: last, block: check }])
    expect(leftOut).toEqual([])
    expect(text).toContain(`\n${line}\n`)
    expect(planOf(text ?? '').plan?.steps.map(({ block }) => block.word)).toContain('check')
  })

  test('keeps the front matter of another tool, and what it says', () => {
    const document = '---\nlayout: page\nabout us: { a: 1 }\n---\n- [ ] One\n'
    const { text } = copyOf(importOf(document), [{ at: 0, block: check }])
    expect(text).toContain('---\nholdpoint: 1\nothers: ["layout", "about us"]\n')
    expect(planOf(text ?? '').plan).not.toBeNull()
    expect(removeBlocks(text ?? '')?.text).toBe(document)
  })

  test('keeps line ends, tabs, a byte order mark and a missing end of the last line', () => {
    const document = '\uFEFF# R\r\n\r\n* [ ] One\r\n\t- [ ] Two'
    const source = importOf(document)
    const { text, written } = copyOf(source, everywhere(source, check))
    expect(written.length).toBeGreaterThan(1)
    expect(text?.startsWith('\uFEFF---\r\nholdpoint: 1\r\n')).toBe(true)
    expect(text?.replaceAll('\r\n', '')).not.toContain('\n')
    expect(removeBlocks(text ?? '')?.text).toBe(document)
  })

  test('declares the values that its blocks need, so that each run is asked for them', () => {
    const document = '- [ ] One\n- [ ] Two\n'
    const source = importOf(document)
    const block = '```sh check\ntest -n "$HOLDPOINT_INPUT_REDIS_HOST"\n```'
    const { text, leftOut } = copyOf(source, [
      { at: 0, block },
      { at: 1, block: '```sh check nonsense=1\necho "$HOLDPOINT_INPUT_NOT_NEEDED"\n```' },
    ])
    expect(leftOut).toHaveLength(1)
    expect(text).toContain('\ninputs: { redis_host: {} }\n')
    expect(planOf(text ?? '').plan?.inputs).toMatchObject({ redis_host: { required: true } })
    expect(removeBlocks(text ?? '')?.text).toBe(document)
    // What people make of it themselves is theirs.
    const own = (text ?? '').replace('inputs: { redis_host: {} }', 'inputs:\n  redis_host: { default: localhost }')
    const found = decisionsIn(own, source)
    expect(found?.extra).toEqual(['inputs:', '  redis_host: { default: localhost }'])
    const shared = { file: 'holdpoint.yaml', text: 'inputs: { redis_host: { default: a } }' }
    const options = { file: 'RELEASE.md', kinds: testKinds, skipped: [] }
    const again = writeCopy(source, [{ at: 0, block }], { ...options, shared: null, extra: found?.extra ?? [] })
    expect(planOf(again.text ?? '').plan?.inputs).toMatchObject({ redis_host: { default: 'localhost' } })
    expect(writeCopy(source, [{ at: 0, block }], { ...options, shared }).text).not.toContain('inputs:')
  })

  test('leaves out what does not compile, and says what is expected', () => {
    const source = importOf('- [ ] One\n- [ ] Two\n')
    const { text, written, leftOut } = copyOf(source, [
      { at: 0, block: '```sh check nonsense=1\ntrue\n```' },
      { at: 1, block: check },
    ])
    expect(written).toHaveLength(1)
    expect(leftOut).toMatchObject([{ line: 1, found: expect.stringContaining('nonsense') as string }])
    expect(planOf(text ?? '').plan).not.toBeNull()
  })

  test('leaves out a block that Markdown would read as something else', () => {
    const source = importOf('- [ ] One\n')
    const { leftOut } = copyOf(source, [{ at: 0, block: '```sh check\necho\n```\n```\nmore\n```' }])
    expect(leftOut).toHaveLength(1)
  })

  test('is not written for a document that cannot become a checklist, and says why', () => {
    expect(copyOf(importOf('only words\n'), [])).toMatchObject({ text: null, problems: [{ code: 'no-required-step' }] })
    const source = importOf('---\n- a list\n---\n- [ ] x\n')
    const copy = copyOf(source, [{ at: 0, block: check }])
    expect(copy.problems[0]?.found).toContain('front matter')
    expect(copy.leftOut).toMatchObject([{ line: 4, block: check }])
  })

  test('makes steps of headings where there is no list', () => {
    const { text } = copyOf(importOf('# Release\n## Tag it\nwords\n## Push it\nwords\n'), [])
    expect(planOf(text ?? '').plan?.steps.map((step) => step.text)).toEqual(['Tag it', 'Push it'])
  })

  test('of a checklist of ours leaves its own blocks where they are', () => {
    const document = `---\nholdpoint: 1\n---\n- [ ] One\n  \`\`\`sh check\n  true\n  \`\`\`\n- [ ] Two\n`
    const { text } = copyOf(importOf(document), [{ at: 2, block: check }])
    expect(planOf(text ?? '').plan?.steps.map(({ block }) => block.word)).toEqual(['check', 'check'])
    expect(removeBlocks(text ?? '')?.text).toBe(document)
  })
})

describe('importing again', () => {
  const first = importOf('# R\n## A\n- [ ] One\n- [ ] Two\n- [ ] Three\n## B\n- [ ] Four\n')
  const prints = printsOf(first.outline)
  const skip = prints[at(first, 'Three')] ?? ''
  const { text } = copyOf(
    first,
    [
      { at: at(first, 'One'), block: check },
      { at: at(first, 'Four'), block: check },
    ],
    [skip],
  )
  const copy = text ?? ''

  test('finds what was accepted, edited and skipped, wherever it stands now', () => {
    const now = importOf('# R\nnew\n## A\n- [ ] Zero\n- [ ] Three\n- [ ] One\n## B\n- [ ] More\n- [ ] Four\n')
    const edited = copy.replace('npm test', 'npm run quick')
    const found = decisionsIn(edited, now)
    expect(found?.accepted.map((each) => now.outline.items[each.at]?.text)).toEqual(['One', 'Four'])
    expect(found?.accepted[0]?.block).toBe('```sh check\nnpm run quick\n```')
    expect([...(found?.skipped ?? [])]).toEqual([at(now, 'Three')])
    expect(found?.lost).toEqual([])
  })

  test('finds an item whose words were changed by its place', () => {
    const now = importOf('# R\n## A\n- [ ] One, and quickly\n- [ ] Two\n- [ ] Three\n## B\n- [ ] Four\n')
    expect(decisionsIn(copy, now)?.accepted.map((each) => now.outline.items[each.at]?.text)).toContain(
      'One, and quickly',
    )
  })

  test('says which block has lost its item', () => {
    const now = importOf('# R\n## B\n- [ ] Four\n')
    expect(decisionsIn(copy, now)).toMatchObject({ lost: [{ block: check, text: 'One' }] })
  })

  test('keeps what people declared in the front matter, and tells other changes apart', () => {
    const declared = copy.replace('holdpoint: 1\n', 'holdpoint: 1\nroles: { lead: dora }\n')
    const found = decisionsIn(declared, first)
    expect(found).toMatchObject({ extra: ['roles: { lead: dora }'], isChanged: false })
    const again = writeCopy(first, found?.accepted ?? [], {
      file: 'RELEASE.md',
      shared: null,
      kinds: testKinds,
      skipped: [],
      extra: found?.extra ?? [],
    })
    expect(planOf(again.text ?? '').plan?.roles).toEqual({ lead: [{ id: 'dora', key: null }] })
    expect(removeBlocks(again.text ?? '')?.text).toBe(first.text)
    expect(decisionsIn(copy.replace('Two', 'Two and a half'), first)?.isChanged).toBe(true)
  })

  test('takes nothing from a file that is no copy', () => {
    expect(decisionsIn('# R\n- [ ] One\n', first)).toBeNull()
  })
})

test('of any Markdown: the copy compiles, and without our blocks it is the document', () => {
  fc.assert(
    fc.property(anyMarkdown, (markdown) => {
      const source = importOf(markdown)
      const { text, written, leftOut } = copyOf(source, everywhere(source, check))
      expect(written.length + leftOut.length).toBe(everywhere(source, check).length)
      if (text === null) return
      expect(removeBlocks(text)?.text).toBe(markdown)
      expect(planOf(text).plan).not.toBeNull()
    }),
    { numRuns: 300 },
  )
})

test('of any text at all, nothing breaks', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const source = importOf(text.toWellFormed())
      expect(copyOf(source, everywhere(source, check)).leftOut.length).toBeGreaterThanOrEqual(0)
    }),
  )
})
