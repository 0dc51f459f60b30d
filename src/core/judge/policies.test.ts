import { describe, expect, test } from 'vitest'
import { batch, judgePlan, ratio, subject } from './build.fixture.ts'
import { canaryJudge, policyOf } from './policies.ts'
import { thresholdJudge } from './threshold.ts'
import type { JudgeState } from './verdict.ts'

const threshold = subject({ policy: 'threshold' })
const stranger: JudgeState = { judge: 'of-yesterday', evidence: 99 }

describe('the judge of a rollout is the policy its checklist names', () => {
  test('a plan from before there were policies goes on with its thresholds', () => {
    expect(policyOf(judgePlan())).toBe('threshold')
  })

  test('a threshold policy says what the threshold judge says', () => {
    const batches = [1, 2, 3].map((n) => batch(n, ratio(40, 1000)))
    const state = batches.reduce(
      (known, one) => canaryJudge.observe(known, one, threshold),
      canaryJudge.start(threshold, null),
    )
    const own = batches.reduce(
      (known, one) => thresholdJudge.observe(known, one, threshold),
      thresholdJudge.start(threshold, null),
    )
    expect(canaryJudge.report(state, threshold)).toEqual(thresholdJudge.report(own, threshold))
    expect(canaryJudge.report(state, threshold).verdict.zone).toBe('rollback')
  })
})

describe('a state of another policy, as after an amended plan, is started afresh', () => {
  test('in a new stage it counts as none', () => {
    expect(canaryJudge.start(threshold, stranger)).toEqual(canaryJudge.start(threshold, null))
  })

  test('in the midst of a stage it holds, and judges what comes', () => {
    expect(canaryJudge.report(stranger, threshold)).toMatchObject({ soakMs: 0, verdict: { zone: 'hold' } })
    const judged = canaryJudge.observe(stranger, batch(1, ratio(40, 1000)), threshold)
    expect(canaryJudge.report(judged, threshold).verdict.zone).toBe('rollback')
  })
})

test.each(['statistical', 'threshold', 'mann-whitney'] as const)(
  'the policy %s may follow any other, and begins without evidence of its own',
  (policy) => {
    const at = subject({ policy })
    for (const before of ['statistical', 'threshold', 'mann-whitney'] as const) {
      const earlier = subject({ policy: before })
      const state = canaryJudge.observe(canaryJudge.start(earlier, null), batch(1, ratio(0, 100)), earlier)
      const later = canaryJudge.observe(state, batch(2, ratio(0, 100)), at)
      expect(canaryJudge.report(later, at).verdict.zone).not.toBe('rollback')
      expect(canaryJudge.start(at, state).judge).toBe(canaryJudge.start(at, null).judge)
    }
  },
)
