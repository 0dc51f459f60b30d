/** Time that passes needs nobody; things that are waited for do. */
import { describe, expect, test } from 'vitest'
import { task } from './cases.ts'

test.for([
  ['Wait 30 minutes', '30m'],
  ['Wait for at least 2 hours before going on', '2h'],
  ['Wait 10-15 min', '15m'],
  ['Let it bake for 1 day', '1d'],
  ['Pause for 45 seconds', '45s'],
] as const)('%s', ([words, time]) => {
  expect(task(words)).toMatchObject({ proposal: { block: `\`\`\`yaml wait\nfor: ${time}\n\`\`\``, risk: 'reads' } })
})

describe('stays with a person', () => {
  test.for([
    'Wait for CI to pass',
    'Wait until the 3 images are built',
    'Waiting list has 30 people',
    'Wait for pods (30 seconds)',
  ])('%s', (words) => expect(task(words).proposal?.block ?? '').not.toContain('yaml wait'))
})
