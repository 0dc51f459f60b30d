import { describe, expect, test } from 'vitest'
import { atFirstStage, sign, started, yes } from '../../../test/support/canary.ts'
import { approval, check, phase, plan, question, run, step } from '../../../test/support/plan-builder.ts'
import { person, type ReleaseSpec } from '../../../test/support/release-spec.ts'
import { type GatePoint, gateOf, wantsRollback } from './gate.ts'

const at = (spec: ReleaseSpec, point: GatePoint) => gateOf(spec.current, point)?.status
const gate = { kind: 'step', step: 'ok' } as const
const released = { kind: 'release' } as const
const simple = () =>
  plan([phase('p', [step('q', question), step('ok', approval(), { after: ['q'] })]), phase('w', [step('z', question)])])

describe('a gate that others ask', () => {
  test('opens at a step when it is closed, and everything that it comes after', () => {
    const spec = started(simple())
    expect(at(spec, gate)).toBe('waiting')
    spec.do({ ...yes, step: 'q' }, person('ben'))
    expect(at(spec, gate)).toBe('waiting')
    spec.do({ ...sign, step: 'ok' }, person('ben'))
    expect(at(spec, gate)).toBe('open')
    expect(at(spec, { kind: 'phase', phase: 'p' })).toBe('open')
    expect(at(spec, { kind: 'phase', phase: 'w' })).toBe('waiting')
    expect(at(spec, released)).toBe('waiting')
    spec.do({ ...yes, step: 'z' }, person('ben'))
    expect(at(spec, released)).toBe('open')
  })

  test('is not there for a step, phase or stage that the release does not have', () => {
    const spec = started(simple())
    expect(gateOf(spec.current, { kind: 'step', step: 'nothing' })).toBeNull()
    expect(gateOf(spec.current, { kind: 'phase', phase: 'nothing' })).toBeNull()
    expect(gateOf(spec.current, { kind: 'stage', stage: '1' })).toBeNull()
  })

  test.each(['failed', 'inconclusive', 'errored'] as const)('stays shut at a check that %s', (outcome) => {
    const spec = started(plan([phase('p', [step('a', check()), step('go', run())])]))
    spec.attempt('a', 'check', outcome)
    expect(at(spec, { kind: 'step', step: 'a' })).toBe('waiting')
  })

  test('says no at a warning that did not pass, although the release goes on', () => {
    const spec = started(plan([phase('p', [step('a', check(), { severity: 'warning' }), step('q', question)])]))
    spec.attempt('a', 'check', 'failed')
    expect(spec.current.steps.get('a')?.closed?.how).toBe('warned')
    expect(at(spec, { kind: 'step', step: 'a' })).toBe('closed')
  })

  test('says no after a rejection, and waits again once somebody takes the step up again', () => {
    const spec = started(simple())
    spec.do({ ...yes, step: 'q' }, person('ben'))
    spec.do({ kind: 'Reject', step: 'ok', role: null, why: 'not today' }, person('ben'))
    expect(gateOf(spec.current, gate)).toEqual({ status: 'closed', say: 'ben rejected "ok": not today' })
    spec.do({ kind: 'Retry', step: 'ok' }, person('ben'))
    expect(at(spec, gate)).toBe('waiting')
  })

  test('waits while somebody holds the release, whatever is closed', () => {
    const spec = started(simple())
    spec.do({ ...yes, step: 'q' }, person('ben')).do({ ...sign, step: 'ok' }, person('ben'))
    spec.do({ kind: 'Hold', why: 'smoke' }, person('cat'))
    expect(gateOf(spec.current, gate)).toEqual({ status: 'waiting', say: 'Held by cat: smoke' })
    spec.do({ kind: 'Resume', why: 'a pan' }, person('cat'))
    expect(at(spec, gate)).toBe('open')
  })

  test('opens at a stage once the rollout has reached it, and says no as soon as the release goes back', () => {
    const spec = atFirstStage()
    expect(at(spec, { kind: 'stage', stage: '1' })).toBe('open')
    expect(at(spec, { kind: 'stage', stage: '5%' })).toBe('open')
    expect(at(spec, { kind: 'stage', stage: '100 %' })).toBe('waiting')
    expect(gateOf(spec.current, { kind: 'stage', stage: '3' })).toBeNull()
    expect(wantsRollback(spec.current)).toBe(false)
    spec.do({ kind: 'Rollback', why: 'smoke' }, person('cat'))
    expect(at(spec, { kind: 'stage', stage: '1' })).toBe('closed')
    expect(at(spec, { kind: 'step', step: 'go' })).toBe('closed')
    expect(wantsRollback(spec.current)).toBe(true)
  })

  test('never opens for a rehearsal', () => {
    const spec = started(plan([phase('p', [step('ok', approval())])]))
    const rehearsal = { ...spec.current, rehearsal: true }
    spec.do({ ...sign, step: 'ok' }, person('ben'))
    expect(at(spec, gate)).toBe('open')
    expect(gateOf({ ...spec.current, rehearsal: true }, gate)?.status).toBe('closed')
    expect(gateOf(rehearsal, released)?.status).toBe('closed')
  })
})
