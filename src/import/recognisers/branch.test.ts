/** Of several ways on, only one is taken. */
import { describe, expect, test } from 'vitest'
import { branch } from './branch.ts'
import { known } from './cases.ts'

const withSteps = (words: string): string => `# R\n\n- [ ] ${words}\n  - [ ] First\n  - [ ] Second\n`

describe('one of several ways', () => {
  test.for([
    ['If rollback:', 'rollback'],
    ['If a hotfix is needed:', 'hotfix'],
    ['**In case of an outage**', 'outage'],
    ['When data loss:', 'data loss'],
  ] as const)('%s', ([words, name]) =>
    expect(known(branch, withSteps(words), 3)).toMatchObject({
      alsoKinds: ['decision-rule'],
      params: { branch: name },
    }),
  )

  test.for([
    'Roll back if needed',
    'Iffy tests are quarantined',
    'Whenever possible, pair up and talk it through, all day',
  ])('is not meant by: %s', (words) => expect(known(branch, withSteps(words), 3)).toBeNull())

  test('is only what holds steps', () => expect(known(branch, '- [ ] If rollback:\n', 1)).toBeNull())
})
