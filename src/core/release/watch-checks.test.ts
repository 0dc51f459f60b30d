import { expect, test } from 'vitest'
import { started } from '../../../test/support/canary.ts'
import { check, judge, phase, plan, step, watch } from '../../../test/support/plan-builder.ts'
import { due } from './due.ts'

test('a running watch owes samples with its checks', () => {
  const checks = [{ name: 'health', check: check({ kind: 'http' }) }]
  const spec = started(
    plan([phase('w', [step('quiet', watch(60_000, { checks, judge: judge() }))], { kind: 'watch' })]),
  )
  const observed = due(spec.current, spec.current.lastEventAt).filter((effect) => effect.kind === 'Observe')
  expect(observed).toMatchObject([{ step: 'quiet', stage: null, checks }])
})
