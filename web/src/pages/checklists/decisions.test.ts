/** Deciding about proposals: what is accepted, skipped and open, and that the numbers add up. */
import { expect, test } from 'vitest'
import type { ImportedItem, Preview } from '../../../../src/api/wire/web.ts'
import { decided, earlierDecisions, rowsOf, standingOf } from './decisions.ts'

function item(text: string, more: Partial<ImportedItem> = {}): ImportedItem {
  return {
    line: 1,
    endLine: 1,
    form: 'task',
    text,
    section: [],
    depth: 0,
    checked: false,
    dialect: null,
    role: 'step',
    kind: 'manual',
    alsoKinds: [],
    why: '',
    params: {},
    state: 'manual',
    parent: null,
    proposal: null,
    ...more,
  }
}

function proposing(text: string, risk: 'reads' | 'changes'): ImportedItem {
  return item(text, { state: 'proposed', proposal: { block: `block of ${text}`, why: '', risk, needs: [] } })
}

const items = [proposing('a', 'reads'), proposing('b', 'changes'), proposing('c', 'reads'), item('d')]
const preview = {
  imported: { items, coverage: { items: 4 }, totals: { automated: 0 } },
  asks: [2],
} as unknown as Preview

test('nothing is accepted by itself, and accepting all that only read leaves what was decided before', () => {
  expect(standingOf(preview, new Map())).toMatchObject({ machine: 0, attested: 0, manual: 1, open: 3, openReads: 2 })
  const skipped = decided(new Map(), { kind: 'skip', at: 0 }, items)
  const after = decided(skipped, { kind: 'accept-reads' }, items)
  expect([...after]).toEqual([
    [0, { kind: 'skipped' }],
    [2, { kind: 'accepted', block: 'block of c', isEdited: false }],
  ])
  const { items: all, machine, attested, manual, open } = standingOf(preview, after)
  expect({ machine, attested, manual, open }).toEqual({ machine: 0, attested: 1, manual: 2, open: 1 })
  expect(machine + attested + manual + open).toBe(all)
})

test('a decision is taken back, one or all of them', () => {
  const both = decided(decided(new Map(), { kind: 'skip', at: 0 }, items), { kind: 'skip', at: 1 }, items)
  expect([...decided(both, { kind: 'reopen', at: 0 }, items).keys()]).toEqual([1])
  expect(decided(both, { kind: 'reopen-all' }, items).size).toBe(0)
})

test('blocks of an earlier copy that differ from what is proposed now were edited', () => {
  const accepted = [
    { at: 0, block: 'block of a' },
    { at: 1, block: 'one' },
    { at: 1, block: 'two' },
  ]
  const found = earlierDecisions({ accepted, skipped: [2], lost: [], extra: [], isChanged: false }, items)
  expect(found.get(0)).toEqual({ kind: 'accepted', block: 'block of a', isEdited: false })
  expect(found.get(1)).toEqual({ kind: 'accepted', block: 'one\ntwo', isEdited: true })
  expect(found.get(2)).toEqual({ kind: 'skipped' })
})

test('headings stand where something is below them, with the headings above', () => {
  const rows = rowsOf(
    [
      item('Title', { form: 'heading' }),
      item('Empty', { form: 'heading', section: ['Title'] }),
      item('Before', { form: 'heading', section: ['Title'] }),
      item('Database', { form: 'heading', section: ['Title', 'Before'], line: 9 }),
      item('read this', { role: 'note' }),
      item('do it'),
    ],
    'Title',
  )
  expect(rows.map((row) => (row.kind === 'heading' ? `# ${row.words}` : row.item.text))).toEqual([
    '# Before › Database',
    'do it',
  ])
})
