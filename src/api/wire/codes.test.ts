import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allCodes, exitOf, isCode, statusOf } from './codes.ts'

test('docs/api.md lists every code with its status and exit code', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8')
  const listed = [...page.matchAll(/^\| `([a-z-]+)` \| \d+ \| \d+ \|$/gm)].map(([line]) => line)
  expect(listed).toEqual(allCodes.map((code) => `| \`${code}\` | ${statusOf(code)} | ${exitOf(code)} |`))
})

test('no refusal of a rule is a fault of ours, and no bug is told as a no', () => {
  expect(exitOf('bug')).toBe(4)
  expect(exitOf('self-approval')).toBe(1)
  expect(exitOf('does-not-compile')).toBe(2)
})

test('a word of a newer engine, or a member of every object, is no code', () => {
  expect(isCode('stale-view')).toBe(true)
  expect(isCode('something-new')).toBe(false)
  expect(isCode('constructor')).toBe(false)
})
