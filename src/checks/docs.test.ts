import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckResult } from '../core/ports/check.ts'
import { docs } from './docs.ts'
import { readPage } from './docs-text/page.ts'
import { variablesIn } from './docs-text/variables.ts'
import { runCheck } from './parts/powers.fixture.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'holdpoint-docs-')))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function put(name: string, text: string): void {
  mkdirSync(join(root, dirname(name)), { recursive: true })
  writeFileSync(join(root, name), text)
}

beforeAll(() => {
  put(
    'README.md',
    '# Shop\n\n[Docs](docs/a.md) [Setup](docs/a.md#set-up) [here](#shop) [web](https://example.com/x) ![logo](logo.png)\n',
  )
  put('logo.png', 'x')
  put(
    'docs/a.md',
    '# A\n\n## Set up\n\nSet `PORT`.\n\n## Empty\n\n## Set up\n\n[back](../README.md) [twice](#set-up-1)\n',
  )
  put('CHANGELOG.md', '# Changelog\n\n## [1.4.0] - 2026-11-20\n\n- news\n\n## 1.3.9\n')
  put('docs/bad.md', '[gone](b.md) [no](a.md#gone) [out](../../x.md) [spaces](with%20space.md)\n')
  put('docs/with space.md', 'x\n')
  put('empty.md', '\n')
  put('src/main.ts', "const port = process.env.PORT\nconst db = process.env['DATABASE_URL']\n")
})

const check = (config: Readonly<Record<string, unknown>>, version = '1.4.0'): Promise<CheckResult> =>
  runCheck(docs as never, config, { root, variables: { version } })

test('pages that are there and not empty pass, and what is missing or empty is named', async () => {
  expect((await check({ files: ['README.md', 'docs/*.md'] })).outcome).toBe('passed')
  expect((await check({ files: ['gone.md', 'empty.md', 'x/*.md'] })).say).toBe(
    'there is no gone.md; empty.md is empty; there is no x/*.md',
  )
})

test('a section is there and something stands under it', async () => {
  expect((await check({ sections: { 'CHANGELOG.md': ['{{ version }}'] } })).outcome).toBe('passed')
  expect((await check({ sections: { 'CHANGELOG.md': ['{{ version }}'] } }, 'v1.4.0')).outcome).toBe('passed')
  expect((await check({ sections: { 'CHANGELOG.md': ['{{ version }}'] } }, '1.4')).say).toBe(
    'CHANGELOG.md has no section "1.4"',
  )
  expect((await check({ sections: { 'CHANGELOG.md': ['1.3.9'] } })).say).toBe(
    'CHANGELOG.md:7 nothing stands under "1.3.9"',
  )
  expect((await check({ sections: { 'docs/a.md': ['Empty'] } })).say).toBe('docs/a.md:7 nothing stands under "Empty"')
})

test('links lead to files and headings that are there; what leads elsewhere is not asked', async () => {
  expect(await check({ links: ['README.md', 'docs/a.md'] })).toMatchObject({ outcome: 'passed', facts: { links: 6 } })
  expect((await check({ links: ['docs/bad.md'] })).say).toBe(
    'docs/bad.md:1 b.md: there is no such file; docs/bad.md:1 a.md#gone: there is no such heading; docs/bad.md:1 ../../x.md: it leads out of the repository',
  )
})

test('each environment variable that the code reads is named as a word of its own', async () => {
  const variables = { code: ['src/**/*.ts'], 'named-in': ['docs/a.md'] }
  expect((await check({ variables })).say).toBe('src/main.ts reads DATABASE_URL, which is not documented')
  expect((await check({ variables: { ...variables, except: ['DATABASE_URL'] } })).outcome).toBe('passed')
  expect((await check({ variables: { code: ['lib/**'], 'named-in': ['docs/a.md'] } })).say).toBe(
    'there is no file lib/**',
  )
  const none = await check({ variables: { code: ['docs/a.md'], 'named-in': ['docs/a.md'] } })
  expect(none).toMatchObject({
    outcome: 'errored',
    say: 'nothing in docs/a.md reads an environment variable in a way that is known here, so nothing was compared',
  })
})

test.each([
  ['os.environ["A_B"]; os.environ.get("C_D"); os.getenv("E_F")', ['A_B', 'C_D', 'E_F']],
  ['std::env::var("A_B")', ['A_B']],
  ['os.Getenv("A_B") os.LookupEnv("C_D")', ['A_B', 'C_D']],
  ['System.getenv("A_B")', ['A_B']],
  ["ENV['A_B'] ENV.fetch('C_D')", ['A_B', 'C_D']],
  ['import.meta.env.VITE_X', ['VITE_X']],
  ['const { A_B, C_D: other, E_F = "x" } = process.env', ['A_B', 'C_D', 'E_F']],
  ['Environment.GetEnvironmentVariable("A_B")', ['A_B']],
  ['System.fetch_env!("A_B") System.get_env("C_D")', ['A_B', 'C_D']],
  ['Deno.env.get("A_B")', ['A_B']],
  ['environment.A_B', []],
])('variables of %s', (code, names) => {
  expect([...variablesIn(code)].toSorted()).toEqual(names)
})

test('anchors are those of code hosts, numbered where a heading comes again, and those that a page sets itself', () => {
  const { headings, anchors } = readPage('# What’s new? `x`\n\ntext\n\n# A\n\n## A\n\n<a name="own"></a>\n')
  expect(headings.map(({ anchor, isFilled }) => [anchor, isFilled])).toEqual([
    ['whats-new-x', true],
    ['a', true],
    ['a-1', true],
  ])
  expect(anchors.has('own')).toBe(true)
})
