/** Files that a step names: reports, and files that must be there or young. */
import { describe, expect, test } from 'vitest'
import { knownTask } from './cases.ts'
import { namedFile } from './named-file.ts'

describe('a file that a step names', () => {
  test.for([
    ['All tests pass (`reports/junit.xml`)', 'report', 'kind: report\nformat: junit\npath: reports/junit.xml'],
    ['Coverage is at least 80 % (`coverage/coverage-summary.json`)', 'report', "jq -e '.total.lines.pct >= 80'"],
    ['No findings in `scan.sarif`', 'report', 'jq -e'],
    ['`backup/shop.dump` is less than 2 hours old', 'file-freshness', 'path: backup/shop.dump\nnewer-than: 2h'],
    ['`dist/shop.js` exists', 'command', 'kind: file\npath: dist/shop.js'],
    ['`CHANGELOG.md` has an entry for this version', 'command', 'contains: "{{ version }}"'],
  ] as const)('%s', ([words, kind, block]) => {
    const found = knownTask(namedFile, words)
    expect(found).toMatchObject({ kind, role: 'step', proposal: { risk: 'reads' } })
    expect(found?.proposal?.block).toContain(block)
  })

  test.for([
    'Edit `config.yaml`',
    'Read `docs/release.md`',
    '`../secrets.env` exists',
    'Tests pass',
    '`report.xml` is sent to the customer',
    'Delete `old.txt` if it exists',
  ])('is not asked: %s', (words) => expect(knownTask(namedFile, words)).toBeNull())
})
