/** Which numbers of a record are drawn, and the line of the target beside them. */
import { expect, test } from 'vitest'
import type { LedgerRecord, NeededRecord } from '../../../../src/api/wire/web.ts'
import { chartsOf } from './fact-charts.ts'

const record = (at: number, more: Partial<LedgerRecord>): LedgerRecord => ({
  id: `${at}`,
  name: 'restore-test',
  observedAt: at,
  recordedAt: at,
  by: 'ana',
  note: '',
  evidence: [],
  release: null,
  ...more,
})
const asking = (limits: Record<string, string>): NeededRecord => ({
  name: 'restore-test',
  maxAgeMs: 1,
  limits,
  age: '30d',
  until: null,
  say: '',
  drill: null,
  step: 's',
  text: 't',
  by: { kind: 'checklist', id: 'shop/release', service: 'shop', project: 'shop' },
})

test('recovery time and data age are drawn with the strictest target, failed drills among them', () => {
  const records = [
    record(1, { tookMs: 9_000, facts: { recovery: 8, data_age: 3600 } }),
    record(2, { tookMs: 9_000, outcome: 'failed', facts: { recovery: 80 } }),
  ]
  const charts = chartsOf({ records, needs: [asking({ recovery: '<= 30m' }), asking({ recovery: '< 10m' })] })
  expect(charts).toMatchObject([
    { label: 'Recovery time, from the start to verified data', target: { ms: 600_000, words: '< 10m' } },
    { label: 'Age of the restored data', target: null, points: [{ at: 1, tookMs: 3_600_000 }] },
  ])
  expect(charts[0]?.points).toEqual([
    { at: 1, tookMs: 8_000, failed: false },
    { at: 2, tookMs: 80_000, failed: true },
  ])
})

test('without measured times it is how long it took that is drawn', () => {
  const [chart] = chartsOf({ records: [record(1, { tookMs: 60_000 })], needs: [] })
  expect(chart).toMatchObject({ label: 'How long it took', points: [{ at: 1, tookMs: 60_000 }], target: null })
})
