/** docs/security.md against the repository: every requirement has its row, and every test that it names is there. */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { missingTests, rowsOf, testsNamedIn } from './support/named-tests.ts'

const root = new URL('../', import.meta.url)
const rows = rowsOf('docs/security.md', /^[SC]\d\d$/)

function numbered(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`)
}

test('there is a row for each requirement, and one for each class of weakness', () => {
  expect(rows.map(([name]) => name)).toEqual([...numbered('S', 48), ...numbered('C', 16)])
})

test('each row names a test, and says whether the requirement is met', () => {
  for (const [name, ...cells] of rows) {
    expect([name, testsNamedIn(cells).length > 0]).toEqual([name, true])
    if (name?.startsWith('S')) expect([name, cells.at(-1)]).toEqual([name, expect.stringMatching(/^(met|not yet: \w)/)])
  }
})

test('each test that is named stands in that file', () => {
  expect(missingTests(rows)).toEqual([])
})

test('each file that is said to meet a requirement is there', () => {
  const files = rows.flatMap(([, ...cells]) =>
    [...cells.join(' ').matchAll(/`((?:src|scripts)\/[\w./-]+)`/g)].map(([, file = '']) => file),
  )
  expect(files.length).toBeGreaterThan(50)
  expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([])
})
