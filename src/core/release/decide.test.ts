import { describe, expect, test } from 'vitest'
import {
  approval,
  check,
  command,
  group,
  phase,
  plan,
  question,
  rollout,
  run,
  stage,
  step,
  trigger,
  wait,
  watch,
} from '../../../test/support/plan-builder.ts'
import { engine, person, ReleaseSpec, verdict } from '../../../test/support/release-spec.ts'
import type { Plan } from '../plan/plan.ts'

const started = (of: Plan) => new ReleaseSpec().start(of)
const yes = { kind: 'Answer', answer: 'passed', note: null, fields: {}, evidence: [] } as const
const sign = { kind: 'Approve', role: null, digest: null, typed: null, note: null } as const

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

describe('actions', () => {
  test('a lost result is settled by the probe, and never by starting again', () => {
    const spec = started(plan([phase('p', [step('go', run('deploy', { probe: command('probe') }))])]))
    spec.attempt('go', 'action', 'unknown')
    expect(spec.owes()).toEqual(['probe go'])
    spec.attempt('go', 'probe', 'passed')
    expect(spec.current.phase).toBe('closed')
    expect(spec.log).toContainEqual(expect.objectContaining({ kind: 'AttemptSettled', as: 'done', by: 'probe' }))
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

const canary = (...more: Parameters<typeof phase>[1]) =>
  plan([
    phase('p', [step('go', run(), { undo: command('undo') }), step('r', rollout([stage(5), stage(100)])), ...more]),
  ])

function atFirstStage(of = canary()): ReleaseSpec {
  return started(of).attempt('go', 'action', 'passed').shift('r', 'api')
}

describe('rollout', () => {
  test('stages are entered when every weight is verified and left when soaked with go', () => {
    const spec = atFirstStage()
    expect(spec.owes()).toEqual(['observe r 0'])
    spec.measure('r', 0, 4000, verdict('go', 'healthy', spec.now))
    expect(spec.owes()).toEqual(['observe r 0'])
    spec.measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
    expect(spec.owes()).toEqual(['shift r api'])
    spec.shift('r', 'api').measure('r', 1, 5000, verdict('go', 'healthy', spec.now))
    expect(spec.current.phase).toBe('closed')
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

  test('leaving things as they are needs a reason and the typed id', () => {
    const spec = atFirstStage()
    spec.refused({ kind: 'Abort', why: 'db', leave: true, typed: null }, person('ana'), 'typed-confirmation')
    spec.do({ kind: 'Abort', why: 'db', leave: true, typed: 'r1' }, person('ana'))
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

test('a required input without value, an unknown environment and unreversed actions in a protected one keep a release from starting', () => {
  const input = { type: 'string', required: true, default: null, options: null, description: null } as const
  const base = {
    release: 'r1',
    version: '2',
    previous: null,
    environment: 'production',
    inputs: {},
    workspace: { root: '/', commit: null, dirty: false },
    artefact: null,
    superseded: null,
    rehearsal: false,
  }
  const steps = [phase('p', [step('go', run())])]
  new ReleaseSpec().refused(
    { kind: 'StartRelease', ...base, plan: plan(steps, { inputs: { ticket: input } }) },
    person('ana'),
    'missing-input',
  )
  new ReleaseSpec().refused(
    { kind: 'StartRelease', ...base, plan: plan(steps, { environments: { staging: { protected: false } } }) },
    person('ana'),
    'wrong-target',
  )
  new ReleaseSpec().refused(
    {
      kind: 'StartRelease',
      ...base,
      plan: plan(steps, { environments: { production: { protected: true } }, unreversed: ['go'] }),
    },
    person('ana'),
    'unreversed-actions',
  )
})

test('a rehearsal runs the checks and moves nothing', () => {
  const spec = new ReleaseSpec().start(
    plan([
      phase('p', [step('a', check()), step('go', run()), step('r', rollout([stage(100)])), step('w', watch(1000))]),
    ]),
    { rehearsal: true },
  )
  expect(spec.owes()).toEqual(['check a'])
  spec.attempt('a', 'check', 'passed')
  expect(spec.current.phase).toBe('closed')
})
