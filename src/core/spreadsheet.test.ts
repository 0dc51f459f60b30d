/** What a spreadsheet is given. */
import { expect, test } from 'vitest'
import { csvLine, notFormula } from './spreadsheet.ts'

test.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1+1', '\u0000=1'])(
  'a cell that would run is text behind an apostrophe: %j',
  (text) => {
    expect(notFormula(text)).toBe(`'${text}`)
  },
)

test.each(['-3', '+4.5', '-1e9', 'ana', 'a=b', ''])('a number and plain words stay what they are: %j', (text) => {
  expect(notFormula(text)).toBe(text)
})

test('quotes, commas and line breaks stay within their cell', () => {
  expect(csvLine(['a,b', 'say "no"', 'one\ntwo', '=HYPERLINK("x")'])).toBe(
    '"a,b","say ""no""","one\ntwo","\'=HYPERLINK(""x"")"\r\n',
  )
})
