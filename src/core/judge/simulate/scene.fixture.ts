/** A rollout to simulate, in a line each. */
import { judgePlan, limit, metric, stage, versus } from '../build.fixture.ts'
import type { JudgePlan, StagePlan } from '../../plan/plan.ts'
import { assumedFor, type Given } from './assumed.ts'
import type { Scene } from './rollout.ts'

export const errors = metric({ versusStable: [versus(0.25)], windowMs: 300_000 })
export const latency = metric({
  name: 'latency',
  kind: 'histogram',
  unit: 'seconds',
  go: [limit('<', 2, 0.95)],
  rollback: [],
  versusStable: [versus(0.2, null, 0.95)],
  windowMs: 300_000,
})
export const signUps = metric({
  name: 'sign-ups',
  kind: 'events',
  queries: { count: 'c', total: 't' },
  go: [],
  rollback: [],
  versusStable: [versus(0.1)],
})

export function scene(
  given: Given = {},
  judge: Partial<JudgePlan> = {},
  stages: readonly StagePlan[] = [stage({ soakMs: 1_800_000 }), stage({ weightPercent: 50, soakMs: 900_000 })],
): Scene {
  const plan = judgePlan({
    policy: 'statistical',
    everyMs: 30_000,
    warmUpMs: 60_000,
    arms: { canary: {}, stable: {} },
    metrics: [errors, latency],
    history: { forMs: 3_600_000, splitBy: 'instance' },
    ...judge,
  })
  return {
    step: 'rollout',
    block: { word: 'rollout', components: [{ name: 'api', driver: 'command', config: {} }], stages, judge: plan },
    assumed: assumedFor(plan, given),
    seed: 'test',
  }
}
