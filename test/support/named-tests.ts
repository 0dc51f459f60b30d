/** Pages that name tests: which files and titles a table says, and whether they are there. */
import { existsSync, readFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url)

/** The cells of each row whose first one looks like this. */
export function rowsOf(page: string, first: RegExp): readonly (readonly string[])[] {
  return readFileSync(new URL(page, root), 'utf8')
    .split('\n')
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
    .filter(([name]) => first.test(name ?? ''))
}

/** Files with the titles that a row names behind each. */
export function testsNamedIn(cells: readonly string[]): readonly (readonly [file: string, title: string])[] {
  return [...cells.join(' ').matchAll(/`([\w./-]+\.(?:test|contract)\.ts)`((?:,? “[^”]+”)+)/g)].flatMap(
    ([, file = '', titles = '']) => [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => [file, title] as const),
  )
}

/** As `row: file “title”`, for each that is nowhere. */
export function missingTests(rows: readonly (readonly string[])[]): readonly string[] {
  return rows.flatMap(([name, ...cells]) =>
    testsNamedIn(cells)
      .filter(([file, title]) => !hasTitle(file, title))
      .map(([file, title]) => `${name}: ${file} “${title}”`),
  )
}

function hasTitle(file: string, title: string): boolean {
  const at = new URL(file, root)
  return existsSync(at) && readFileSync(at, 'utf8').includes(title)
}
