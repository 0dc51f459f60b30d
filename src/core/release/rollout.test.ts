import { describe, expect, test } from 'vitest'
import { atFirstStage, started, yes } from '../../../test/support/canary.ts'
import { phase, plan, question, rollout, run, stage, step } from '../../../test/support/plan-builder.ts'
import { person, verdict } from '../../../test/support/release-spec.ts'

describe('rollout', () => {
  test('stages are entered when every weight is verified and left when soaked with go', () => {
    const spec = atFirstStage()
    expect(spec.owes()).toEqual(['observe r 0'])
    spec.measure('r', 0, 4000, verdict('go', 'healthy', spec.now))
    expect(spec.owes()).toEqual(['observe r 0'])
    spec.measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
    expect(spec.owes()).toEqual(['shift r api', 'observe r 0'])
    spec.shift('r', 'api').measure('r', 1, 5000, verdict('go', 'healthy', spec.now))
    expect(spec.current.phase).toBe('closed')
  })

  test('the canary is judged between two stages too: a breach while the next weight fails to come turns back', () => {
    const of = plan([phase('p', [step('r', rollout([stage(5), stage(50)], { components: ['api', 'web'] }))])])
    const spec = started(of).shift('r', 'api').shift('r', 'web')
    spec.measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
    expect(spec.owes()).toEqual(['shift r api', 'observe r 0'])
    spec.shift('r', 'api').shift('r', 'web', false)
    expect(spec.owes()).toContain('observe r 0 between api=50')
    spec.measure('r', 0, 5000, verdict('rollback', 'breach', spec.now))
    expect(spec.current.rollback?.cause).toBe('verdict')
  })

  test('soaked time with a verdict that is not go promotes nothing', () => {
    const spec = atFirstStage()
    spec.measure('r', 0, 50_000, verdict('hold', 'too-few', spec.now))
    expect(spec.current.rollouts.get('r')!.stage).toBe(0)
  })

  test('a breach turns back in the same append: traffic first, then undo, then the end', () => {
    const spec = atFirstStage().measure('r', 0, 100, verdict('rollback', 'breach', 1))
    expect(spec.current.phase).toBe('rolling-back')
    expect(spec.owes()).toEqual(['restore r api'])
    spec.restore('r', 'api')
    expect(spec.owes()).toEqual(['undo go'])
    spec.attempt('go', 'undo', 'passed')
    expect(spec.current.phase).toBe('rolled-back')
    expect(spec.current.rollback!.cause).toBe('verdict')
  })

  test('a restore that keeps failing ends in rollback failed, never in done; a person tries again', () => {
    const spec = atFirstStage().do({ kind: 'Abort', why: 'no', leave: false, typed: null }, person('ana'))
    for (let tries = 0; tries < 5; tries += 1) spec.pass(60_000).restore('r', 'api', false)
    expect(spec.current.phase).toBe('rollback-failed')
    expect(spec.owes()).toEqual([])
    spec.do({ kind: 'Rollback', why: 'again' }, person('ana'))
    spec.restore('r', 'api').attempt('go', 'undo', 'passed')
    expect(spec.current.phase).toBe('rolled-back')
  })

  test('an undo that fails is repeated, then the rollback has failed', () => {
    const spec = atFirstStage().do({ kind: 'Rollback', why: 'x' }, person('ana')).restore('r', 'api')
    for (let tries = 0; tries < 3; tries += 1) spec.pass(60_000).attempt('go', 'undo', 'failed')
    expect(spec.current.phase).toBe('rollback-failed')
  })

  test('a component that cannot be moved puts the others back and holds', () => {
    const of = plan([phase('p', [step('r', rollout([stage(50)], { components: ['api', 'web'] }))])])
    const spec = started(of).shift('r', 'api')
    for (let tries = 0; tries < 3; tries += 1) spec.pass(30_000).shift('r', 'web', false)
    expect(spec.owes()).toEqual(['shift r api'])
    spec.shift('r', 'api')
    expect(spec.current.rollouts.get('r')!.components.get('api')!.verifiedPercent).toBe(0)
    spec.pass(60_000).shift('r', 'web')
    expect(spec.current.hold?.by).toBe('engine')
    spec.do({ kind: 'Resume', why: 'fixed' }, person('ana')).shift('r', 'api').shift('r', 'web')
    expect(spec.owes()).toEqual(['observe r 0'])
  })

  test('no data for as long as the checklist allows rolls back, and never promotes', () => {
    const spec = atFirstStage()
    spec.measure('r', 0, 0, verdict('hold', 'no-data', spec.now))
    spec.pass(9000)
    expect(spec.current.phase).toBe('running')
    spec.pass(2000)
    expect(spec.current.rollback?.cause).toBe('no-data')
  })

  test('grey at the end of the soak asks, and silence rolls back', () => {
    const spec = atFirstStage()
    spec.measure('r', 0, 0, verdict('hold', 'grey', spec.now)).pass(6000)
    expect(spec.current.asked?.question).toContain('between go and rollback')
    spec.pass(61_000)
    expect(spec.current.rollback?.cause).toBe('no-answer')
  })

  test('a person answers the question with a reason; an old view is refused', () => {
    const spec = atFirstStage()
    spec.measure('r', 0, 0, verdict('hold', 'grey', spec.now))
    spec.refused({ kind: 'Promote', stage: 0, role: null, reason: 'fine' }, person('ana'), 'not-go')
    spec.pass(6000)
    spec.refused({ kind: 'Promote', stage: 3, role: null, reason: 'fine' }, person('ana'), 'stale-view')
    spec.refused({ kind: 'Promote', stage: 0, role: null, reason: null }, person('ana'), 'reason-required')
    spec.do({ kind: 'Promote', stage: 0, role: null, reason: 'known noise' }, person('ana'))
    expect(spec.current.rollouts.get('r')!.stage).toBe(1)
  })

  test('a stage with promote waits for the role after the soak', () => {
    const of = plan([phase('p', [step('r', rollout([stage(50, { promote: 'lead' }), stage(100)]))])], {
      roles: { lead: [{ id: 'lea', key: null }] },
    })
    const spec = started(of).shift('r', 'api')
    spec.measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
    expect(spec.current.asked?.role).toBe('lead')
    spec.refused({ kind: 'Promote', stage: 0, role: null, reason: null }, person('ana'), 'not-in-role')
    spec.do({ kind: 'Promote', stage: 0, role: null, reason: null }, person('lea'))
    expect(spec.current.rollouts.get('r')!.stage).toBe(1)
  })

  test('a stage with steps acts on entry, checks while it soaks, and is left when all is closed', () => {
    const of = plan([
      phase('p', [
        step('r', rollout([stage(5, { actions: ['d1'], steps: ['c1'] }), stage(100)])),
        step('d1', run(), { stage: { rollout: 'r', index: 0 }, after: [] }),
        step('c1', question, { stage: { rollout: 'r', index: 0 }, after: [] }),
      ]),
    ])
    const spec = started(of)
    expect(spec.owes()).toEqual(['action d1'])
    spec.attempt('d1', 'action', 'passed').shift('r', 'api')
    spec.measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
    expect(spec.current.rollouts.get('r')!.stage).toBe(0)
    spec.do({ ...yes, step: 'c1' }, person('ana'))
    expect(spec.current.rollouts.get('r')!.stage).toBe(1)
  })

  test('a hold stops what goes forward, but not the judge', () => {
    const spec = atFirstStage().do({ kind: 'Hold', why: 'odd' }, person('ana'))
    spec.measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
    expect(spec.current.rollouts.get('r')!.stage).toBe(0)
    expect(spec.owes()).toEqual(['observe r 0'])
    spec.do({ kind: 'Resume', why: '' }, person('ben'))
    expect(spec.current.rollouts.get('r')!.stage).toBe(1)
  })
})
