/** What must hold of the threshold judge for any numbers. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { batch, fold, judge, limit, metric, noData, subject, versus } from './build.fixture.ts'
import { thresholdJudge } from './threshold.ts'
import type { ArmSample, JudgeState, SampleBatch } from './verdict.ts'

const everything = subject({
  warmUpMs: 10_000,
  metrics: [metric({ versusStable: [versus(0.5), versus(null, 0.01)], minSamples: 20 })],
})

const sane = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }))
  .map(([bad, good]): ArmSample => ({ kind: 'ratio', bad, total: bad + good }))
const strange: fc.Arbitrary<ArmSample> = fc.oneof(
  fc.constant<ArmSample>(noData),
  fc.record({ kind: fc.constant('ratio' as const), bad: fc.double(), total: fc.double() }),
  fc.record({ kind: fc.constant('gauge' as const), value: fc.double() }),
  fc.record({ kind: fc.constant('events' as const), count: fc.double(), total: fc.option(fc.double()) }),
  fc.record({ kind: fc.constant('histogram' as const), le: fc.array(fc.double()), counts: fc.array(fc.double()) }),
)
const arm = fc.oneof({ weight: 4, arbitrary: sane }, { weight: 1, arbitrary: strange })

/** Batches in order with gaps, repeats and late ones. */
const batches: fc.Arbitrary<readonly SampleBatch[]> = fc
  .array(fc.tuple(fc.integer({ min: -1, max: 2 }), arm, arm, fc.boolean()), { maxLength: 30 })
  .map((list) => {
    let n = 0
    return list.map(([step, canary, stable, drift]) => {
      n = Math.max(1, n + step)
      const weights = [{ component: 'api', percent: 5, ok: !drift, say: drift ? 'api drifted' : 'api at 5 %' }]
      return batch(n, canary, stable, drift ? { weights } : {})
    })
  })

test('the same batches give the same state, and it is plain JSON', () => {
  fc.assert(
    fc.property(batches, (list) => {
      const state = fold(everything, list)
      expect(fold(everything, list)).toEqual(state)
      expect(JSON.parse(JSON.stringify(state))).toEqual(state)
    }),
  )
})

test('a state that went through JSON half-way answers the same at the end', () => {
  fc.assert(
    fc.property(batches, fc.nat(), (list, cut) => {
      const half = list.length === 0 ? 0 : cut % list.length
      const stored = JSON.parse(JSON.stringify(fold(everything, list.slice(0, half)))) as JudgeState
      const resumed = list.slice(half).reduce((state, one) => thresholdJudge.observe(state, one, everything), stored)
      expect(thresholdJudge.report(resumed, everything)).toEqual(judge(everything, list))
    }),
  )
})

test('samples that went through JSON are judged the same', () => {
  fc.assert(
    fc.property(batches, (list) => {
      const stored = JSON.parse(JSON.stringify(list)) as readonly SampleBatch[]
      expect(judge(everything, stored).verdict.zone).toEqual(judge(everything, list).verdict.zone)
      expect(judge(everything, stored).soakMs).toEqual(judge(everything, list).soakMs)
    }),
  )
})

test('a strange answer of the canary never goes', () => {
  fc.assert(
    fc.property(batches, strange, arm, (list, canary, stable) => {
      fc.pre(
        !(canary.kind === 'ratio' && canary.bad >= 0 && canary.bad <= canary.total && Number.isFinite(canary.total)),
      )
      const last = Math.max(0, ...list.map((one) => one.to)) / 10_000
      expect(judge(everything, [...list, batch(last + 1, canary, stable)]).verdict.zone).not.toBe('go')
    }),
  )
})

test('a worse canary never turns a rollback into a go, nor a hold for grey into a go', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(sane, sane, fc.nat(40)), { minLength: 1, maxLength: 10 }), (list) => {
      const better = list.map(([canary, stable], i) => batch(i + 1, canary, stable))
      const worse = list.map(([canary, stable, more], i) => batch(i + 1, spoiled(canary, more), stable))
      const before = judge(everything, better).verdict
      const after = judge(everything, worse).verdict
      if (before.zone === 'rollback') expect(after.zone).toBe('rollback')
      if (before.zone === 'hold') expect(after.zone).not.toBe('go')
    }),
  )
})

test('soak never exceeds the observed time, and only grows', () => {
  fc.assert(
    fc.property(batches, (list) => {
      let state = thresholdJudge.start(everything, null)
      let soak = 0
      for (const one of list) {
        state = thresholdJudge.observe(state, one, everything)
        const report = thresholdJudge.report(state, everything)
        expect(report.soakMs).toBeGreaterThanOrEqual(soak)
        expect(report.soakMs - soak === 0 || report.verdict.zone === 'go').toBe(true)
        soak = report.soakMs
        expect(soak).toBeLessThanOrEqual(report.verdict.upTo)
      }
    }),
  )
})

test('a slower histogram never has a lower quantile, so it never turns a rollback into a go', () => {
  const le = [0.1, 0.2, 0.5, 1, 2, Number.MAX_VALUE]
  const slow = subject({
    metrics: [
      metric({
        kind: 'histogram',
        unit: 'seconds',
        go: [limit('<', 0.5, 0.9)],
        rollback: [limit('>', 1, 0.9)],
        minSamples: 1,
      }),
    ],
  })
  const perBucket = fc.array(fc.nat(30), { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(perBucket, fc.nat(5), fc.nat(5), (counts, from, to) => {
      fc.pre(from < to && (counts[from] as number) > 0)
      const moved = counts.map((count, i) => (i === from ? 0 : i === to ? count + (counts[from] as number) : count))
      const zone = (each: readonly number[]): string =>
        judge(slow, [batch(1, { kind: 'histogram', le, counts: cumulative(each) }, noData)]).verdict.zone
      const order = ['go', 'hold', 'rollback']
      expect(order.indexOf(zone(moved))).toBeGreaterThanOrEqual(order.indexOf(zone(counts)))
    }),
  )
})

function spoiled(sample: ArmSample, more: number): ArmSample {
  if (sample.kind !== 'ratio') return sample
  return { ...sample, bad: Math.min(sample.total, sample.bad + more) }
}

function cumulative(counts: readonly number[]): number[] {
  let sum = 0
  return counts.map((count) => (sum += count))
}
