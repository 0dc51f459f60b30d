/** Tables of the command line: they fit, and a name from outside obeys nothing. */
import { expect, test } from 'vitest'
import { lineWidth, paint } from './line.ts'
import { tableLines, toldTableLines } from './table.ts'

const shown = (heads: readonly string[], rows: readonly (readonly string[])[], width: number) =>
  tableLines(
    heads,
    rows.map((cells) => ({ cells })),
    width,
  ).map((line) => paint(line, { width: 500, colour: false }))

test('columns are as wide as they need to be', () => {
  expect(
    shown(
      ['PERSON', 'ROLE'],
      [
        ['ana', 'administrator'],
        ['bo', 'viewer'],
      ],
      80,
    ),
  ).toEqual(['PERSON  ROLE', 'ana     administrator', 'bo      viewer'])
})

test('a line never exceeds the width: the widest columns give first, and short ones stay whole', () => {
  const rows = [['ana', 'A'.repeat(90), 'B'.repeat(60)]]
  for (const width of [40, 60, 80, 120]) {
    const lines = tableLines(
      ['ID', 'NAME', 'WHERE'],
      rows.map((cells) => ({ cells })),
      width,
    )
    for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(width)
    expect(paint(lines[1]!, { width, colour: false })).toMatch(/^ana {2}A+….*B…$/)
  }
})

test('an ID, which is typed again, is never cut: the other columns give', () => {
  const id = 'checkout-1.2.3-k7f2/incident-1/post-mortem'
  const [, line] = shown(['ID', 'STANDS', 'WHAT'], [[id, 'due 2026-11-22 23:33 UTC', 'Lessons of the way back']], 80)
  expect(line).toContain(`${id}  due`)
  expect(line?.length).toBeLessThanOrEqual(80)
})

test('control characters in a cell are shown and counted, never obeyed', () => {
  expect(shown(['NAME', 'X'], [['a\x1b[31mb', 'y']], 80)[1]).toBe('a\\x1b[31mb  y')
})

test('without rows there is no heading either', () => {
  expect(tableLines(['A'], [], 80)).toEqual([])
})

test('a sentence at the end of a row stands below it where it does not fit, and is never cut', () => {
  const id = 'checkout-1.2.3-k7f2/incident-1/post-mortem'
  const say = 'Post-mortem of P1 in checkout 1.2.3: orders are lost at checkout since 14:02 (post-mortem, high)'
  const told = (width: number) =>
    toldTableLines(['ID', 'STANDS', 'WHAT'], [{ cells: [id, 'due 2026-11-22 23:33 UTC', say] }], width).map((line) =>
      paint(line, { width, colour: false }),
    )
  expect(told(200)).toHaveLength(2)
  const narrow = told(80)
  expect(narrow[1]).toBe(`${id}  due 2026-11-22 23:33 UTC`)
  expect(narrow.slice(2).join(' ').replaceAll(/ +/g, ' ').trim()).toBe(say)
  for (const line of narrow) expect(line.length).toBeLessThanOrEqual(80)
})
