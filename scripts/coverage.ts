/** Writes docs/reference/coverage.md: `node scripts/coverage.ts`. A test says when the page is stale, or names what is not there. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Capability } from './capabilities/capability.ts'
import { looking } from './capabilities/looking.ts'
import { moving } from './capabilities/moving.ts'
import { marksOf } from '../test/mission/marks.ts'

export const coveragePage = join(import.meta.dirname, '..', 'docs', 'reference', 'coverage.md')

const mission = join(import.meta.dirname, '..', 'test', 'mission')

export const capabilities: readonly Capability[] = [...looking, ...moving]

export function renderCoverage(): string {
  return [
    '# What a checklist needs, and how it is said',
    '',
    '<!-- Written by scripts/coverage.ts from scripts/capabilities. Edit that, then run `node scripts/coverage.ts`. -->',
    '',
    'Sixty-eight things that release checklists of real teams ask for; the blocks, kinds and settings that do them; and a test that',
    'shows each. [language.md](../language.md) explains the words, [checks.md](../checks.md) every kind with its settings.',
    '',
    `Five teams' own checklists ask for ${written().size + absent()} things that a machine can do whole. ${written().size} of ${written().size + absent()} are written as a short block each,`,
    'in checklists that compile: [test/mission](../../test/mission).',
    '',
    '| | what is needed | how it is said | shown by |',
    '|---|---|---|---|',
    ...capabilities.map(
      ({ id, what, by, tests }) =>
        `| ${id} | ${what} | ${by.map((word) => `\`${word}\``).join(', ') || '–'} | ${shownBy(tests) || 'Not there yet'} |`,
    ),
    '',
  ].join('\n')
}

function written(): ReadonlySet<string> {
  const files = readdirSync(mission).filter((name) => name.endsWith('.md'))
  return new Set(files.flatMap((file) => marksOf(readFileSync(join(mission, file), 'utf8')).map(({ id }) => id)))
}

/** Those that no block says yet. */
function absent(): number {
  const files = readdirSync(join(mission, 'absent')).map((name) => readFileSync(join(mission, 'absent', name), 'utf8'))
  return files.reduce((count, text) => count + Object.keys(JSON.parse(text) as object).length, 0)
}

function shownBy(tests: readonly (readonly [file: string, title: string])[]): string {
  return tests.map(([file, title]) => `\`${file}\` “${title}”`).join('; ')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(dirname(coveragePage), { recursive: true })
  writeFileSync(coveragePage, renderCoverage())
}
