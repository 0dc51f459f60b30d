/** When changes are allowed, and when not. */
import { describe, expect, test } from 'vitest'
import { known, knownTask } from './cases.ts'
import { changeWindow } from './change-window.ts'

describe('a time for changes', () => {
  test.for([
    ['No deployments on Fridays', { operator: 'not-in', value: ['fridays'], eves: false }],
    [
      'Never release before a holiday or on weekends',
      { operator: 'not-in', value: ['holiday', 'weekends'], eves: true },
    ],
    ['Release on Tuesday before noon', { operator: 'in', value: ['tuesday'] }],
    ['Deploy during low-traffic hours', { operator: 'in', value: 'low-traffic' }],
    ['Code freeze is in effect', { operator: 'eq', value: 0 }],
    ['One deployment at a time', { operator: 'le', value: 1 }],
    ['No two services are deployed at once', { operator: 'le', value: 1 }],
  ] as const)('%s', ([words, params]) =>
    expect(knownTask(changeWindow, words)).toMatchObject({ kind: 'change-freeze', role: 'step', params }),
  )

  test('in a plain list beside boxes is a rule', () => {
    expect(known(changeWindow, '- [ ] Ship\n\nRules:\n\n- Do not deploy on Fridays\n', 5)).toMatchObject({
      role: 'rule',
    })
  })

  test.for([
    'The freezer works',
    'Meet on Monday',
    'Traffic is low',
    'Friday is a good day',
    'Deploy the two services',
  ])('is not meant by: %s', (words) => expect(knownTask(changeWindow, words)).toBeNull())
})
