import { expect, test } from 'vitest'
import { command, phase, plan, question, rollout, run, stage, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec, verdict } from '../../../test/support/release-spec.ts'
import { staleSteps } from './standing.ts'

const waive = (expires: number) =>
  ({ kind: 'Waive', step: 'tests', role: 'lead', reason: 'known flake', expires }) as const
const passed = { kind: 'Answer', step: 'tests', answer: 'passed', note: null, fields: {}, evidence: [] } as const

test('a waiver that expires while a stage soaks lets the soak go on, and keeps the stage from being left', () => {
  const spec = new ReleaseSpec().start(
    plan([
      phase('before', [step('tests', question)]),
      phase('p', [
        step('go', run(), { undo: command('undo') }),
        step('r', rollout([stage(5, { soakMs: 60_000 }), stage(100)])),
      ]),
    ]),
  )
  spec
    .do(waive(spec.now + 30_000), person('ana'))
    .attempt('go', 'action', 'passed')
    .shift('r', 'api')
  expect(spec.current.rollouts.get('r')).toMatchObject({ doing: 'soaking', stage: 0 })
  spec.now += 30_000
  expect(staleSteps(spec.current, spec.now)).toEqual([])
  spec.now += 30_000
  spec.measure('r', 0, 60_000, verdict('go', 'healthy', spec.now))
  // Its soak is done and its verdict is go: only the waiver stands in the way.
  expect(spec.log).toContainEqual({ kind: 'StepReopened', step: 'tests', why: 'the waiver has expired' })
  expect(spec.current.rollouts.get('r')).toMatchObject({ doing: 'soaking', stage: 0 })
  spec.do(passed, person('ana'))
  expect(spec.current.rollouts.get('r')!.stage).toBe(1)
})
