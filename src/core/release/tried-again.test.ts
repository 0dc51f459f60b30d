import { expect, test } from 'vitest'
import { phase, plan, run, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'

test('two actions side by side that are both tried again do not wait for each other', () => {
  const spec = new ReleaseSpec().start(
    plan([phase('p', [step('a', run(), { after: [] }), step('b', run(), { after: [] }), step('c', run())])]),
  )
  spec.attempt('a', 'action', 'failed')
  spec.attempt('b', 'action', 'failed')
  spec.do({ kind: 'Retry', step: 'a' }, person('ana'))
  spec.do({ kind: 'Retry', step: 'b' }, person('ana'))
  expect(spec.owes()).toEqual(['action a', 'action b'])
})
