/** Who has to agree: how many, in which role, and where name, date and signature stand below. */
import { describe, expect, test } from 'vitest'
import { approval, roleName } from './approval.ts'
import { known, knownTask } from './cases.ts'

describe('an approval', () => {
  test.for([
    ['Approved by at least 2 engineers', { count: 2, role: 'engineer', not: 'author' }],
    ['Code review: minimum of 3 reviewers', { count: 3, role: null }],
    ['Two approvals from maintainers', { count: 2, role: null }],
    ['Change signed off by two leads', { count: 2, role: 'lead' }],
    ['All PRs approved by two people', { count: 2, role: null }],
    ['Approved by two other engineers', { count: 2, role: 'engineer' }],
  ] as const)('of several people: %s', ([words, params]) =>
    expect(knownTask(approval, words)).toMatchObject({ kind: 'approval-n', role: 'step', params }),
  )

  test.for([
    ['QA sign-off received', 'qa'],
    ['Sign-off from the product owner', 'product-owner'],
    ['Security team approval', 'security-team'],
    ['**Engineering manager approval obtained**', 'engineering-manager'],
  ] as const)('of one role: %s', ([words, role]) => {
    const found = knownTask(approval, words)
    expect(found).toMatchObject({ kind: 'approval', params: { role, count: 1 } })
    expect(found?.proposal).toEqual({ block: `\`\`\`yaml approve\nrole: ${role}\n\`\`\``, risk: 'reads' })
  })

  test('with name and date below it stays one step', () => {
    const text = '# R\n\n- [ ] Release manager\n  - Name: ____\n  - Date: ____\n'
    expect(known(approval, text, 3)).toMatchObject({
      kind: 'approval',
      role: 'step',
      params: { role: 'release-manager' },
    })
  })

  test.for([
    'The approval process is described',
    'Approved within 3 days',
    'Review the changelog',
    'Two engineers are on call',
    'Approved',
  ])('is not meant by: %s', (words) => expect(knownTask(approval, words)).toBeNull())
})

test('a role becomes a name of the plan', () => {
  expect(['Security (if applicable)', 'QA / Ops', '4th line', '職'].map(roleName)).toEqual([
    'security',
    'qa-ops',
    'role-4th-line',
    'approver',
  ])
})
