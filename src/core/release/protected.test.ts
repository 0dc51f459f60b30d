/** A protected environment: what a claimed name may do there, and what needs a signature. */
import { expect, test } from 'vitest'
import { atFirstStage, canary, sign, started, yes } from '../../../test/support/canary.ts'
import {
  approval,
  check,
  command,
  phase,
  plan,
  question,
  rollout,
  run,
  stage,
  step,
} from '../../../test/support/plan-builder.ts'
import { person, type ReleaseSpec, verdict } from '../../../test/support/release-spec.ts'
import type { PersonCommand } from './commands.ts'

const isProtected = { environments: { production: { protected: true } }, roles: { lead: [{ id: 'ben', key: null }] } }
const claimed = person('ben')
const signed = person('ben', { assurance: 'signed' })
const proven = person('ben', { assurance: 'proven' })

/** A claim is refused and changes nothing, the sentence shows the flag, and the same command signed is accepted. */
function onlySigned(spec: ReleaseSpec, order: PersonCommand, actor = signed): void {
  const before = spec.current.version
  const refusal = spec.send(order, claimed)
  expect(refusal).toMatchObject({
    kind: 'refused',
    code: 'sign-in-required',
    reason: expect.stringMatching(/^production is protected: .*--sign /),
  })
  expect(spec.current.version).toBe(before)
  spec.do(order, actor)
}

test('approvals and waivers are signed', () => {
  const spec = started(plan([phase('p', [step('a', check()), step('ok', approval())])], isProtected))
  spec.attempt('a', 'check', 'failed')
  onlySigned(spec, { kind: 'Waive', step: 'a', reason: 'flake', role: 'lead', expires: null })
  onlySigned(spec, { ...sign, step: 'ok' }, proven)
  expect(spec.current.phase).toBe('closed')
})

test('a step is left out by a signature only', () => {
  const spec = started(plan([phase('p', [step('a', check())])], isProtected))
  spec.attempt('a', 'check', 'failed')
  onlySigned(spec, { kind: 'MarkNotApplicable', step: 'a', reason: 'no schema change', role: null })
  expect(spec.current.steps.get('a')?.closed?.how).toBe('not-applicable')
})

test('a lost action is settled by a signature only, whichever way', () => {
  for (const as of ['done', 'failed', 'retry'] as const) {
    const spec = started(plan([phase('p', [step('go', run('x', { irreversible: 'n' }))])], isProtected))
    spec.attempt('go', 'action', 'unknown')
    onlySigned(spec, { kind: 'Settle', step: 'go', as, why: 'I looked' })
  }
})

test('a dangerous action is confirmed by signatures', () => {
  const spec = started(plan([phase('p', [step('drop', run(), { danger: true, undo: command('u') })])], isProtected))
  onlySigned(spec, { ...sign, step: 'drop', typed: 'drop' })
  expect(spec.current.steps.get('drop')?.confirmations).toEqual(['ben'])
})

test('promoting and lifting a hold are signed; holding is not', () => {
  const stages = [stage(5, { promote: 'lead' }), stage(100)]
  const spec = started(plan([phase('p', [step('r', rollout(stages))])], isProtected)).shift('r', 'api')
  spec.do({ kind: 'Hold', why: 'odd' }, claimed)
  onlySigned(spec, { kind: 'Resume', why: 'fine' })
  spec.measure('r', 0, 5000, verdict('go', 'healthy', spec.now))
  onlySigned(spec, { kind: 'Promote', stage: 0, role: 'lead', reason: null })
  expect(spec.kinds()).toContain('Promoted')
})

test('an amendment is signed: it could take the protection away', () => {
  const spec = started(plan([phase('p', [step('q', question)])], isProtected))
  const open = plan([phase('p', [step('q', question)])], { environments: { production: { protected: false } } })
  onlySigned(spec, { kind: 'Amend', plan: open, role: 'lead', reason: 'typo' })
  expect(spec.kinds()).toContain('ReleaseAmended')
})

test('leaving everything as it is needs a signature; going back never does', () => {
  const left = atFirstStage({ ...canary(), ...isProtected })
  onlySigned(left, { kind: 'Abort', why: 'repaired by hand', leave: true, typed: left.current.id })
  expect(left.current.leaveProposed).not.toBeNull()
  for (const back of [
    { kind: 'Abort', why: 'wrong', leave: false, typed: null },
    { kind: 'Rollback', why: 'slow' },
  ] as const) {
    const spec = atFirstStage({ ...canary(), ...isProtected }).do(back, claimed)
    expect(spec.current.phase).toBe('rolling-back')
  }
})

test('a claimed name still answers, notes, assigns and tries again', () => {
  const spec = started(plan([phase('p', [step('a', check()), step('q', question)])], isProtected))
  spec.attempt('a', 'check', 'failed')
  spec.do({ kind: 'Note', step: null, note: 'looking' }, claimed)
  spec.do({ kind: 'Assign', step: 'q', to: 'cat' }, claimed)
  spec.do({ kind: 'Retry', step: 'a' }, claimed)
  spec.attempt('a', 'check', 'passed')
  spec.do({ ...yes, step: 'q' }, claimed)
  expect(spec.current.phase).toBe('closed')
})
