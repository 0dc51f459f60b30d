/** What GitHub knows is asked of it, where the document is on GitHub and says what is asked. */
import { describe, expect, test } from 'vitest'
import { seen } from './cases.ts'

const onGithub = (words: string): string => `Our code is on GitHub; we tag with \`git tag vX.Y.Z\`.\n\n- [ ] ${words}\n`

describe('is asked', () => {
  test.for([
    ['All GitHub Actions CI checks passing (lint, test)', 'checks: all'],
    ['All tests pass in CI', 'checks: all'],
    ['CI is green', 'checks: all'],
    ['`Release Gates` GitHub workflow passes', 'workflows: [Release Gates]'],
    ['All tests pass in the "Nightly 2" workflow', 'workflows: [Nightly 2]'],
    ['All changes merged via pull requests', 'since: v{{ previous }}'],
    ['All PRs reviewed and approved', 'since: v{{ previous }}\napprovals: 1'],
    ['Code review completed and approved', 'approvals: 1'],
    ['All issues of the milestone are closed', 'milestone: "{{ input.github_milestone }}"'],
    ['No open issues tagged `block-release`', 'nothing-open: [block-release]'],
    ['Release notes published (GitHub Releases)', 'release: v{{ version }}'],
  ] as const)('%s', ([words, part]) => {
    const { proposal } = seen(onGithub(words), 3)
    expect(proposal).toMatchObject({ risk: 'reads', block: expect.stringContaining(part) })
    expect(proposal?.needs).toEqual(expect.arrayContaining(['github_owner', 'github_repository']))
  })
})

test.for([
  ['Publish release notes (GitHub Releases)', 'kind: github-release'],
  ['Publish images from the `Deploy Production` workflow', 'workflow: "{{ input.deploy_production_workflow }}"'],
] as const)('is done, and others see it: %s', ([words, part]) => {
  const { proposal } = seen(onGithub(words), 3)
  expect(proposal).toMatchObject({ risk: 'changes', block: expect.stringMatching(/^```yaml run danger\n/) })
  expect(proposal?.block).toContain(part)
})

test.for([
  'All CI checks on the PR are passing',
  'CI is green for the last 5 commits',
  'All tests pass in the "Nightly 2" workflow, in the last 24 hours',
  'CI passes on Jenkins',
  'Wait for CI to pass',
  'Release workflow runs successfully',
  'Milestones are reviewed',
  'Draft release notes published as a gist',
])('stays with a person: %s', (words) => expect(seen(onGithub(words), 3).proposal).toBeNull())

test('without a word of GitHub, or beside another host for code, nobody knows whom to ask', () => {
  expect(seen('- [ ] All CI/CD checks passing\n', 1).proposal).toBeNull()
  expect(seen('We moved from GitHub to GitLab.\n\n- [ ] All CI checks passing\n', 3).proposal).toBeNull()
})

test('a link to a workflow says whose it is and which', () => {
  const link = '[Nightly](https://github.com/acme/shop/actions/workflows/nightly.yml?query=branch%3Amain)'
  expect(seen(`- [ ] All tests pass in ${link}\n`, 1).proposal).toMatchObject({
    needs: [],
    block: expect.stringContaining('repository: acme/shop\nworkflows: [nightly.yml]'),
  })
})
