/** What nobody else knows is for a person, and keeps what its words say. */
import { describe, expect, test } from 'vitest'
import { known, knownTask, task } from './cases.ts'
import { statement } from './statement.ts'

describe('a statement', () => {
  test.for([
    ['Buy flowers', {}],
    ['Notes are written (for major releases)', { when: 'version.matches("^v?[0-9]+[.]0[.]0$")' }],
    ['Try the mobile app (if applicable)', { condition: 'if applicable' }],
    ['Deployed to staging', { environment: 'staging' }],
    ['A new worker starts in less than 3 minutes', { operator: 'lt', value: 3, unit: 'min' }],
  ] as const)('%s', ([words, params]) =>
    expect(knownTask(statement, words)).toMatchObject({ kind: 'manual', role: 'step', params, proposal: null }),
  )

  test('gives way to everybody who knows more', () => {
    expect(task('All unit tests pass')).toMatchObject({ kind: 'report' })
    expect(task('Buy flowers')).toMatchObject({ kind: 'manual', state: 'manual' })
  })

  test.for([
    ['a heading', '# Buy flowers\n', 1],
    ['a sentence', 'Buy flowers\n', 1],
    ['only a link', '- [Flowers](https://flowers.example)\n', 1],
    ['a bullet beside boxes', '- [ ] a\n\nAlso:\n\n- Buy flowers\n', 5],
    ['a quotation', '> - [ ] Buy flowers\n', 1],
  ] as const)('is not %s', ([, text, line]) => expect(known(statement, text, line)).toBeNull())
})
