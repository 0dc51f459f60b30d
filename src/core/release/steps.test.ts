import { describe, expect, test } from 'vitest'
import { started } from '../../../test/support/canary.ts'
import { check, command, group, phase, plan, run, step, wait } from '../../../test/support/plan-builder.ts'
import { engine, person } from '../../../test/support/release-spec.ts'

const told = (spec: ReturnType<typeof started>, topic: string) =>
  spec.log.filter((event) => event.kind === 'MessageQueued' && event.on === topic).length

describe('order', () => {
  test('checks between two actions run side by side, and an action waits for all of them', () => {
    const spec = started(
      plan([phase('p', [step('a', check()), step('b', check()), step('go', run()), step('c', check())])]),
    )
    expect(spec.owes()).toEqual(['check a', 'check b'])
    spec.attempt('a', 'check', 'passed')
    expect(spec.owes()).toEqual(['check b'])
    spec.attempt('b', 'check', 'passed')
    expect(spec.owes()).toEqual(['action go'])
    spec.attempt('go', 'action', 'passed')
    expect(spec.owes()).toEqual(['check c'])
    spec.attempt('c', 'check', 'passed')
    expect(spec.current.phase).toBe('closed')
  })

  test('a failed check keeps the gate shut until a person retries or waives it', () => {
    const spec = started(plan([phase('p', [step('a', check()), step('go', run())])]))
    spec.attempt('a', 'check', 'failed')
    expect(spec.owes()).toEqual([])
    spec.do({ kind: 'Retry', step: 'a' }, person('ana'))
    expect(spec.owes()).toEqual(['check a'])
    spec.attempt('a', 'check', 'inconclusive')
    spec.refused(
      { kind: 'Waive', step: 'a', reason: '', role: 'lead', expires: null },
      person('ben'),
      'reason-required',
    )
    spec.do({ kind: 'Waive', step: 'a', reason: 'known flake', role: 'lead', expires: null }, person('ben'))
    expect(spec.owes()).toEqual(['action go'])
  })

  test.each(['failed', 'inconclusive', 'errored'] as const)('a check that %s never opens the gate', (outcome) => {
    const spec = started(plan([phase('p', [step('a', check()), step('go', run())])]))
    spec.attempt('a', 'check', outcome)
    expect(spec.owes()).toEqual([])
    expect(spec.current.steps.get('go')!.reachedAt).toBeNull()
  })

  test('a warning closes whatever its outcome', () => {
    const spec = started(plan([phase('p', [step('a', check(), { severity: 'warning' })])]))
    spec.attempt('a', 'check', 'failed')
    expect(spec.current.phase).toBe('closed')
  })

  test('a check whose runner was lost is started again by itself', () => {
    const spec = started(plan([phase('p', [step('a', check())])]))
    spec.attempt('a', 'check', 'errored', { facts: { lost: true } })
    spec.pass(10_000)
    expect(spec.owes()).toEqual(['check a'])
  })

  test('a check whose runner is lost again and again waits for a person in the end, who is told once', () => {
    const spec = started(plan([phase('p', [step('a', check())])]))
    for (let time = 0; time < 5; time += 1) {
      expect(spec.owes()).toEqual(['check a'])
      spec.attempt('a', 'check', 'errored', { facts: { lost: true } }).pass(60_000)
    }
    expect(spec.owes()).toEqual([])
    expect(told(spec, 'step.failed')).toBe(1)
  })

  test('a parent acts before its children and checks after them', () => {
    const spec = started(
      plan([
        phase('p', [
          step('act', run(), { children: ['inner'] }),
          step('inner', check(), { parent: 'act', afterActionOf: 'act', after: [] }),
          step('outer', check(), { children: ['leaf'], after: ['act', 'leaf'] }),
          step('leaf', check(), { parent: 'outer', after: ['act'] }),
        ]),
      ]),
    )
    expect(spec.owes()).toEqual(['action act'])
    spec.attempt('act', 'action', 'passed')
    expect(spec.owes()).toEqual(['check inner'])
    spec.attempt('inner', 'check', 'passed')
    expect(spec.owes()).toEqual(['check leaf'])
    spec.attempt('leaf', 'check', 'passed')
    expect(spec.owes()).toEqual(['check outer'])
  })

  test('what does not apply takes its children with it', () => {
    const spec = started(
      plan([
        phase('p', [step('g', group, { children: ['c'], only: ['staging'] }), step('c', check(), { parent: 'g' })]),
      ]),
    )
    expect(spec.current.phase).toBe('closed')
    expect(spec.current.steps.get('c')!.closed!.how).toBe('not-applicable')
  })

  test('a wait is never early, and says how late it was noticed', () => {
    const spec = started(plan([phase('p', [step('w', wait(60_000))])]))
    spec.now += 59_999
    expect(spec.owes()).toEqual([])
    spec.now += 30_001
    spec.tick()
    expect(spec.log).toContainEqual({ kind: 'WaitEnded', step: 'w', lateMs: 30_000 })
  })
})

describe('actions', () => {
  test('a lost result is settled by the probe, and never by starting again', () => {
    const spec = started(plan([phase('p', [step('go', run('deploy', { probe: command('probe') }))])]))
    spec.attempt('go', 'action', 'unknown')
    expect(spec.owes()).toEqual(['probe go'])
    spec.attempt('go', 'probe', 'passed')
    expect(spec.current.phase).toBe('closed')
    expect(spec.log).toContainEqual(expect.objectContaining({ kind: 'AttemptSettled', as: 'done', by: 'probe' }))
  })

  test('one that is lost with its runner is told, unless it runs again by itself', () => {
    const lost = { facts: { lost: true } }
    const spec = started(plan([phase('p', [step('go', run()), step('safe', run('deploy', { idempotent: true }))])]))
    spec.attempt('go', 'action', 'unknown', lost)
    expect(told(spec, 'step.unknown')).toBe(1)
    spec.do({ kind: 'Settle', step: 'go', as: 'done', why: 'it is there' }, person('ana'))
    spec.attempt('safe', 'action', 'unknown', lost)
    expect(told(spec, 'step.unknown')).toBe(1)
  })

  test('a probe whose runner was lost is asked again, as it only reads', () => {
    const spec = started(plan([phase('p', [step('go', run('deploy', { probe: command('probe') }))])]))
    spec.attempt('go', 'action', 'unknown').attempt('go', 'probe', 'errored', { facts: { lost: true } })
    expect(spec.owes()).toEqual(['probe go'])
    spec.attempt('go', 'probe', 'inconclusive')
    expect(spec.owes()).toEqual([])
  })

  test('without a probe a person settles it', () => {
    const spec = started(plan([phase('p', [step('go', run())])]))
    spec.attempt('go', 'action', 'unknown')
    spec.pass(3_600_000)
    expect(spec.owes()).toEqual([])
    spec.refused({ kind: 'Retry', step: 'go' }, person('ana'), 'nothing-unknown')
    spec.refused({ kind: 'Waive', step: 'go', reason: 'x', role: 'y', expires: null }, person('ana'), 'not-waivable')
    spec.do({ kind: 'Settle', step: 'go', as: 'retry', why: 'nothing was deployed' }, person('ana'))
    spec.pass(5000)
    expect(spec.owes()).toEqual(['action go'])
  })

  test('an idempotent action runs again by itself', () => {
    const spec = started(plan([phase('p', [step('go', run('x', { idempotent: true, retries: 1 }))])]))
    spec.attempt('go', 'action', 'unknown').pass(5000)
    expect(spec.owes()).toEqual(['action go'])
    spec.attempt('go', 'action', 'failed').pass(5000)
    expect(spec.owes()).toEqual(['action go'])
    spec.attempt('go', 'action', 'failed').pass(60_000)
    expect(spec.owes()).toEqual([])
  })

  test('an action passes only when its probe agrees', () => {
    const spec = started(plan([phase('p', [step('go', run('x', { probe: command('y') }))])]))
    spec.attempt('go', 'action', 'passed')
    expect(spec.owes()).toEqual(['probe go'])
    spec.attempt('go', 'probe', 'failed')
    expect(spec.current.phase).toBe('running')
    expect(spec.owes()).toEqual([])
  })

  test('a late result is kept and changes nothing', () => {
    const spec = started(plan([phase('p', [step('go', run())])]))
    spec.attempt('go', 'action', 'unknown')
    const { id } = spec.current.steps.get('go')!.attempts[0]!
    const evidence = [{ name: 'o', sha256: 'f', size: 1, mediaType: 'text/plain', truncated: false }]
    spec.do({
      kind: 'FinishAttempt',
      step: 'go',
      attempt: id,
      outcome: 'passed',
      say: '',
      evidence,
      captures: {},
      facts: {},
      observedAt: spec.now,
    })
    expect(spec.log.at(-1)!.kind).toBe('LateResultKept')
    expect(spec.current.phase).toBe('running')
  })

  test('one start per attempt: a second claim is refused', () => {
    const spec = started(plan([phase('p', [step('go', run())])]))
    spec.do({ kind: 'BeginAttempt', step: 'go', purpose: 'action', epoch: 1 })
    spec.refused({ kind: 'BeginAttempt', step: 'go', purpose: 'action', epoch: 1 }, engine, 'not-due')
  })
})

describe('a record with an age', () => {
  const fresh = { word: 'record', name: 'restore-test', maxAgeMs: 1000, drill: null } as const

  test('is looked for while it is missing, and closes its step when somebody adds it', () => {
    const spec = started(plan([phase('p', [step('restored', fresh)])]))
    expect(spec.owes()).toEqual(['record restored'])
    spec.do({ kind: 'UseRecord', step: 'restored', record: null, observedAt: null, say: 'there is none yet' })
    expect(spec.owes()).toEqual(['record restored'])
    spec.do({ kind: 'UseRecord', step: 'restored', record: 'r', observedAt: spec.now, say: 'fresh' })
    expect(spec.current.phase).toBe('closed')
  })
})
