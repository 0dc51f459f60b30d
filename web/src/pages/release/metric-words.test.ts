/** Every number stands beside its limits, and no limit twice. */
import { expect, test } from 'vitest'
import type { MetricView } from '../../../../src/api/wire/web.ts'
import { limitsBeside, sayOf } from './metric-words.ts'

const metric = (say: string): MetricView =>
  ({ say, zone: 'hold', limits: { go: '< 5%', rollback: '> 8%', versusStable: 'p95 +20%' } }) as unknown as MetricView

test('limits that the sentence does not name stand behind it', () => {
  expect(limitsBeside(metric('errors 0.15 % · stable 0.05 %'))).toBe(
    ' · go < 5% · rollback > 8% · versus stable p95 +20%',
  )
})

test('a limit that the sentence names, in its own words or as it was written, is not said twice', () => {
  expect(limitsBeside(metric('errors 6 % > 5 % go, < 8 % rollback · stable 0.4 %'))).toBe(' · versus stable p95 +20%')
  expect(limitsBeside(metric('latency 0.2 s < 0.5 s go'))).toBe(' · rollback > 8% · versus stable p95 +20%')
  expect(limitsBeside(metric('errors 21 % · beyond its rollback limit (> 8%)'))).toBe(
    ' · go < 5% · versus stable p95 +20%',
  )
  expect(limitsBeside(metric('errors 1 %; evidence 1 of 20 needed to go on'))).toMatch(/go < 5%/)
})

test('the zone is said once, and nothing unseen stays unseen', () => {
  expect(sayOf({ say: 'hold: errors\u202e 1 %', zone: 'hold' })).toBe('errors⟨U+202E⟩ 1 %')
})
