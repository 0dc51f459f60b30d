import { expect, test } from 'vitest'
import { keptBy, limitsField } from './limits.ts'

const kept = (limits: unknown, rows: Parameters<typeof keptBy>[0], environment = ''): ReturnType<typeof keptBy> =>
  keptBy(rows, limitsField.parse(limits), environment)

test('every column of every row keeps its limit, and the first that does not is said', () => {
  const limits = { stuck: '<= 0', lag: '>= 1s, < 10s' }
  expect(kept(limits, [{ stuck: 0, lag: 2.5, other: null }])).toEqual({
    outcome: 'passed',
    say: 'stuck 0 (<= 0); lag 2.5 (>= 1s, < 10s)',
  })
  expect(kept(limits, [{ stuck: 3, lag: 10 }])).toEqual({
    outcome: 'failed',
    say: 'stuck is 3, expected <= 0; lag is 10, expected >= 1s, < 10s',
  })
  expect(
    kept(limits, [
      { stuck: 0, lag: 2 },
      { stuck: 1, lag: 2 },
    ]).say,
  ).toBe('stuck of row 2 is 1, expected <= 0')
})

test('no row, no such column, NULL and text decide nothing', () => {
  for (const rows of [[], [{ other: 1 }], [{ stuck: null }], [{ stuck: '0' }], [{ stuck: 0 }, { stuck: null }]])
    expect(kept({ stuck: '<= 0' }, rows).outcome, JSON.stringify(rows)).toBe('inconclusive')
  expect(kept({ stuck: '<= 0', old: '< 5' }, [{ stuck: null, old: 9 }]).outcome).toBe('failed')
})

test('limits stand in an opening line, and differ between environments', () => {
  expect(limitsField.parse('stuck <= 0, lag >= 1s,lag < 10s')).toEqual({ stuck: '<= 0', lag: '>= 1s, < 10s' })
  const byPlace = { lag: { production: '< 10', else: '< 60' } }
  expect(kept(byPlace, [{ lag: 30 }], 'production').outcome).toBe('failed')
  expect(kept(byPlace, [{ lag: 30 }], 'staging').outcome).toBe('passed')
  expect(() => kept({ lag: { production: '< 10' } }, [{ lag: 1 }], 'staging')).toThrow(
    'limits.lag says nothing of staging',
  )
  for (const wrong of ['stuck', 'stuck = 0', { stuck: '0' }, { stuck: 'p95 < 3' }])
    expect(limitsField.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
})
