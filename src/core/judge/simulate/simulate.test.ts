import { describe, expect, test } from 'vitest'
import { metric, stage } from '../build.fixture.ts'
import { estimateStages } from './estimate.ts'
import { runHealthy, type Scene } from './rollout.ts'
import { errors, latency, scene, signUps } from './scene.fixture.ts'
import { quantileOfRuns, shareOfRuns } from './share.ts'
import { simulate, type Simulated } from './simulate.ts'

function answerTo(of: Scene, runs: number): Simulated {
  const work = simulate(of, runs)
  for (;;) {
    const next = work.next()
    if (next.done === true) return next.value
  }
}

describe('a simulated rollout', () => {
  const answer = answerTo(scene(), 30)

  test('of a healthy version is turned back no more often than the checklist states', () => {
    expect(answer.promised).toBe(0.01)
    expect(answer.rolledBack.runs).toBe(30)
    expect(answer.rolledBack.low).toBeLessThanOrEqual(0.01)
    expect(answer.finished.share).toBeGreaterThan(0.9)
  })

  test('finds a greater fault at least as often, and no later in the median', () => {
    for (const { regressions } of answer.stages)
      for (const kind of ['errors', 'latency'] as const) {
        const rows = regressions.filter((row) => row.kind === kind)
        expect(rows.length).toBeGreaterThan(2)
        for (const [i, row] of rows.entries()) {
          const smaller = rows[i - 1]
          if (smaller === undefined) continue
          expect(row.found.share).toBeGreaterThanOrEqual(smaller.found.share)
          // The median of what was hardly ever found is one of the lucky few.
          if (smaller.found.share > 0.9) expect(row.medianMs).toBeLessThanOrEqual(smaller.medianMs ?? 0)
        }
        expect(rows.at(-1)?.found.share).toBe(1)
        expect(rows.at(-1)?.passed.share).toBe(0)
      }
  })

  test('counts the requests that the canary answered under the fault', () => {
    const [first] = answer.stages
    const found = first?.regressions.at(-1)
    // 5 % of 200 a second.
    const expected = (10 * (found?.medianMs ?? 0)) / 1000
    expect(found?.medianRequests).toBeGreaterThan(0.7 * expected)
    expect(found?.medianRequests).toBeLessThan(1.3 * expected)
    expect(first?.requests).toBe(18_000)
  })

  test('gives the same answer for the same seed, and another one for another', () => {
    const small = { ...scene(), block: { ...scene().block, stages: [stage({ soakMs: 300_000, deadlineMs: 600_000 })] } }
    expect(answerTo(small, 3)).toEqual(answerTo(small, 3))
    expect(runHealthy({ ...small, seed: 'other' }, 0).stages[0]?.requests).not.toBe(
      runHealthy(small, 0).stages[0]?.requests,
    )
  })
})

test('the time until a stage can go is longer at less traffic, and said to be beyond the deadline where it is', () => {
  const stages = [stage({ soakMs: 1_800_000 })]
  const goMs = (perSecond: number): number | null =>
    answerTo(scene({ perSecond }, { metrics: [errors] }, stages), 15).stages[0]?.goMs.median ?? null
  const [plenty, some, few] = [goMs(2000), goMs(200), goMs(2)]
  expect(plenty).toBeLessThan(some ?? 0)
  expect(few).toBeNull()
})

test('the judge of the checklist decides, whichever its policy', () => {
  const judge = { policy: 'threshold', metrics: [{ ...errors, versusStable: [] }], warmUpMs: 0 } as const
  const answer = answerTo(scene({}, judge, [stage({ soakMs: 600_000, weightPercent: 50 })]), 10)
  expect(answer.promised).toBeNull()
  const found = answer.stages[0]?.regressions.find(({ times }) => times === 10)
  // Thresholds look at the window: 3 % is beyond "> 2 %" in the first.
  expect(found).toMatchObject({ medianMs: 30_000, found: { share: 1 } })
})

test('a gauge is simulated within its limits, and what a metric cannot see is not asked', () => {
  const pool = metric({ name: 'pool', kind: 'gauge', minSamples: 1 })
  const answer = answerTo(scene({}, { policy: 'threshold', metrics: [pool] }, [stage({ soakMs: 120_000 })]), 3)
  expect(answer.finished.share).toBe(1)
  expect(answer.stages[0]?.regressions).toEqual([])
})

test('without history, and in harsh noise, a healthy version needs more time', () => {
  const stages = [stage({ soakMs: 1_800_000 })]
  const goMs = (given: Parameters<typeof scene>[0]): number =>
    answerTo(scene(given, { metrics: [errors] }, stages), 15).stages[0]?.goMs.median ?? Number.POSITIVE_INFINITY
  const quiet = goMs({})
  expect(goMs({ history: false })).toBeGreaterThan(quiet)
  expect(goMs({ noise: 'harsh' })).toBeGreaterThan(quiet)
})

describe('the formulas of the plan are within a factor of two of the simulation', () => {
  const runs = 15
  const far = 30 * 3_600_000
  const grid = [errors, { ...errors, versusStable: [] }, latency, signUps].flatMap((one, i) =>
    [20, 200].flatMap((perSecond) => [true, false].map((history) => ({ one, i, perSecond, history }))),
  )
  test.each(grid)('$one.name ($i) at $perSecond a second, history $history', ({ one, perSecond, history }) => {
    const stages = [
      stage({ soakMs: 60_000, deadlineMs: far }),
      stage({ weightPercent: 25, soakMs: 60_000, deadlineMs: far }),
    ]
    const of = scene({ perSecond, history }, { metrics: [one] }, stages)
    const all = Array.from({ length: runs }, (_, run) => runHealthy(of, run))
    for (const [i, estimate] of estimateStages(of.block.judge, stages, of.assumed).entries()) {
      const median = quantileOfRuns(
        all.map((run) => run.stages[i]?.goMs ?? null),
        0.5,
      )
      expect((estimate.goMs ?? 0) / (median ?? 0)).toBeGreaterThan(0.5)
      expect((estimate.goMs ?? 0) / (median ?? 0)).toBeLessThan(2)
    }
  })
})

test('a share of runs comes with the interval that the truth may lie in', () => {
  expect(shareOfRuns(0, 200)).toMatchObject({ share: 0, low: 0 })
  expect(shareOfRuns(0, 200).high).toBeCloseTo(0.0188, 3)
  expect(shareOfRuns(10, 100).low).toBeCloseTo(0.0552, 3)
  expect(shareOfRuns(10, 100).high).toBeCloseTo(0.1744, 3)
  expect(quantileOfRuns([5, null, 1, 3], 0.5)).toBe(3)
  expect(quantileOfRuns([5, null, 1, 3], 0.95)).toBeNull()
})
