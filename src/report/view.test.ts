/** What a view says of a state, played through the real rules. */
import { expect, test } from 'vitest'
import {
  approval,
  check,
  group,
  phase,
  plan,
  question,
  rollout,
  run,
  stage,
  step,
  wait,
  command,
  watch,
} from '../../test/support/plan-builder.ts'
import { person, ReleaseSpec, verdict } from '../../test/support/release-spec.ts'
import { viewOf } from './view.ts'
import type { ReleaseView } from './view.ts'

const view = (spec: ReleaseSpec, later = 0): ReleaseView => viewOf(spec.current, null, spec.now + later)
const stateOf = (shown: ReleaseView, id: string) =>
  shown.phases.flatMap((one) => one.steps).find((one) => one.id === id)?.state
const commands = (shown: ReleaseView) => shown.waitsFor.flatMap((one) => one.commands.map((each) => each.command))

test('a view survives JSON unchanged: every surface gets the same', () => {
  const shown = view(new ReleaseSpec().start(plan([phase('a', [step('q', question)])])))
  expect(JSON.parse(JSON.stringify(shown))).toEqual(shown)
})

test('an unanswered question is pending, never red', () => {
  const shown = view(new ReleaseSpec().start(plan([phase('a', [step('q', question, { owner: 'dana' })])])))
  expect(stateOf(shown, 'q')).toBe('needs a person')
  expect(shown.bar).toMatchObject({ tone: 'person', who: 'dana' })
  expect(shown.waitsFor[0]).toMatchObject({ kind: 'answer', step: 'q', who: 'dana' })
})

test('a question answered with no is failed, and can be answered again', () => {
  const spec = new ReleaseSpec().start(plan([phase('a', [step('q', question)])]))
  spec.do({ kind: 'Answer', step: 'q', answer: 'failed', note: 'red', fields: {}, evidence: [] }, person('bo'))
  const shown = view(spec)
  expect(stateOf(shown, 'q')).toBe('failed')
  expect(shown.bar.tone).toBe('bad')
  expect(commands(shown)[0]).toBe('holdpoint release answer r1 q passed')
})

test('a failed check stops the release and says how to go on; a warning does neither', () => {
  const failing = (severity: 'blocker' | 'warning') => {
    const spec = new ReleaseSpec().start(plan([phase('a', [step('c', check(), { severity }), step('q', question)])]))
    return view(spec.attempt('c', 'check', 'failed', { say: 'exit 1' }))
  }
  expect(failing('blocker').waitsFor[0]).toMatchObject({ kind: 'failed', step: 'c' })
  expect(commands(failing('blocker'))).toContain('holdpoint release retry r1 c')
  expect(stateOf(failing('warning'), 'c')).toBe('failed')
  expect(failing('warning').waitsFor.map((one) => one.step)).toEqual(['q'])
})

test('a group is as bad as the worst of its steps, but what is waited for is that step', () => {
  const spec = new ReleaseSpec().start(
    plan([
      phase('a', [
        step('all', group, { children: ['c', 'q'] }),
        step('c', check(), { parent: 'all' }),
        step('q', question, { parent: 'all' }),
      ]),
    ]),
  )
  const shown = view(spec.attempt('c', 'check', 'failed', { say: 'exit 1' }))
  expect(stateOf(shown, 'all')).toBe('failed')
  expect(shown.waitsFor.map((one) => one.step)).toEqual(['c', 'q'])
})

test('machines at work are busy; people and clocks are not', () => {
  const of = (...steps: Parameters<typeof phase>[1]) => new ReleaseSpec().start(plan([phase('a', steps)]))
  expect(view(of(step('c', check()))).busy).toBe(true)
  expect(view(of(step('c', check())).do({ kind: 'BeginAttempt', step: 'c', purpose: 'check', epoch: 1 })).busy).toBe(
    true,
  )
  expect(view(of(step('q', question))).busy).toBe(false)
  expect(view(of(step('w', wait(60_000)))).busy).toBe(false)
  expect(view(of(step('w', wait(60_000)))).waitsFor[0]).toMatchObject({ kind: 'time' })
})

test('a held release says who holds it and how to go on, whatever else it waits for', () => {
  const spec = new ReleaseSpec().start(plan([phase('a', [step('q', question)])]))
  const shown = view(spec.do({ kind: 'Hold', why: 'pager' }, person('cy')))
  expect(shown.bar.now).toContain('Held by cy: pager')
  expect(shown.waitsFor[0]).toMatchObject({ kind: 'resume', who: 'cy' })
  expect(shown.busy).toBe(false)
})

test('what adds a missing record names all that is asked of it', () => {
  const block = {
    word: 'record',
    name: 'key-rotation',
    maxAgeMs: 86_400_000,
    drill: null,
    evidence: 'required',
    environment: 'staging',
    limits: { recovery: '<= 30m', took: '< 1h' },
  } as const
  const spec = new ReleaseSpec().start(plan([phase('a', [step('keys', block)])]))
  const shown = view(
    spec.do({ kind: 'UseRecord', step: 'keys', record: null, observedAt: null, say: 'there is none yet' }),
  )
  expect(commands(shown)[0]).toBe(
    'holdpoint records add key-rotation --note NOTE --environment staging --fact recovery=VALUE --took DURATION --evidence FILE',
  )
})

test('a missing record that a drill of the checklist makes offers to start that drill first', () => {
  const block = {
    word: 'record',
    name: 'r',
    maxAgeMs: 1,
    drill: 'restore-drill',
  } as const
  const drill = phase('restore-drill', [step('d', question)], { kind: 'drill' })
  const spec = new ReleaseSpec().start(plan([phase('a', [step('fresh', block)]), drill]))
  const none = { record: null, observedAt: null, say: 'there is none yet' }
  const shown = view(spec.do({ kind: 'UseRecord', step: 'fresh', ...none }))
  expect(commands(shown).slice(0, 2)).toEqual([
    `holdpoint run ${spec.current.plan.source.file} --drill restore-drill`,
    'holdpoint records add r --note NOTE',
  ])
})

test('a signature names the roles that are missing, and someone else than the author', () => {
  const spec = new ReleaseSpec().start(
    plan([phase('a', [step('s', approval({ roles: ['qa', 'ops'], count: 2, not: ['author'] }))])]),
  )
  expect(commands(view(spec))).toEqual([
    'holdpoint release approve r1 s --role qa',
    'holdpoint release approve r1 s --role ops',
    'holdpoint release reject r1 s --reason WHY',
  ])
  spec.do({ kind: 'Approve', step: 's', role: 'qa', digest: null, typed: null, note: null }, person('bo'))
  const shown = view(spec)
  expect(shown.waitsFor[0]?.who).toBe('ops')
  expect(shown.phases[0]?.steps[0]?.asks).toMatchObject({ signaturesNeeded: 2, signedBy: [{ by: 'bo', role: 'qa' }] })
})

test('words of a step are quoted for the shell where they could do harm', () => {
  const spec = new ReleaseSpec().start(plan([phase('a', [step("it's; rm -rf /", question)])]))
  expect(commands(view(spec))[0]).toBe(`holdpoint release answer r1 'it'\\''s; rm -rf /' passed`)
})

test('soak that is done with numbers that say go waits for the role that promotes', () => {
  const spec = new ReleaseSpec().start(
    plan([phase('a', [step('r', rollout([stage(50, { promote: 'lead' }), stage(100)]))], { kind: 'rollout' })]),
  )
  spec.shift('r', 'api')
  expect(view(spec).busy).toBe(true)
  const shown = view(spec.measure('r', 0, 5000, verdict('go', 'healthy', spec.now)))
  expect(shown.busy).toBe(false)
  expect(shown.bar).toMatchObject({ tone: 'person', who: 'lead' })
  expect(commands(shown)[0]).toMatch(/^holdpoint release promote r1 --role lead/)
})

test('a number of a dry run is told apart from those that decide', () => {
  const spec = new ReleaseSpec().start(plan([phase('a', [step('r', rollout([stage(100)]))], { kind: 'rollout' })]))
  spec.shift('r', 'api')
  const limits = { go: null, rollback: '> 2%', versusStable: null }
  const numbers = { quantile: null, unit: 'ratio', canary: 0.03, stable: 0, samples: 900, limits, say: 'said' } as const
  const said = verdict('go', 'healthy', spec.now)
  const metrics = [
    { metric: 'errors', ...numbers, zone: 'go', why: 'healthy' },
    { metric: 'retries', ...numbers, zone: 'rollback', why: 'breach', dryRun: true },
  ] as const
  const shown = view(spec.measure('r', 0, 500, { ...said, metrics }))
  expect(shown.rollouts[0]?.observed?.metrics).toMatchObject([
    { metric: 'errors', zone: 'go', dryRun: false },
    { metric: 'retries', zone: 'rollback', dryRun: true },
  ])
})

test('a compared metric shows its ratio with interval and limits, and the evidence beside what is needed', () => {
  const spec = new ReleaseSpec().start(plan([phase('a', [step('r', rollout([stage(100)]))], { kind: 'rollout' })]))
  spec.shift('r', 'api')
  const ratio = { slowerThan: null, value: 2.2, low: 1.4, high: 3.6, rollback: 1.25, go: 2 }
  const evidence = {
    rollback: 6,
    rollbackNeeded: 100,
    isBeyondLimit: false,
    go: 3,
    goNeeded: 20,
    dispersion: 1.8,
    moreMs: 840_000,
    moreRequests: 4200,
  }
  const limits = { go: null, rollback: null, versusStable: '+25%' }
  const numbers = {
    quantile: null,
    unit: 'ratio',
    canary: 0.009,
    stable: 0.004,
    samples: 900,
    limits,
    say: '',
  } as const
  const standing = { zone: 'hold', why: 'too-few' } as const
  const said = verdict('hold', 'too-few', spec.now)
  const metrics = [
    { metric: 'errors', ...numbers, ...standing, ratio, evidence },
    { metric: 'queue', ...numbers, ...standing },
  ]
  const shown = view(spec.measure('r', 0, 500, { ...said, metrics }))
  expect(shown.rollouts[0]?.observed?.metrics).toMatchObject([
    { metric: 'errors', ratio, evidence },
    { metric: 'queue', ratio: null, evidence: null },
  ])
})

test('on the way back the bar counts what is restored and undone, and nothing forward waits for anyone', () => {
  const spec = new ReleaseSpec().start(
    plan([
      phase('a', [step('d', run('deploy'), { undo: command('undo') }), step('r', rollout([stage(50), stage(100)]))], {
        kind: 'rollout',
      }),
    ]),
  )
  spec.attempt('d', 'action', 'passed').shift('r', 'api')
  spec.do({ kind: 'Rollback', why: 'slow' }, person('bo'))
  const going = view(spec)
  expect(going.rollback).toMatchObject({ trafficRestored: 0, trafficToRestore: 1, undone: 0, toUndo: 1 })
  expect(going.waitsFor).toEqual([])
  expect(going.busy).toBe(true)
  spec.restore('r', 'api').attempt('d', 'undo', 'passed').tick()
  const done = view(spec)
  expect(done.decision).toMatchObject({ word: 'rolled back', good: false, ended: true })
  expect(done.rollback).toMatchObject({ trafficRestored: 1, undone: 1 })
  expect(done.phases[0]?.steps[0]?.undo).toBe('passed')
})

test('on the way back through phases the bar says how far they have come, and at what they are', () => {
  const spec = new ReleaseSpec().start(
    plan([
      phase('a', [step('d', run('deploy')), step('q', question)], { kind: 'rollout' }),
      phase('back', [step('one', run('one')), step('two', run('two'))], { kind: 'rollback' }),
    ]),
  )
  spec.attempt('d', 'action', 'passed').do({ kind: 'Rollback', why: 'slow' }, person('bo'))
  spec.attempt('one', 'action', 'passed').tick()
  expect(view(spec).bar).toMatchObject({ now: 'Rolling back: slow', next: '1 of 2 steps of the way back (two)' })
})

test('a rollback that failed says so, owes it to a person, and offers the step to retry', () => {
  const spec = new ReleaseSpec().start(
    plan([phase('a', [step('d', run('deploy'), { undo: command('undo') }), step('q', question)])]),
  )
  spec.attempt('d', 'action', 'passed')
  spec.do({ kind: 'Abort', why: 'no', leave: false, typed: null }, person('bo'))
  for (let tries = 0; tries < 5 && spec.current.phase === 'rolling-back'; tries += 1) {
    spec.now += 60_000
    spec.attempt('d', 'undo', 'failed', { say: 'exit 1' }).tick()
  }
  const shown = view(spec)
  expect(shown.phase).toBe('rollback-failed')
  expect(shown.decision).toMatchObject({ word: 'rollback failed', good: false, ended: false })
  expect(shown.waitsFor[0]).toMatchObject({ kind: 'rollback' })
  expect(commands(shown)[0]).toBe('holdpoint release retry r1 d')
})

test('released and watched is good news already, and says what closes it', () => {
  const spec = new ReleaseSpec().start(
    plan([
      phase('a', [step('r', rollout([stage(100)]))], { kind: 'rollout' }),
      phase('w', [step('w', watch(60_000))], { kind: 'watch' }),
    ]),
  )
  spec
    .shift('r', 'api')
    .measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
    .tick()
  const shown = view(spec)
  expect(shown.phase).toBe('validating')
  expect(shown.decision).toMatchObject({ word: 'released', good: true, ended: false })
  expect(shown.decision?.sentence).toContain('100 % reached')
  expect(shown.bar.tone).toBe('good')
})
