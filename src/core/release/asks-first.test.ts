/** Nothing turns a release back by itself once a migration may have destroyed what going back cannot bring back. */
import { expect, test } from 'vitest'
import { check, phase, plan, rollout, run, stage, step, trigger } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec, verdict } from '../../../test/support/release-spec.ts'

const shop = plan(
  [
    phase('p', [
      step('pending', check({ kind: 'migrations' })),
      step('migrate', run()),
      step('r', rollout([stage(5), stage(100)])),
    ]),
  ],
  { triggers: [trigger('down', { action: 'rollback' })] },
)

function atCanary(destructive: readonly string[]): ReleaseSpec {
  const spec = new ReleaseSpec().start(shop)
  spec.do({ kind: 'BeginAttempt', step: 'pending', purpose: 'check', epoch: 1 })
  spec.do({
    kind: 'FinishAttempt',
    step: 'pending',
    attempt: spec.current.steps.get('pending')!.attempts[0]!.id,
    outcome: 'passed',
    say: '',
    evidence: [],
    captures: {},
    facts: { pending: 2, destructive, unknown: [] },
    observedAt: spec.now,
  })
  return spec.attempt('migrate', 'action', 'passed').shift('r', 'api')
}

test('a breach holds and asks, and a person turns back or goes on', () => {
  const spec = atCanary(['0042_drop_names'])
  spec.measure('r', 0, 100, verdict('rollback', 'breach', spec.now, 'errors 9 %'))
  expect(spec.current.phase).toBe('running')
  expect(spec.current.hold?.why).toContain('0042_drop_names may have run')
  expect(spec.current.asked).toMatchObject({ step: 'r', stage: 0, otherwise: 'hold' })
  spec.measure('r', 0, 100, verdict('rollback', 'breach', spec.now, 'errors 9 %'))
  expect(spec.kinds().filter((kind) => kind === 'DecisionAsked')).toHaveLength(1)
  spec.do({ kind: 'Rollback', why: 'better without' }, person('ana'))
  expect(spec.current.rollback).toMatchObject({ cause: 'person' })
})

test('a trigger asks as well', () => {
  const spec = atCanary(['0042_drop_names'])
  spec.do({ kind: 'RecordTriggerReading', trigger: 'down', reading: 'firing', say: 'no answer' })
  expect(spec.current.phase).toBe('running')
  expect(spec.current.hold?.why).toContain('no answer')
})

test('where nothing was destroyed, or nothing ran since, it turns back at once', () => {
  const harmless = atCanary([])
  harmless.measure('r', 0, 100, verdict('rollback', 'breach', harmless.now))
  expect(harmless.current.rollback?.cause).toBe('verdict')
})
