import { expect, test } from 'vitest'
import { check, phase, plan, rollout, run, stage, step } from '../../../test/support/plan-builder.ts'
import { ReleaseSpec } from '../../../test/support/release-spec.ts'

const staged = { stage: { rollout: 'r', index: 0 } }

test.each([
  ['a rehearsal', { rehearsal: true }, null],
  ['a rollout that does not apply', {}, 'false'],
] as const)('%s ends although the stages have steps of their own', (_, start, when) => {
  const of = plan([
    phase('p', [
      step('r', rollout([stage(100, { actions: ['deploy'], steps: ['look'] })]), { when }),
      step('deploy', run(), { ...staged, after: [] }),
      step('look', check(), { ...staged, after: [] }),
    ]),
  ])
  const spec = new ReleaseSpec().start(of, start)
  expect(spec.current.phase).toBe('closed')
  expect(spec.current.steps.get('look')!.closed!.how).toBe('not-applicable')
})
