import { expect, test } from 'vitest'
import { check, phase, plan, rollout, run, stage, step, wait, watch } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'

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

test('a release that would still be moving when its window closes does not start', () => {
  const office = {
    zone: 'UTC',
    allow: [{ weekdays: null, fromMinute: 9 * 60, toMinute: 17 * 60, dates: null }],
    deny: [],
  }
  const of = plan([phase('p', [step('w', wait(3 * 3_600_000))], { window: 'office' })], { windows: { office } })
  const at = (time: string) => {
    const spec = new ReleaseSpec()
    spec.now = Date.parse(`2026-11-23T${time}:00Z`)
    return spec
  }
  expect(at('10:00').start(of).current.phases.get('p')?.status).toBe('open')
  expect(at('07:00').start(of).current.phases.get('p')?.status).toBe('waiting')
  expect(() => at('15:00').start(of)).toThrow(/outside-window/)
})

test("a role that the checklist does not declare beside others is nobody's", () => {
  const of = plan([phase('p', [step('a', check())])], { roles: { lead: [{ id: 'lea', key: null }] } })
  const spec = new ReleaseSpec().start(of)
  spec.refused({ kind: 'Waive', step: 'a', reason: 'x', role: 'king', expires: null }, person('ana'), 'unknown-role')
  spec.do({ kind: 'Waive', step: 'a', reason: 'x', role: 'lead', expires: null }, person('lea'))
})
