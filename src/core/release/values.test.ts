import { expect, test } from 'vitest'
import { phase, plan, run, step } from '../../../test/support/plan-builder.ts'
import { ReleaseSpec } from '../../../test/support/release-spec.ts'
import { bindingsOf, variablesOf } from './values.ts'

test('an input has a value under its name and under input.name, in texts as in conditions', () => {
  const input = { type: 'string', required: true, default: null, options: null, description: null } as const
  const spec = new ReleaseSpec().start(plan([phase('p', [step('go', run())])], { inputs: { ticket: input } }), {
    inputs: { ticket: 'T-7' },
  })
  expect(variablesOf(spec.current)).toMatchObject({ ticket: 'T-7', 'input.ticket': 'T-7' })
  expect(bindingsOf(spec.current)).toMatchObject({ ticket: 'T-7', input: { ticket: 'T-7' } })
})
