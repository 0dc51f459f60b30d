import { expect, test } from 'vitest'
import {
  approval,
  command,
  phase,
  plan,
  question,
  rollout,
  run,
  stage,
  step,
  trigger,
} from '../../../test/support/plan-builder.ts'
import { engine, person, ReleaseSpec } from '../../../test/support/release-spec.ts'

const yes = { kind: 'Answer', answer: 'passed', note: null, fields: {}, evidence: [] } as const
const sign = { kind: 'Approve', role: null, digest: null, typed: null, note: null } as const

test('once a release goes back, nobody answers, signs or waives what lay ahead', () => {
  const spec = new ReleaseSpec().start(
    plan([phase('p', [step('go', run('x'), { undo: command('u') }), step('q', question), step('s', approval())])]),
  )
  spec.attempt('go', 'action', 'passed')
  spec.do({ kind: 'Rollback', why: 'latency' }, person('ana'))
  spec.refused({ ...yes, step: 'q' }, person('ben'), 'already-rolling-back')
  spec.refused({ ...sign, step: 's' }, person('ben'), 'already-rolling-back')
  spec.refused(
    { kind: 'Waive', step: 'q', reason: 'no', role: 'lead', expires: null },
    person('ben'),
    'already-rolling-back',
  )
})

test('a step of the rollback itself still asks people', () => {
  const spec = new ReleaseSpec().start(
    plan([
      phase('p', [step('go', run()), step('later', question)]),
      phase('back', [step('q', question)], { kind: 'rollback' }),
    ]),
  )
  spec.attempt('go', 'action', 'passed')
  spec.do({ kind: 'Rollback', why: 'latency' }, person('ana'))
  spec.do({ ...yes, step: 'q' }, person('ben'))
  expect(spec.current.phase).toBe('rolled-back')
})

test('an action whose probe was lost can be settled by a person', () => {
  const spec = new ReleaseSpec().start(plan([phase('p', [step('go', run('x', { probe: command('p') }))])]))
  spec.attempt('go', 'action', 'passed')
  spec.attempt('go', 'probe', 'unknown', { facts: { lost: true } })
  spec.do({ kind: 'Settle', step: 'go', as: 'done', why: 'I see it serving' }, person('ana'))
  expect(spec.current.phase).toBe('closed')
})

test('a trigger that is heard only after the release has turned back starts no second rollback', () => {
  const spec = new ReleaseSpec().start(
    plan(
      [
        phase('p', [step('go', run()), step('r', rollout([stage(5)]))]),
        phase('back', [step('q', question)], { kind: 'rollback' }),
      ],
      { triggers: [trigger('t')] },
    ),
  )
  spec.attempt('go', 'action', 'passed').shift('r', 'api')
  spec.do({ kind: 'Abort', why: 'no', leave: false, typed: null }, person('ana'))
  spec.refused({ kind: 'RecordTriggerReading', trigger: 't', reading: 'firing', say: 'complaints' }, engine, 'not-due')
  expect(spec.kinds().filter((kind) => kind === 'RollbackStarted')).toHaveLength(1)
})
