/** What a release that has ended says of its steps: begun and never ended is not the same as never begun. */
import { expect, test } from 'vitest'
import { phase, plan, question, step } from '../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../test/support/release-spec.ts'
import { phasesAsTheyStand } from './unfinished.ts'
import { viewOf } from './view.ts'

test('of a release that turned back, a step that was under way is not finished, and one after it not reached', () => {
  const spec = new ReleaseSpec().start(
    plan([phase('p', [step('begun', question)]), phase('q', [step('later', question)])]),
  )
  spec.do({ kind: 'Abort', why: 'no', leave: false, typed: null }, person('ana'))
  const steps = phasesAsTheyStand(viewOf(spec.current, null, spec.now)).flatMap((one) => one.steps)
  expect(steps.map(({ id, state }) => [id, state])).toEqual([
    ['begun', 'not finished'],
    ['later', 'not reached'],
  ])
})
