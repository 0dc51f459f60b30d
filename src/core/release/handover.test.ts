import { describe, expect, test } from 'vitest'
import { command, phase, plan, run, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import { viewOf } from '../../report/view.ts'
import type { HandoverBlock } from '../plan/plan.ts'

const minute = 60_000
const handover: HandoverBlock = {
  word: 'handover',
  from: 'release-engineer',
  to: ['on-call', 'secondary', 'manager'],
  withinMs: 15 * minute,
}
const role = (...ids: readonly string[]) => ids.map((id) => ({ id, key: null }))
const roles = {
  'release-engineer': role('ana'),
  'on-call': role('ben', 'ana'),
  secondary: role('cy'),
  manager: role('dora'),
}
const checklist = plan(
  [
    phase('p', [
      step('go', run('deploy 2.0', { component: 'api' }), { undo: command('deploy 1.0') }),
      step('over', handover, { text: 'On-call takes over' }),
    ]),
    phase('back', [step('restore', run('restore-traffic'), { text: 'Take traffic back' })], { kind: 'rollback' }),
  ],
  { roles },
)
const give = { kind: 'HandOver', step: 'over', notes: 'new checkout\nwatch refunds' } as const
const take = { kind: 'Acknowledge', step: 'over', role: null, digest: null, note: null } as const
const begun = () => new ReleaseSpec().start(checklist, {}, person('zoe')).attempt('go', 'action', 'passed')

describe('an on-call hand-over', () => {
  test('takes two people: one gives it with notes and the way back, the other acknowledges just that', () => {
    const spec = begun()
    spec.refused(take, person('ben'), 'not-due')
    spec.refused(give, person('ben'), 'not-in-role')
    spec.refused({ ...give, notes: ' ' }, person('ana'), 'reason-required')
    spec.do(give, person('ana'))
    const { asks } = viewOf(spec.current, null, spec.now).phases[0]!.steps[1]!
    expect(asks?.signs).toEqual([
      'version 2.0 in production, handed over by ana',
      'new checkout',
      'watch refunds',
      'back:',
      '- Take traffic back: restore-traffic',
      '- to take back "go": deploy 1.0',
    ])
    spec.refused({ ...take, digest: 'something else' }, person('ben'), 'stale-view')
    // She is on call as well, and takes nothing over from herself.
    spec.refused(take, person('ana'), 'self-approval')
    spec.refused(take, person('cy'), 'not-in-role')
    spec.do({ ...take, digest: asks!.digest }, person('ben'))
    expect(spec.log).toContainEqual(
      expect.objectContaining({ kind: 'HandoverAcknowledged', by: 'ben', role: 'on-call' }),
    )
    expect(spec.current.phase).toBe('closed')
  })

  test('given anew before it is taken over has to be read anew', () => {
    const spec = begun().do(give, person('ana'))
    const { digest } = spec.current.steps.get('over')!.handover!
    spec.refused(give, person('ana'), 'no-change')
    spec.do({ ...give, notes: 'watch payments too' }, person('ana'))
    spec.refused({ ...take, digest }, person('ben'), 'stale-view')
    spec.do(take, person('ben'))
  })

  test('goes on to the next when nobody acknowledges in time, and tells it; whoever was asked first still may', () => {
    const spec = begun().do(give, person('ana'))
    spec.pass(15 * minute - 1)
    expect(spec.log.some((event) => event.kind === 'HandoverEscalated')).toBe(false)
    spec.pass(1)
    expect(spec.log).toContainEqual({ kind: 'HandoverEscalated', step: 'over', from: 'on-call', to: 'secondary' })
    expect(spec.log.at(-1)).toMatchObject({ kind: 'MessageQueued', on: 'handover.escalated' })
    const view = viewOf(spec.current, null, spec.now)
    expect(view.bar).toMatchObject({ tone: 'person', who: 'secondary', nextAt: spec.now + 15 * minute })
    expect(view.bar.now).toContain('secondary acknowledges')
    spec.do(take, person('ben'))
    expect(spec.current.phase).toBe('closed')
  })

  test('that nobody takes over stands open and says so, once', () => {
    const spec = begun()
      .do(give, person('ana'))
      .pass(4 * 15 * minute)
    expect(spec.log.filter((event) => event.kind === 'HandoverEscalated')).toEqual([
      { kind: 'HandoverEscalated', step: 'over', from: 'on-call', to: 'secondary' },
      { kind: 'HandoverEscalated', step: 'over', from: 'secondary', to: 'manager' },
      { kind: 'HandoverEscalated', step: 'over', from: 'manager', to: null },
    ])
    expect(viewOf(spec.current, null, spec.now).bar.now).toContain('nobody did in time')
    expect(spec.wakeAt()).toBeUndefined()
    spec.do(take, person('dora'))
    expect(spec.current.phase).toBe('closed')
  })
})
