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
import { person, ReleaseSpec, verdict } from '../../../test/support/release-spec.ts'
import type { PersonCommand } from './commands.ts'
import type { Actor } from './events.ts'

const isProtected = { environments: { production: { protected: true } }, roles: { lead: [{ id: 'ben', key: null }] } }
const claimed = person('ben')
const signed = person('ben', { assurance: 'signed' })

/** Whom a server let in, and when. */
function signedIn(id: string, signedInAt: number | undefined, ...roles: readonly string[]): Actor {
  return { id, kind: 'person', assurance: 'proven', roles, ...(signedInAt === undefined ? {} : { signedInAt }) }
}

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
  onlySigned(spec, { ...sign, step: 'ok' }, signedIn('ben', spec.now))
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

test('whom a server knows approves nothing that they started, whatever the checklist says', () => {
  const of = plan([phase('p', [step('ok', approval())])])
  const spec = new ReleaseSpec().start(of, {}, signedIn('ana', undefined))
  const own = spec.send({ ...sign, step: 'ok' }, signedIn('ana', spec.now))
  expect(own).toMatchObject({ kind: 'refused', code: 'self-approval' })
  spec.do({ ...sign, step: 'ok' }, signedIn('ben', spec.now))
  expect(spec.current.phase).toBe('closed')
})

test('a sign-in counts for fifteen minutes, and a token shows nothing at all', () => {
  const spec = started(plan([phase('p', [step('ok', approval())])], isProtected))
  const tooOld = signedIn('ben', spec.now - 15 * 60_000 - 1)
  for (const actor of [tooOld, signedIn('ben', undefined)])
    expect(spec.send({ ...sign, step: 'ok' }, actor)).toMatchObject({
      code: 'sign-in-required',
      reason: expect.stringContaining('Sign in again'),
    })
  spec.do({ ...sign, step: 'ok' }, signedIn('ben', spec.now - 15 * 60_000))
  expect(spec.current.phase).toBe('closed')
})

test('a role that the server gives signs like one that the checklist lists; another does not', () => {
  const asked = () => started(plan([phase('p', [step('ok', approval({ roles: ['lead'] }))])], isProtected))
  const stranger = asked()
  expect(stranger.send({ ...sign, step: 'ok' }, signedIn('eve', stranger.now, 'qa'))).toMatchObject({
    code: 'not-in-role',
  })
  const spec = asked()
  spec.do({ ...sign, step: 'ok' }, signedIn('eve', spec.now, 'lead'))
  expect(spec.current.phase).toBe('closed')
})

test('whom a server knows claims no role, even where the checklist declares none', () => {
  const spec = started(plan([phase('p', [step('ok', approval({ roles: ['lead'] }))])], {}))
  expect(spec.send({ ...sign, step: 'ok' }, signedIn('eve', spec.now))).toMatchObject({ kind: 'refused' })
  spec.do({ ...sign, step: 'ok' }, person('anybody'))
})

test('a machine signs, waives, promotes and settles nothing', () => {
  const robot: Actor = { id: 'ci', kind: 'machine', assurance: 'proven', roles: ['lead'], signedInAt: 0 }
  const spec = started(plan([phase('p', [step('ok', approval())])], { roles: { lead: [{ id: 'ci', key: null }] } }))
  const orders: readonly PersonCommand[] = [
    { ...sign, step: 'ok' },
    { kind: 'MarkNotApplicable', step: 'ok', reason: 'x', role: null },
    { kind: 'Waive', step: 'ok', reason: 'x', role: 'lead', expires: null },
  ]
  for (const order of orders) expect(spec.send(order, robot)).toMatchObject({ kind: 'refused', code: 'not-in-role' })
})
