/** Reports and files that a step names are read; what is to be written, and what has a hole in it, is not. */
import { describe, expect, test } from 'vitest'
import { task } from './cases.ts'

describe('is checked', () => {
  test.for([
    ['Tests pass (`out/junit.xml`)', 'kind: report\nformat: junit\npath: out/junit.xml'],
    ['No failures in `build/test-results/*.xml`', 'path: "build/test-results/*.xml"'],
    ['`reports/junit.xml` is green and less than 2 hours old', 'newer-than: 2h'],
    ['Coverage is at least 75% (`lcov.info`)', 'format: lcov\npath: lcov.info\nlines: "75%"'],
    ['Coverage above 75% (`build/jacoco.xml`)', 'check expect="lines_percent > 75"\nkind: report\nformat: jacoco'],
    ['Coverage above 75%: `coverage/coverage-summary.json`', "jq -e '.total.lines.pct > 75'"],
    ['No findings in `scan.sarif`', 'format: sarif\npath: scan.sarif\nmax: { critical: 0, high: 0, medium: 0,'],
    ['No high vulnerabilities in `out/trivy-api.json`', 'format: trivy\npath: out/trivy-api.json\n```'],
    ['`NEWS.md` has an entry for the new version', 'kind: version\nmentioned: [NEWS.md]'],
    ['`package.json` names the version', 'contains: "{{ version }}"'],
    ['`dist/app.zip` exists', 'kind: file\npath: dist/app.zip'],
    ['`dist/app.zip` is present and not empty', 'min-size: 1'],
    ['`dump.sql` is less than 30 minutes old', 'kind: backup\nfiles: dump.sql\nnewer-than: 30m'],
    ['`feed.json` is less than 30 minutes old', 'kind: file\npath: feed.json\nnewer-than: 30m'],
    ['The plan [is there](docs/plan.md)', 'path: docs/plan.md'],
  ] as const)('%s', ([words, part]) => {
    expect(task(words).proposal).toMatchObject({ risk: 'reads', block: expect.stringContaining(part) })
  })
})

describe('stays with a person', () => {
  test.for([
    'Edit `config/app.yaml`',
    'Add an entry for the new version to `NEWS.md`',
    'Create `dist/app.zip` if it exists nowhere',
    'Coverage is reported in `lcov.info`',
    'Tests are described in `tests.xml`',
    'The file `../other/app.zip` exists',
    'The file `/etc/app.conf` exists',
    'The file `<name>.zip` exists',
    'The module `app.main` exists',
  ])('%s', (words) =>
    expect(task(words).proposal?.block ?? '').not.toMatch(/kind: (?:file|report|version|backup)|awk|jq/),
  )
})
