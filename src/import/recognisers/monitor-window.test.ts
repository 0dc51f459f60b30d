/** Watching for a time. */
import { describe, expect, test } from 'vitest'
import { known, knownTask } from './cases.ts'
import { monitorWindow } from './monitor-window.ts'

describe('a time to watch', () => {
  test.for([
    ['Monitor for 45 minutes', { for: { value: 45, unit: 'min' } }],
    ['Watch the dashboards for 2 hours', { for: { value: 2, unit: 'h' } }],
    ['Closely observe the queue for 30-40 minutes', { for: { value: 40, unit: 'min' } }],
    ['Keep an eye on mails for 1 day', { for: { value: 1, unit: 'd' } }],
    ['Monitor the metrics during the rollout', {}],
  ] as const)('%s', ([words, params]) =>
    expect(knownTask(monitorWindow, words)).toMatchObject({ kind: 'monitor-window', role: 'step', params }),
  )

  test.for([
    ['Soon after (0-20 minutes)', { operator: 'between', value: [0, 20], unit: 'min' }],
    ['First 24 hours', { unit: 'h' }],
  ] as const)('a heading: %s', ([title, params]) =>
    expect(known(monitorWindow, `## ${title}\n`, 1)).toMatchObject({ role: 'rule', params }),
  )

  test.for(['Buy a monitor', 'Monitor errors', 'The watch is repaired in 2 days', 'Wait 30 minutes'])(
    'is none: %s',
    (words) => expect(knownTask(monitorWindow, words)).toBeNull(),
  )

  test.for(['1-2 days before', 'Build 7', 'First release'])('a heading is none: %s', (title) =>
    expect(known(monitorWindow, `## ${title}\n`, 1)).toBeNull(),
  )
})
