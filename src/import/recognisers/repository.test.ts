/** What the repository says by itself: only where the words name what is asked, and nothing is left to guess. */
import { expect, test } from 'vitest'
import { seen, task } from './cases.ts'

test.for([
  ['No uncommitted changes in the working directory', 'kind: git\nclean: true'],
  ['All changes committed', 'kind: git\nclean: true'],
  ['No unresolved merge conflicts', 'no-conflict-markers: true'],
  ['On the `release/1.x` branch', 'branch: "release/1\\\\.x"'],
  ['Up to date with origin/main', 'up-to-date-with: origin/main'],
  ['`CHANGELOG.md` updated', 'changed-since: "{{ input.previous_tag }}"\nchanged: [CHANGELOG.md]'],
  ['Version bumped in `web/package.json` and Cargo.toml', 'kind: version\nfiles: [web/package.json, Cargo.toml]'],
  ['Make sure that all changes are committed', 'kind: git\nclean: true'],
  ['Update the version in `src/shop/_version.py`', 'kind: version\nmentioned: [src/shop/_version.py]'],
  ['Update the version number of `api/openapi.yaml`', 'kind: version\nfiles: [api/openapi.yaml]'],
  ['Tag matches the version in `pyproject.toml`', 'kind: version\nfiles: [pyproject.toml]'],
  ['Version follows Semantic Versioning', '```yaml check\nkind: version\n```'],
] as const)('%s', ([words, part]) => {
  expect(task(words)).toMatchObject({ kind: 'git', proposal: { risk: 'reads', block: expect.stringContaining(part) } })
})

test('tags are written as the commands of the document write them', () => {
  const text = '- [ ] CHANGELOG.md is updated\n- [ ] Tag it: `git tag vX.Y.Z`\n'
  expect(seen(text, 1).proposal?.block).toContain('changed-since: v{{ previous }}')
  expect(seen(`${text}- [ ] Later: \`git push origin 2.4.1\`\n`, 1).proposal?.block).toContain('input.previous_tag')
})

test.for([
  'Are all changes committed?',
  'Update `CHANGELOG.md`',
  'The changelog is updated',
  'On the correct branch (usually `main`)',
  'Set the version in `package.json` back to the next development version',
  'Version updated in the docs',
  'Update the known working Rust version in `Cargo.toml`',
  'Update supported versions in `SECURITY.md`',
  'Create a PR that bumps the version in `package.json`',
  'Check out the branch and see that you have a clean working directory',
  'Consult `docs/VERSIONING.md` and determine the version',
  'Changes committed to the main branch',
])('stays with a person: %s', (words) => expect(task(words).proposal).toBeNull())
