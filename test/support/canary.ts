/** The smallest release with a canary, and the small things tests say to a release. */
import type { Plan } from '../../src/core/plan/plan.ts'
import { command, phase, plan, rollout, run, stage, step } from './plan-builder.ts'
import { ReleaseSpec } from './release-spec.ts'

export const started = (of: Plan): ReleaseSpec => new ReleaseSpec().start(of)
export const yes = { kind: 'Answer', answer: 'passed', note: null, fields: {}, evidence: [] } as const
export const sign = { kind: 'Approve', role: null, digest: null, typed: null, note: null } as const

export const canary = (...more: Parameters<typeof phase>[1]) =>
  plan([
    phase('p', [step('go', run(), { undo: command('undo') }), step('r', rollout([stage(5), stage(100)])), ...more]),
  ])

/** Its action is done, and 5 % of the traffic is on the canary. */
export function atFirstStage(of = canary()): ReleaseSpec {
  return started(of).attempt('go', 'action', 'passed').shift('r', 'api')
}
