/** Rows as people read them: one line each, whatever the cells hold, also in a spreadsheet. */
import { expect, test } from 'vitest'
import { tableOf } from './rows.ts'

test('a cell that a spreadsheet would run is text behind an apostrophe, and a number stays one', () => {
  const cells = [
    '=HYPERLINK("http://evil.test")',
    '+1+cmd',
    '-2+3',
    '@SUM(1)',
    '\t=1',
    ' =1',
    '-5',
    '+5',
    '1e-3',
    '-0.5',
    'a=b',
  ]
  const [, line = ''] = tableOf({ columns: cells.map((_, index) => `c${index}`), rows: [cells], more: false }).split(
    '\n',
  )
  expect(line.split('\t')).toEqual([
    '\'=HYPERLINK("http://evil.test")',
    "'+1+cmd",
    "'-2+3",
    "'@SUM(1)",
    "' =1",
    "' =1",
    '-5',
    '+5',
    '1e-3',
    '-0.5',
    'a=b',
  ])
})

test('a cell with line ends and tabs stays one cell of one line, a name of a column too', () => {
  expect(tableOf({ columns: ['=a\nb'], rows: [['x\r\ny\tz'], [null], [{ a: 1 }]], more: true })).toBe(
    `'=a b\nx y z\nNULL\n{"a":1}\n[... more than 1000 rows ...]\n`,
  )
})
