/** Windows are read one at a time, and no longer than anybody wants: budget, interruption, a past nobody keeps, a source that is gone. */
import { describe, expect, test } from 'vitest'
import { judge, rollout, stage } from '../../test/support/plan-builder.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import type { MetricPlan, RolloutBlock } from '../core/plan/plan.ts'
import type { HistoryRequest } from '../core/ports/engine.ts'
import { type Replayed, type Replaying, replayWindows } from './replay-windows.ts'

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
const stages = [stage(25, { soakMs: 60_000 }), stage(100, { soakMs: 60_000 })]
const arms = { canary: { version: 'new' }, stable: { version: 'old' } }
const block = rollout(stages, {
  judge: judge({ policy: 'statistical', everyMs: 10_000, arms, metrics: [errors] }),
}) as RolloutBlock

const start = 1_700_000_000_000
const windows = Array.from({ length: 30 }, (_, i) => ({
  startsAt: start + i * 120_000,
  endsAt: start + (i + 1) * 120_000,
  seed: `calibrate ${i}`,
}))

function numbers({ endsAt, forMs, onSplit }: HistoryRequest): readonly SampleBatch[] {
  onSplit?.({ label: 'pod', canary: ['pod-1'] })
  return Array.from({ length: forMs / 10_000 }, (_, i) => {
    const to = endsAt - forMs + (i + 1) * 10_000
    const canary = { kind: 'ratio', bad: 1, total: 500 } as const
    const samples = [{ metric: 'errors', canary, stable: { ...canary, bad: 2, total: 1500 } }]
    return { step: 's', stage: 0, history: true, from: to - 10_000, to, samples, weights: [] }
  })
}

function nothing({ endsAt }: HistoryRequest): readonly SampleBatch[] {
  const none = { kind: 'no-data', why: 'found no series' } as const
  const samples = [{ metric: 'errors', canary: none, stable: none }]
  return [{ step: 's', stage: 0, history: true, from: endsAt - 10_000, to: endsAt, samples, weights: [] }]
}

interface Played extends Replayed {
  readonly asked: readonly HistoryRequest[]
  readonly told: readonly number[]
}

async function play(
  answer: (request: HistoryRequest, asked: number) => readonly SampleBatch[],
  given: Partial<Replaying> = {},
  now: () => number = () => 0,
): Promise<Played> {
  const asked: HistoryRequest[] = []
  const told: number[] = []
  let open = 0
  const replayed = await replayWindows(
    {
      step: 's',
      block,
      splitBy: 'pod',
      historyMs: 300_000,
      windows,
      endsBy: 1000,
      signal: new AbortController().signal,
      read: async (request) => {
        open += 1
        expect(open).toBe(1)
        asked.push(request)
        await Promise.resolve()
        open -= 1
        return answer(request, asked.length)
      },
      unreachable: () => Promise.resolve(null),
      told: (done) => told.push(done),
      ...given,
    },
    now,
  )
  return { ...replayed, asked, told }
}

describe('windows of the past', () => {
  test('each stage is asked for once, the first with its history, all of a window with one seed', async () => {
    const { asked, replays, told, stopped } = await play(numbers, { windows: windows.slice(0, 2) })
    expect(asked.map(({ endsAt, forMs, weightPercent, seed }) => [endsAt - start, forMs, weightPercent, seed])).toEqual(
      [
        [60_000, 360_000, 25, 'calibrate 0'],
        [120_000, 60_000, 50, 'calibrate 0'],
        [180_000, 360_000, 25, 'calibrate 1'],
        [240_000, 60_000, 50, 'calibrate 1'],
      ],
    )
    expect(replays.map(({ kind }) => kind)).toEqual(['judged', 'judged'])
    expect([told, stopped]).toEqual([[1, 2], null])
  })

  test('after the budget no further window is begun', async () => {
    let clock = 0
    const { replays, stopped } = await play(numbers, {}, () => (clock += 300))
    expect(replays).toHaveLength(3)
    expect(stopped).toBe('the time for it was over')
  })

  test('what was being read when somebody interrupted is not judged', async () => {
    const interrupt = new AbortController()
    const answer = (request: HistoryRequest, count: number): readonly SampleBatch[] => {
      if (count === 5) interrupt.abort()
      return numbers(request)
    }
    const { replays, stopped, asked } = await play(answer, { signal: interrupt.signal })
    expect(replays).toHaveLength(2)
    expect(asked).toHaveLength(5)
    expect(stopped).toBe('interrupted')
  })

  test('a past that nobody keeps is not asked for to the end', async () => {
    const { replays, stopped, isUnreachable } = await play(nothing)
    expect(replays).toHaveLength(10)
    expect(stopped).toBe('none of the first 10 could be read')
    expect(isUnreachable).toBe(false)
  })

  test('a source that went away ends it, with what was known before', async () => {
    const { replays, stopped, isUnreachable } = await play(
      (request, n) => (n > 8 ? nothing(request) : numbers(request)),
      {
        unreachable: () => Promise.resolve('source prom: cannot be reached'),
      },
    )
    expect(replays.map(({ kind }) => kind)).toEqual([...Array(4).fill('judged'), ...Array(3).fill('unread')])
    expect(stopped).toBe('source prom: cannot be reached')
    expect(isUnreachable).toBe(true)
  })
})
