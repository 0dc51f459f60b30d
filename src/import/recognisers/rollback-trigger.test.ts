/** What makes a release turn back. */
import { describe, expect, test } from 'vitest'
import { known } from './cases.ts'
import { rollbackTrigger } from './rollback-trigger.ts'

const listed = (line: string, heading: string, lead = ''): string => `# R\n\n## ${heading}\n\n${lead}\n\n- ${line}\n`

describe('a reason to turn back', () => {
  test.for([
    ['Errors over 4%', 'When to roll back', '', 'rollback', null],
    ['Money is lost', 'Rollback triggers', '**Immediate rollback (P1)**:', 'rollback', 'P1'],
    ['Slow pages', 'Rollback triggers', '**Consider rollback (P2)**:', 'ask', 'P2'],
    ['Data is damaged', 'Abort criteria', '', 'rollback', null],
  ] as const)('%s, below %s %s', ([line, heading, lead, action, severity]) =>
    expect(known(rollbackTrigger, listed(line, heading, lead), 7)).toMatchObject({
      kind: 'rollback-trigger',
      role: 'rule',
      params: { action, severity },
    }),
  )

  test('a sentence that says so, before its steps', () => {
    expect(known(rollbackTrigger, 'If any problems show up:\n', 1)).toMatchObject({ kind: 'rollback-trigger' })
  })

  test.for([
    ['Put the image back', 'Rollback steps'],
    ['Errors over 4%', 'Numbers'],
    ['Wait for the lead', 'When to go on'],
  ] as const)('is none: %s, below %s', ([line, heading]) =>
    expect(known(rollbackTrigger, listed(line, heading), 7)).toBeNull(),
  )

  test('a task is something to do, and none', () => {
    expect(known(rollbackTrigger, '## When to roll back\n\n- [ ] Errors over 4%\n', 3)).toBeNull()
  })
})
