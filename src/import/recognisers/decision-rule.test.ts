/** Rules that people decide by. */
import { describe, expect, test } from 'vitest'
import { known, knownTask } from './cases.ts'
import { decisionRule } from './decision-rule.ts'

describe('a rule to decide by', () => {
  test.for([
    ['PROCEED: all numbers are calm', 'proceed'],
    ['**Go** - nobody objects', 'proceed'],
    ['Hold: one number is odd', 'hold'],
    ['Rollback: two numbers are bad', 'rollback'],
    ['No-go: an incident is open', 'rollback'],
  ] as const)('%s', ([line, consequence]) =>
    expect(known(decisionRule, `## Decide\n\n- ${line}\n`, 3)).toMatchObject({ role: 'rule', params: { consequence } }),
  )

  test.for([
    ['**Go/No-Go**:', 1],
    ['All boxes must be checked.', 1],
    ['Complete all sections before promoting to production.', 1],
    ['Applies to: every release', 1],
    ['## Mobile (if applicable)', 1],
    ['## Schema (only for major releases)', 1],
  ] as const)('%s', ([line, at]) =>
    expect(known(decisionRule, `${line}\n`, at)).toMatchObject({ kind: 'decision-rule', role: 'rule' }),
  )

  test('a step at which somebody decides', () => {
    expect(knownTask(decisionRule, 'Go/no-go meeting held')).toMatchObject({ kind: 'decision-rule', role: 'step' })
    expect(knownTask(decisionRule, 'Rollback criteria are agreed')).toMatchObject({ role: 'step' })
  })

  test('what is never and what is always done', () => {
    const list = (heading: string): string => `- [ ] a\n\n## ${heading}\n\n- Skip the tests\n`
    expect(known(decisionRule, list('Don’t'), 5)).toMatchObject({ params: { operator: 'eq', value: 'false' } })
    expect(known(decisionRule, list('Best practices'), 5)).toMatchObject({ params: { severity: 'blocker' } })
  })

  test.for([
    'Go to the status page',
    'Proceed to the next section',
    'The decider is on holiday',
    'Stop the old workers',
  ])('is not meant by: %s', (words) => expect(knownTask(decisionRule, words)).toBeNull())
})
