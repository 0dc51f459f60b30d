import { describe, expect, test } from 'vitest'
import { sign, started, yes } from '../../../test/support/canary.ts'
import { approval, check, phase, plan, question, run, step } from '../../../test/support/plan-builder.ts'
import { engine, person } from '../../../test/support/release-spec.ts'

describe('people', () => {
  test('a question takes only its own answers', () => {
    const spec = started(plan([phase('p', [step('q', question)])]))
    spec.refused({ ...yes, step: 'q', answer: 'maybe' }, person('ben'), 'bad-answer')
    spec.refused({ ...yes, step: 'z' }, person('ben'), 'unknown-step')
    spec.do({ ...yes, step: 'q' }, person('ben'))
    expect(spec.current.phase).toBe('closed')
  })

  test('the person who started a release cannot approve it where the checklist says so, and nobody counts twice', () => {
    const spec = started(plan([phase('p', [step('ok', approval({ count: 2, not: ['author'] }))])]))
    spec.refused({ ...sign, step: 'ok' }, person('ana'), 'self-approval')
    spec.do({ ...sign, step: 'ok' }, person('ben'))
    spec.refused({ ...sign, step: 'ok' }, person('ben'), 'already-signed')
    expect(spec.current.phase).toBe('running')
    spec.do({ ...sign, step: 'ok' }, person('cat'))
    expect(spec.current.phase).toBe('closed')
  })

  test('an approval that keeps out whoever started the release is not waived by them, but by somebody else', () => {
    const spec = started(plan([phase('p', [step('ok', approval({ not: ['author'] }))])]))
    const waive = { kind: 'Waive', step: 'ok', role: 'lead', reason: 'nobody is there', expires: null } as const
    spec.refused(waive, person('ana'), 'self-approval')
    spec.do(waive, person('ben'))
    expect(spec.current.phase).toBe('closed')
  })

  test('a machine never signs, and a protected environment wants more than a claim', () => {
    const spec = started(
      plan([phase('p', [step('ok', approval())])], { environments: { production: { protected: true } } }),
    )
    spec.refused({ ...sign, step: 'ok' }, engine, 'not-in-role')
    spec.refused({ ...sign, step: 'ok' }, person('ben'), 'sign-in-required')
    spec.do({ ...sign, step: 'ok' }, person('ben', { assurance: 'signed' }))
    expect(spec.current.phase).toBe('closed')
  })

  test('a signature over something that has changed since is refused', () => {
    const spec = started(plan([phase('p', [step('ok', approval())])]))
    spec.refused({ ...sign, step: 'ok', digest: 'something else' }, person('ben'), 'stale-view')
  })

  test('a result that changes before the second signature voids the first; the same result again keeps it', () => {
    const spec = started(plan([phase('p', [step('q', question), step('ok', approval({ count: 2 }))])]))
    spec.do({ ...yes, step: 'q' }, person('ana'))
    spec.do({ ...sign, step: 'ok' }, person('ben'))
    spec.refused({ kind: 'Retry', step: 'q' }, person('ana'), 'already-closed')
    expect(spec.current.steps.get('ok')!.approvals).toHaveLength(1)
  })

  test('a rejection stands until somebody takes the step up again', () => {
    const spec = started(plan([phase('p', [step('ok', approval())])]))
    spec.do({ kind: 'Reject', step: 'ok', role: null, why: 'not today' }, person('ana'))
    spec.refused({ ...sign, step: 'ok' }, person('ben'), 'rejected')
    spec.do({ kind: 'Retry', step: 'ok' }, person('ana')).do({ ...sign, step: 'ok' }, person('ben'))
    expect(spec.current.phase).toBe('closed')
  })

  test('a dangerous action waits for two people who type its id', () => {
    const spec = started(plan([phase('p', [step('drop', run(), { danger: true })])]))
    expect(spec.owes()).toEqual([])
    spec.refused({ ...sign, step: 'drop', typed: 'yes' }, person('ben'), 'typed-confirmation')
    spec.do({ ...sign, step: 'drop', typed: 'drop' }, person('ben'))
    spec.refused({ ...sign, step: 'drop', typed: 'drop' }, person('ben'), 'already-signed')
    expect(spec.owes()).toEqual([])
    spec.do({ ...sign, step: 'drop', typed: 'drop' }, person('cat'))
    expect(spec.owes()).toEqual(['action drop'])
  })

  test('an observation older than allowed is made again before an action', () => {
    const spec = started(
      plan([phase('p', [step('a', check({ maxAgeMs: 1000 })), step('ok', question)]), phase('q', [step('go', run())])]),
    )
    spec.attempt('a', 'check', 'passed')
    spec.now += 5000
    spec.do({ ...yes, step: 'ok' }, person('ben'))
    expect(spec.owes()).toEqual(['check a'])
    spec.attempt('a', 'check', 'passed')
    expect(spec.owes()).toEqual(['action go'])
  })
})

describe('amending', () => {
  const before = plan([phase('p', [step('a', check()), step('ok', approval()), step('go', run()), step('b', check())])])

  test('results of unchanged steps stay, a started action cannot change', () => {
    const spec = started(before)
      .attempt('a', 'check', 'passed')
      .do({ ...sign, step: 'ok' }, person('ben'))
    spec.attempt('go', 'action', 'passed').attempt('b', 'check', 'failed')
    const fixed = plan([
      phase('p', [step('a', check()), step('ok', approval()), step('go', run()), step('b', check({ timeoutMs: 5 }))]),
    ])
    spec.refused({ kind: 'Amend', plan: fixed, role: 'lead', reason: '' }, person('ana'), 'reason-required')
    spec.do({ kind: 'Amend', plan: fixed, role: 'lead', reason: 'typo' }, person('ana'))
    expect(spec.current.steps.get('a')!.closed?.how).toBe('passed')
    expect(spec.current.steps.get('ok')!.approvals).toHaveLength(0)
    spec.do({ ...sign, step: 'ok' }, person('ben'))
    expect(spec.owes()).toEqual(['check b'])
    const worse = plan([phase('p', [step('a', check()), step('go', run('other'))])])
    spec.refused(
      { kind: 'Amend', plan: worse, role: 'lead', reason: 'x' },
      person('ana'),
      'would-change-started-action',
    )
  })
})
