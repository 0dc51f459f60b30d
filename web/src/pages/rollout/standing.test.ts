/** Where a rollout stands is said in words at each of its moments, before the first request and after the last. */
import { expect, test } from 'vitest'
import type { Chart, ReleaseView, RolloutView } from '../../../../src/api/wire/web.ts'
import { standingOf } from './standing.ts'

const stages = [5, 25, 100].map((weightPercent) => ({
  id: `${weightPercent}`,
  title: '',
  weightPercent,
  soakMs: 60_000,
  promote: null,
  state: 'waiting',
}))
const rollout = (more: object = {}): RolloutView =>
  ({
    step: 'r',
    text: 'r',
    doing: 'soaking',
    stage: 0,
    stages,
    components: [],
    observed: null,
    ...more,
  }) as unknown as RolloutView
const view = (more: object = {}): ReleaseView =>
  ({ facts: { releaseVersion: '2.0' }, hold: null, rollback: null, decision: null, ...more }) as unknown as ReleaseView
const chart = (count: number, history = 0) => ({ to: Array.from({ length: count }), history }) as unknown as Chart
const say = (of: ReleaseView, at: RolloutView, shown: Chart | null = null) => standingOf(of, at, shown, 15_000).say

test('before it, nobody is on the new version, and what will come is said', () => {
  expect(say(view(), rollout({ stage: -1, doing: 'waiting' }))).toBe(
    'Not begun: nobody is on 2.0 yet. 3 stages from 5 % to 100 % will follow the steps before it; the first sample comes 15 s after the first weight stands.',
  )
})

test('traffic without a sample is said to be that, also where the past is known', () => {
  const words = 'Traffic moves, and nothing has been measured yet: the first sample comes after 15 s.'
  expect(say(view(), rollout())).toBe(words)
  expect(say(view(), rollout(), chart(30, 30))).toBe(words)
  expect(say(view(), rollout({ doing: 'shifting' }), chart(3))).toMatch(/^Weights are being moved/)
})

test('while it soaks the verdict stands there, without its zone said twice', () => {
  const observed = { verdict: { zone: 'hold', say: 'hold: errors 3 % · stable 0.4 %' } }
  expect(standingOf(view(), rollout({ observed }), chart(3), 15_000)).toEqual({
    tone: 'person',
    say: 'errors 3 % · stable 0.4 %',
  })
  expect(say(view(), rollout(), chart(3))).toMatch(/its first sample is on its way/)
})

test('a hold, the end, and every way back have their own words', () => {
  expect(say(view({ hold: { by: 'ana', why: 'lunch' } }), rollout(), chart(3))).toMatch(/^Held by ana: lunch\./)
  expect(say(view(), rollout({ doing: 'done' }), chart(3))).toBe(
    'All 3 stages are done: 100 % of the traffic is on 2.0.',
  )
  const back = {
    by: 'judge',
    why: 'errors',
    finishedAt: null,
    failed: null,
    tookMs: null,
    trafficRestored: 0,
    trafficToRestore: 2,
  }
  expect(say(view({ rollback: back }), rollout())).toBe(
    'Going back, asked by judge: errors. Traffic: 0 of 2 back on stable.',
  )
  const done = { ...back, finishedAt: 9, tookMs: 4_000, trafficRestored: 2 }
  expect(say(view({ rollback: done, decision: { word: 'rolled back' } }), rollout())).toBe(
    'Rolled back in 4 s by judge: errors. Traffic: 2 of 2 back on stable. What was measured stays below.',
  )
  expect(say(view({ rollback: { ...back, failed: 'HAProxy is gone' } }), rollout())).toMatch(
    /^The rollback failed: HAProxy is gone/,
  )
  expect(say(view({ decision: { ended: true, sentence: 'Left as it was.' } }), rollout())).toBe(
    'Left as it was. The rollout went no further.',
  )
})
