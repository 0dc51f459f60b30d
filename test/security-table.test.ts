/** docs/security.md against the repository: every requirement has its row, and every test that it names is there. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)
const page = readFileSync(new URL('docs/security.md', root), 'utf8')
const rows = page
  .split('\n')
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
  .filter(([name]) => /^[SC]\d\d$/.test(name ?? ''))

function numbered(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`)
}

/** Files with the titles that a row names behind each. */
function namedIn(cells: readonly string[]): readonly (readonly [file: string, title: string])[] {
  return [...cells.join(' ').matchAll(/`([\w./-]+\.(?:test|contract)\.ts)`((?:,? “[^”]+”)+)/g)].flatMap(
    ([, file = '', titles = '']) => [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => [file, title] as const),
  )
}

test('there is a row for each requirement, and one for each class of weakness', () => {
  expect(rows.map(([name]) => name)).toEqual([...numbered('S', 48), ...numbered('C', 16)])
})

test('each row names a test, and says whether the requirement is met', () => {
  for (const [name, ...cells] of rows) {
    expect([name, namedIn(cells).length > 0]).toEqual([name, true])
    if (name?.startsWith('S')) expect([name, cells.at(-1)]).toEqual([name, expect.stringMatching(/^(met|not yet: \w)/)])
  }
})

test('each test that is named stands in that file', () => {
  const missing = rows.flatMap(([name, ...cells]) =>
    namedIn(cells)
      .filter(([file, title]) => !hasTitle(file, title))
      .map(([file, title]) => `${name}: ${file} “${title}”`),
  )
  expect(missing).toEqual([])
})

test('each file that is said to meet a requirement is there', () => {
  const files = rows.flatMap(([, ...cells]) =>
    [...cells.join(' ').matchAll(/`((?:src|scripts)\/[\w./-]+)`/g)].map(([, file = '']) => file),
  )
  expect(files.length).toBeGreaterThan(50)
  expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([])
})

function hasTitle(file: string, title: string): boolean {
  const at = new URL(file, root)
  return existsSync(at) && readFileSync(at, 'utf8').includes(title)
}
