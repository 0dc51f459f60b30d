import { describe, expect, test } from 'vitest'
import { atFirstStage, started } from '../../../test/support/canary.ts'
import {
  check,
  command,
  phase,
  plan,
  question,
  rollout,
  run,
  stage,
  step,
  trigger,
  watch,
} from '../../../test/support/plan-builder.ts'
import { engine, person, verdict } from '../../../test/support/release-spec.ts'

describe('the way back', () => {
  test('abort cancels what lives, restores at once, and undoes only when nothing forward is alive', () => {
    const of = plan([
      phase('p', [step('one', run(), { undo: command('u1') }), step('two', run(), { undo: command('u2') })]),
    ])
    const spec = started(of)
      .attempt('one', 'action', 'passed')
      .do({ kind: 'BeginAttempt', step: 'two', purpose: 'action', epoch: 1 })
    spec.do({ kind: 'Abort', why: 'stop', leave: false, typed: null }, person('ana'))
    expect(spec.owes()).toEqual(['cancel r1/two/action-1'])
    spec.finish('two', 'unknown')
    expect(spec.owes()).toEqual([])
    spec.do({ kind: 'Settle', step: 'two', as: 'failed', why: 'looked' }, person('ana'))
    spec.attempt('two', 'undo', 'passed').attempt('one', 'undo', 'passed')
    expect(spec.current.phase).toBe('rolled-back')
  })

  test('nothing forward follows an abort, and it is accepted once', () => {
    const spec = atFirstStage().do({ kind: 'Abort', why: 'x', leave: false, typed: null }, person('ana'))
    spec.refused({ kind: 'Abort', why: 'x', leave: false, typed: null }, person('ana'), 'already-rolling-back')
    spec.refused({ kind: 'Promote', stage: 0, role: null, reason: 'x' }, person('ana'), 'nothing-to-promote')
    expect(spec.owes()).toEqual(['restore r api'])
  })

  test('a rollback phase replaces the undo and verifies every step', () => {
    const of = plan([
      phase('p', [step('go', run(), { undo: command('u') }), step('r', rollout([stage(5)]))]),
      phase('back', [step('prev', run()), step('healthy', check())], { kind: 'rollback' }),
    ])
    const spec = atFirstStage(of).do({ kind: 'Rollback', why: 'x' }, person('ana')).restore('r', 'api')
    expect(spec.owes()).toEqual(['action prev'])
    spec.attempt('prev', 'action', 'passed')
    for (let tries = 0; tries < 4; tries += 1) spec.pass(60_000).attempt('healthy', 'check', 'failed')
    expect(spec.current.phase).toBe('rollback-failed')
  })

  test('an abort before anything began ends at once', () => {
    const spec = started(
      plan([phase('p', [step('q', question)]), phase('back', [step('prev', run())], { kind: 'rollback' })]),
    )
    spec.do({ kind: 'Abort', why: 'not today', leave: false, typed: null }, person('ana'))
    expect(spec.current.phase).toBe('rolled-back')
  })

  test('leaving things as they are needs a reason, the typed id and a second person', () => {
    const spec = atFirstStage()
    spec.refused({ kind: 'Abort', why: 'db', leave: true, typed: null }, person('ana'), 'typed-confirmation')
    spec.do({ kind: 'Abort', why: 'db', leave: true, typed: 'r1' }, person('ana'))
    spec.refused({ kind: 'Abort', why: 'db', leave: true, typed: 'r1' }, person('ana'), 'already-signed')
    expect(spec.current.phase).toBe('running')
    spec.do({ kind: 'Abort', why: 'db', leave: true, typed: 'r1' }, person('ben'))
    expect(spec.current.phase).toBe('left')
    expect(spec.owes()).toEqual([])
  })

  test('a trigger is armed with the first canary request and turns back even after 100 %', () => {
    const of = plan(
      [phase('p', [step('r', rollout([stage(100)]))]), phase('w', [step('watch', watch(5000))], { kind: 'watch' })],
      { triggers: [trigger('t')] },
    )
    const spec = started(of)
    expect(spec.current.triggers.get('t')!.status).toBe('waiting')
    spec.shift('r', 'api')
    expect(spec.current.triggers.get('t')!.status).toBe('armed')
    spec.measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
    expect(spec.current.phase).toBe('validating')
    spec.do({ kind: 'RecordTriggerReading', trigger: 't', reading: 'blind', say: 'no data' })
    expect(spec.current.phase).toBe('validating')
    spec.do({ kind: 'RecordTriggerReading', trigger: 't', reading: 'firing', say: '7 %' })
    expect(spec.current.rollback?.cause).toBe('trigger')
  })

  test('a watch that ends healthy signs off and closes; a superseded one disarms', () => {
    const of = plan([phase('p', [step('r', rollout([stage(100)]))]), phase('w', [step('watch', watch(5000))])], {
      triggers: [trigger('t')],
    })
    const validating = () => {
      const spec = started(of).shift('r', 'api')
      return spec.measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
    }
    const healthy = validating()
    healthy.measure('watch', null, 5000, verdict('go', 'healthy', healthy.now))
    expect(healthy.current.phase).toBe('closed')
    expect(healthy.kinds()).toContain('ReleaseSignedOff')
    const old = validating().do({ kind: 'Supersede', by: 'r2' })
    expect(old.current.phase).toBe('superseded')
    expect(old.current.triggers.get('t')!.status).toBe('disarmed')
    started(of).refused({ kind: 'Supersede', by: 'r2' }, engine, 'target-busy')
  })

  test('every failure tells someone, with keys that are unique', () => {
    const spec = atFirstStage().measure('r', 0, 0, verdict('rollback', 'breach', 1))
    const told = spec.log.filter((event) => event.kind === 'MessageQueued')
    expect(told.map((event) => event.on)).toContain('rollback.started')
    expect(new Set(told.map((event) => event.message)).size).toBe(told.length)
  })

  test('after 100 % the way back of the checklist is taken and no weight is moved', () => {
    const of = plan([
      phase('p', [step('r', rollout([stage(100)]))]),
      phase('w', [step('watch', watch(5000))]),
      phase('back', [step('prev', run())], { kind: 'rollback' }),
    ])
    const spec = started(of).shift('r', 'api')
    spec
      .measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
      .measure('watch', null, 0, verdict('rollback', 'breach', 1))
    expect(spec.owes()).toEqual(['action prev'])
    spec.attempt('prev', 'action', 'passed')
    expect(spec.current.phase).toBe('rolled-back')
    expect(spec.log.find(({ kind }) => kind === 'RollbackFinished')).toMatchObject({
      say: '"back" done, traffic of api stands as 100 % left it',
    })
  })

  test('an idempotent undo runs without an answer about its action', () => {
    const spec = started(plan([phase('p', [step('go', run(), { undo: command('u', { idempotent: true }) })])]))
    spec.attempt('go', 'action', 'unknown').do({ kind: 'Rollback', why: 'x' }, person('ana'))
    expect(spec.owes()).toEqual(['undo go'])
  })
})
