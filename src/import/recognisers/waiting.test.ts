/** Steps that only let time pass. */
import { describe, expect, test } from 'vitest'
import { knownTask } from './cases.ts'
import { waiting } from './waiting.ts'

describe('a wait', () => {
  test.for([
    ['Wait 30 minutes', '30m'],
    ['Then wait for at least 2 hours', '2h'],
    ['Let it bake for 1 day', '1d'],
    ['Pause for 45-60 s', '60s'],
  ] as const)('%s', ([words, time]) => {
    const found = knownTask(waiting, words)
    expect(found).toMatchObject({ kind: 'monitor-window', role: 'step' })
    expect(found?.proposal).toEqual({ block: `\`\`\`yaml wait\nfor: ${time}\n\`\`\``, risk: 'reads' })
  })

  test.for([
    'Wait for the build',
    'Waiting takes 30 minutes',
    'Wait until 2 people agree',
    'Pause the queue for 5 customers',
  ])('is none: %s', (words) => expect(knownTask(waiting, words)).toBeNull())
})
