import { expect, test } from 'vitest'
import { phase, plan, run, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'

const checklist = plan([
  phase('p', [step('go', run()), step('next', run())]),
  phase('back', [step('restore', run())], { kind: 'rollback' }),
])

function failedRollback(): ReleaseSpec {
  const spec = new ReleaseSpec().start(checklist)
  spec.attempt('go', 'action', 'passed')
  spec.do({ kind: 'Rollback', why: 'latency' }, person('ana'))
  spec.attempt('restore', 'action', 'failed')
  expect(spec.current.phase).toBe('rollback-failed')
  return spec
}

test('rollback asked for again does the failed step of the rollback again', () => {
  const spec = failedRollback()
  spec.do({ kind: 'Rollback', why: 'again' }, person('ana'))
  expect(spec.owes()).toEqual(['action restore'])
  spec.attempt('restore', 'action', 'passed')
  expect(spec.current.phase).toBe('rolled-back')
})

test('retry of the failed step of a rollback does the same', () => {
  const spec = failedRollback()
  spec.do({ kind: 'Retry', step: 'restore' }, person('ana'))
  expect(spec.owes()).toEqual(['action restore'])
})
