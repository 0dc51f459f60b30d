/** docs/requirements.md against the repository: each requirement has its row, and each row a test that is there, or the reason why not. */
import { expect, test } from 'vitest'
import { missingTests, rowsOf, testsNamedIn } from './support/named-tests.ts'

const rows = rowsOf('docs/requirements.md', /^D\d\d$/)
const wanted = range(1, 74).map((number) => `D${String(number).padStart(2, '0')}`)

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

test('there is a row for each requirement', () => {
  expect(rows.map(([name]) => name)).toEqual(wanted)
})

test('each row names a test, or says in a sentence why there is none', () => {
  for (const [name, , shown = ''] of rows)
    expect([name, testsNamedIn([shown]).length > 0 || /^No test: .{40,}/.test(shown)]).toEqual([name, true])
})

test('each test that is named stands in that file', () => {
  expect(missingTests(rows)).toEqual([])
})
