/** A story told from a log and its samples: judged again it is the same, and what was changed since is found. */
import { beforeAll, describe, expect, test } from 'vitest'
import { badRelease, counts, document, evident, goodRelease, Judged, shop } from '../../test/support/judged-release.ts'
import { phase, plan, step, watch } from '../../test/support/plan-builder.ts'
import { ReleaseSpec } from '../../test/support/release-spec.ts'
import type { Recorded } from '../core/release/events.ts'
import { replay } from './judge-replay.ts'
import { judgeStory } from './judge-story.ts'
import { lineOfRule } from './rule-line.ts'

let good: Judged
let bad: Judged
beforeAll(() => {
  good = goodRelease()
  bad = badRelease()
})

const isVerdict = ({ event }: Recorded): boolean => event.kind === 'VerdictReached'

describe('judged again', () => {
  test('every verdict of both stages is the same, to the last digit of the state', () => {
    const found = replay(good.spec.recorded, good.batches)
    expect(found).toMatchObject({ differences: [], isIdentical: true, samples: 86 })
    expect(found.verdicts).toBe(good.spec.recorded.filter(isVerdict).length)
    expect(found.observed.map(({ stage: index }) => index)).toEqual([0, 1])
  })

  test('a sample that was changed is found where the log tells of it', () => {
    const [first, ...rest] = bad.batches
    const changed = { ...first!, samples: [{ metric: 'errors', canary: counts(3, 200), stable: counts(40, 3800) }] }
    const { differences, isIdentical } = replay(bad.spec.recorded, [changed, ...rest])
    expect(isIdentical).toBe(false)
    expect(differences[0]).toMatchObject({ step: 'r', stage: 0, what: 'samples' })
    expect(differences[0]!.recorded).toMatch(/^3 samples with the digest /)
  })

  test('a sample that is gone is found', () => {
    const { differences } = replay(bad.spec.recorded, bad.batches.slice(0, -1))
    expect(differences.map(({ what }) => what)).toEqual(['samples'])
  })

  test('a verdict that the samples do not give is found, with what they give', () => {
    const told = bad.spec.recorded.map((one) =>
      one.event.kind === 'VerdictReached' && one.event.verdict.zone === 'rollback'
        ? { ...one, event: { ...one.event, verdict: { ...one.event.verdict, zone: 'go', why: 'healthy' } as const } }
        : one,
    )
    expect(replay(told, bad.batches).differences).toMatchObject([
      {
        what: 'verdict',
        recorded: expect.stringMatching(/^go \(healthy\)/),
        replayed: expect.stringMatching(/^rollback \(breach\)/),
      },
    ])
  })

  test('words that were put otherwise are no difference', () => {
    const told = bad.spec.recorded.map((one) =>
      one.event.kind === 'VerdictReached'
        ? { ...one, event: { ...one.event, verdict: { ...one.event.verdict, say: 'in other words' } } }
        : one,
    )
    expect(replay(told, bad.batches).differences).toEqual([])
  })

  test('samples that the log has not heard of yet are told, and are no difference', () => {
    const last = good.batches.at(-1)!
    const found = replay(good.spec.recorded, [...good.batches, { ...last, from: last.to, to: last.to + 1000 }])
    expect(found).toMatchObject({ differences: [], samples: 87 })
    expect(found.observed.at(-1)?.latest?.report.verdict.upTo).toBe(last.to + 1000)
  })

  test('a watch after the rollout is a part of its own', () => {
    const watched = plan([phase('p', [step('w', watch(5000, { judge: evident }))], { kind: 'watch' })])
    const judged = new Judged(watched)
    judged.spec.tick()
    judged.begin().observe(5, counts(2, 200), counts(40, 3800))
    const [only] = judgeStory(judged.spec.recorded, judged.batches).observed
    expect(only).toMatchObject({ step: 'w', stage: null, weightPercent: null, samples: 5 })
  })
})

describe('a story', () => {
  test('tells the promises, what was learnt, and each turn with its numbers', () => {
    const [first, second] = judgeStory(good.spec.recorded, good.batches).observed
    expect(first).toMatchObject({
      policy: 'statistical',
      falseAlarm: 0.01,
      falseGo: 0.05,
      line: 2,
      weightPercent: 5,
      leftBy: 'the judge',
      history: {
        say: 'history of errors: 30 intervals',
        metrics: [{ metric: 'errors', intervals: 30, canaryRequests: 9000, stableRequests: 21_000 }],
      },
    })
    expect(first?.moments.map(({ zone }) => zone)).toEqual(['hold', 'go'])
    expect(first?.moments[0]?.metrics[0]).toMatchObject({ metric: 'errors', evidence: { rollbackNeeded: 100 } })
    expect(first?.decided?.arithmetic?.certificates.every(({ have, need }) => have >= need)).toBe(true)
    expect(second).toMatchObject({ stage: 1, history: null, weightPercent: 50 })
  })

  test('tells the sample that decided, its rule with its line, and the arithmetic that it follows from', () => {
    const story = judgeStory(bad.spec.recorded, bad.batches)
    const { decided } = story.observed[0]!
    expect(decided).toMatchObject({
      zone: 'rollback',
      samples: [{ metric: 'errors', canary: counts(20, 200), stable: counts(40, 3800) }],
      rule: { metric: 'errors' },
    })
    expect([9, 10]).toContain(decided?.rule?.line)
    const { parts, evidence, needed } = decided!.arithmetic!
    const counted = parts.filter(({ open, dryRun }) => open && !dryRun)
    expect(counted.reduce((sum, { weight, significance }) => sum + weight * significance, 0)).toBeCloseTo(evidence, 6)
    expect(evidence).toBeGreaterThanOrEqual(needed)
    expect(counted.every(({ materiality, gateNeeded }) => materiality >= gateNeeded)).toBe(true)
    expect(story.replay).toMatchObject({ same: true, identical: true, samples: 23, verdicts: 2 })
  })

  test('of a release that nothing was judged of is empty, and the same', () => {
    const spec = new ReleaseSpec().start(shop)
    expect(judgeStory(spec.recorded, [])).toMatchObject({ observed: [], replay: { samples: 0, same: true } })
  })
})

test('a rule is found under its own metric; what stands in a shared file has no line', () => {
  expect(lineOfRule(document, 2, 'errors', '> 4%')).toBe(9)
  expect(lineOfRule(document, 2, null, '> 4%')).toBe(7)
  expect(lineOfRule(document, 2, 'errors', '> 9%')).toBeNull()
})
