/** Several recognisers may know an item: the surest decides, the others add, and nobody's word is lost. */
import { expect, test } from 'vitest'
import { coverageLine, coverageOf } from './coverage.ts'
import { importDocument } from './import.ts'
import type { Around, Finding, ImportItem, Recogniser } from './item.ts'

const finding: Finding = {
  role: 'step',
  kind: 'command',
  alsoKinds: [],
  why: 'It names a command.',
  params: {},
  proposal: null,
  confidence: 0.5,
}

function says(name: string, more: Partial<Finding>, fits: (item: ImportItem) => boolean = () => true): Recogniser {
  return { name, recognise: (item) => (fits(item) ? { ...finding, ...more } : null) }
}

function itemsOf(text: string, recognisers: readonly Recogniser[]) {
  return importDocument(new TextEncoder().encode(text), { file: 'R.md', recognisers }).imported.items
}

const reads = { block: '```sh check\ntrue\n```', risk: 'reads' } as const

test('the surest decides role, kind and why; parameters and kinds of the others are added', () => {
  const [item] = itemsOf('- [ ] a\n', [
    says('weak', { kind: 'git', confidence: 0.2, params: { a: 1, b: 1 }, proposal: reads }),
    says('sure', {
      kind: 'http',
      confidence: 0.9,
      why: 'It names an address.',
      params: { b: 2 },
      alsoKinds: ['report'],
    }),
  ])
  expect(item).toMatchObject({
    kind: 'http',
    alsoKinds: ['report', 'git'],
    why: 'It names an address.',
    params: { a: 1, b: 2 },
    state: 'proposed',
    proposal: { block: reads.block, risk: 'reads' },
  })
})

test('among equals the order of the list decides', () => {
  const [item] = itemsOf('- [ ] a\n', [says('first', { kind: 'git' }), says('second', { kind: 'aws' })])
  expect(item).toMatchObject({ kind: 'git', alsoKinds: ['aws'] })
})

test('what nobody knows is for a person, and a parent of steps is a group', () => {
  expect(
    itemsOf('# T\n- [ ] a\n  - [ ] b\n- note\n\nwords\n\n    code\n', []).map(({ role, kind }) => `${role} ${kind}`),
  ).toEqual(['group group', 'group group', 'step manual', 'note reference', 'note reference', 'note reference'])
  expect(itemsOf('- a\n- [b](c)\n', []).map(({ role }) => role)).toEqual(['step', 'note'])
})

test('each recogniser sees the headings, the parent and the neighbours of an item', () => {
  const seen: Record<string, Around> = {}
  const look: Recogniser = {
    name: 'look',
    recognise: (item, around) => {
      seen[item.text] = around
      return null
    },
  }
  itemsOf('# T\n## A\n- [ ] one\n  - [ ] in\n  - [ ] inner\n- [ ] two\n## B\n- [ ] three\n', [look])
  expect(seen['one']).toMatchObject({ heading: { text: 'A' }, parent: null, previous: null, next: { text: 'two' } })
  expect(seen['inner']).toMatchObject({ parent: { text: 'one' }, previous: { text: 'in' }, next: null })
  expect(seen['two']?.sectionItems.map(({ text }) => text)).toEqual(['one', 'in', 'inner', 'two'])
  expect(seen['three']).toMatchObject({ heading: { text: 'B' }, previous: null })
})

test('a block that its item proposes is not proposed again by the fence inside', () => {
  const items = itemsOf('- [ ] a\n  ```sh\n  true\n  ```\n', [says('both', { proposal: reads })])
  expect(items.map(({ form, state }) => `${form} ${state}`)).toEqual(['task proposed', 'fence manual'])
})

test('a block of ours makes its item automated, and nothing more is proposed for it', () => {
  const text = '---\nholdpoint: 1\n---\n- [ ] a\n  ```sh check\n  true\n  ```\n'
  expect(itemsOf(text, [says('any', { proposal: reads })])[0]).toMatchObject({ state: 'automated', proposal: null })
  // Without the mark it is a block to read, as in any other document.
  expect(itemsOf(text.replace('holdpoint: 1', 'a: 1'), [])[0]?.state).toBe('manual')
})

test('coverage adds up, whoever does it', () => {
  const approve = { block: '```yaml approve\ncount: 2\n```', risk: 'reads' } as const
  const items = itemsOf('- [ ] a\n- [ ] b\n- [ ] c\n- [ ] d\n- [ ] e\n- f\n', [
    says('run', { proposal: reads }, ({ text }) => text === 'a'),
    says('number', { kind: 'metric-threshold' }, ({ text }) => text === 'b'),
    says('age', { kind: 'record-freshness', proposal: reads }, ({ text }) => text === 'c'),
    says('sign', { kind: 'approval-n', proposal: approve }, ({ text }) => text === 'd'),
  ])
  const coverage = coverageOf(items)
  expect(coverageLine(coverage)).toBe('5 items: 1 can run, 1 is a number, 1 has an age, 2 need a person')
  expect(coverage.run + coverage.numbers + coverage.aged + coverage.people).toBe(coverage.items)
})
