import { expect, test } from 'vitest'
import { approval, check, phase, plan, run, step, wait } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'

const sign = { kind: 'Approve', step: 's', role: null, digest: null, typed: null, note: null } as const
const waive = { kind: 'Waive', reason: 'known', role: 'lead' } as const

/** Ben signs, then both the check above and the signature are waived for a while; the check is done again meanwhile. */
function withAnOldSignature(): ReleaseSpec {
  const spec = new ReleaseSpec().start(
    plan([
      phase('p', [step('c', check()), step('s', approval({ count: 2 })), step('w', wait(60_000)), step('go', run())]),
    ]),
  )
  spec.attempt('c', 'check', 'failed')
  spec.do({ ...waive, step: 'c', expires: 31_000 + spec.current.lastEventAt }, person('ana'))
  spec.do(sign, person('ben'))
  spec.do({ ...waive, step: 's', expires: 31_000 + spec.current.lastEventAt }, person('ana'))
  spec.pass(61_000)
  spec.tick()
  return spec
}

test('a signature over something that has changed since never counts together with a new one', () => {
  const spec = withAnOldSignature()
  spec.attempt('c', 'check', 'passed')
  expect(spec.current.steps.get('s')!.closed).toBeNull()
  spec.do(sign, person('cleo'))
  expect(spec.current.steps.get('s')!.closed).toBeNull()
  expect(spec.current.steps.get('go')!.reachedAt).toBeNull()
  spec.do(sign, person('ben'))
  expect(spec.current.steps.get('s')!.closed?.how).toBe('approved')
})
