/** Steps that take a release back, told from steps that prepare for it. */
import { describe, expect, test } from 'vitest'
import { known, knownTask } from './cases.ts'
import { rollbackStep } from './rollback-step.ts'

describe('a step back', () => {
  test.for([
    ['Put the old image back', 'Rollback'],
    ['Tell support', 'Rolling back'],
    ['Restore the database', 'Emergency rollback procedure'],
    ['Revert the merge', 'How to revert'],
  ] as const)('%s, below %s', ([words, heading]) =>
    expect(knownTask(rollbackStep, words, heading)).toMatchObject({ kind: 'rollback-step', role: 'step' }),
  )

  test('of one way names it', () => {
    const text = '## Rollback\n\n- [ ] If rollback:\n  - [ ] Put the old image back\n'
    expect(known(rollbackStep, text, 4)).toMatchObject({ params: { branch: 'rollback' } })
  })

  test.for([
    ['Old image is kept', 'Rollback preparation'],
    ['Old image is kept', 'Rollback plan'],
    ['Who decides is agreed', 'Rollback criteria'],
    ['Put the old image back', 'Before'],
    ['If hotfix: patch it', 'Rollback'],
  ] as const)('is none: %s, below %s', ([words, heading]) => expect(knownTask(rollbackStep, words, heading)).toBeNull())
})
