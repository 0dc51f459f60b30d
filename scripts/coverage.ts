/** Writes docs/reference/coverage.md: `node scripts/coverage.ts`. A test says when the page is stale, or names what is not there. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Capability } from './capabilities/capability.ts'
import { looking } from './capabilities/looking.ts'
import { moving } from './capabilities/moving.ts'

export const coveragePage = join(import.meta.dirname, '..', 'docs', 'reference', 'coverage.md')

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
    '| | what is needed | how it is said | shown by |',
    '|---|---|---|---|',
    ...capabilities.map(
      ({ id, what, by, tests }) =>
        `| ${id} | ${what} | ${by.map((word) => `\`${word}\``).join(', ') || '–'} | ${shownBy(tests) || 'Not there yet'} |`,
    ),
    '',
  ].join('\n')
}

function shownBy(tests: readonly (readonly [file: string, title: string])[]): string {
  return tests.map(([file, title]) => `\`${file}\` “${title}”`).join('; ')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(dirname(coveragePage), { recursive: true })
  writeFileSync(coveragePage, renderCoverage())
}
