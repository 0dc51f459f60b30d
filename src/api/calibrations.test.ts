/** What the records know of a judge stands with its release: nothing, the newest, and what is no calibration at all. */
import { expect, test } from 'vitest'
import { judge, rollout, stage } from '../../test/support/plan-builder.ts'
import { calibrationName } from '../core/judge/calibration/record.ts'
import { judgeDigest } from '../core/judge/calibration/replay.ts'
import type { MetricPlan, RolloutBlock } from '../core/plan/plan.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { MemoryStore } from '../store/memory.ts'
import { calibrationsOf } from './calibrations.ts'
import type { ApiDeps } from './deps.ts'

const errors: MetricPlan = {
  name: 'errors',
  kind: 'ratio',
  source: 'prom',
  queries: { bad: 'b', total: 't' },
  forMs: 0,
  minSamples: 1,
  windowMs: 60_000,
  unit: 'ratio',
  go: [],
  rollback: [],
  versusStable: [{ quantile: null, relative: 0.25, points: null, text: '+25%' }],
}
const arms = { canary: { version: 'new' }, stable: { version: 'old' } }
const block = rollout([stage(25)], { judge: judge({ policy: 'statistical', arms, metrics: [errors] }) }) as RolloutBlock
const name = calibrationName('shop', 'production', 'customers')
const day = 86_400_000

function place(): { readonly deps: ApiDeps; readonly state: ReleaseState; readonly store: MemoryStore; now: number } {
  const store = new MemoryStore()
  const at = { now: 100 * day }
  const deps = { store, clock: { now: () => at.now } } as unknown as ApiDeps
  const steps = [
    { id: 'customers', text: 'Customers move', block },
    { id: 'by-limits', text: 'By limits', block: { ...block, judge: { ...block.judge, policy: 'threshold' } } },
  ]
  const plan = { service: 'shop', source: { file: 'RELEASE.md' }, steps }
  const state = { plan, environment: 'production' } as unknown as ReleaseState
  return Object.assign(at, { deps, state, store })
}

async function keep(store: MemoryStore, observedAt: number, content: unknown): Promise<void> {
  const { sha256 } = await store.putEvidence(new TextEncoder().encode(JSON.stringify(content)))
  const common = { recordedAt: observedAt, by: 'ana', note: '', release: null }
  await store.addRecord({ id: String(observedAt), name, observedAt, evidence: [sha256], ...common })
}

const found = (at: number, rolledBack: number) => ({
  format: 1,
  judgeDigest: judgeDigest(block),
  at,
  from: at - 7 * day,
  to: at,
  standing: 'within',
  promise: 0.01,
  runs: 300,
  rolledBack,
  high: 0.0155,
})

test('a judge that was never calibrated is told as such, with what to type; one that promises nothing has no line', async () => {
  const { deps, state } = place()
  expect([...(await calibrationsOf(deps, state))]).toEqual([
    ['customers', 'judge never calibrated: holdpoint judge calibrate RELEASE.md'],
  ])
})

test('the newest calibration counts, whatever else has its name', async () => {
  const { deps, state, store } = place()
  await keep(store, 90 * day, found(90 * day, 3))
  await keep(store, 97 * day, found(97 * day, 1))
  await keep(store, 99 * day, { format: 1, note: 'something else' })
  expect((await calibrationsOf(deps, state)).get('customers')).toBe(
    'judge calibrated 3d ago: 1 of 300 healthy windows rolled back (at most 1.6 %), promised 1 %',
  )
})

test('a calibration that is new is seen a moment later', async () => {
  const at = place()
  await calibrationsOf(at.deps, at.state)
  await keep(at.store, at.now, found(at.now, 0))
  at.now += 11_000
  expect((await calibrationsOf(at.deps, at.state)).get('customers')).toContain('0 of 300 healthy windows')
})
