import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { sign, started } from '../../../test/support/canary.ts'
import { approval, check, phase, plan, run, step, watch } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import type { Plan } from '../plan/plan.ts'
import { notInRole } from './rules/approvals.ts'
import { isSigned } from './sign-off.ts'
import type { ApprovalState } from './state.ts'

const roles = {
  qa: [{ id: 'ana', key: null }],
  security: [{ id: 'sec', key: null }],
  engineer: [
    { id: 'ana', key: null },
    { id: 'ben', key: null },
  ],
}
const delegates = {
  qa: [{ id: 'bo', key: null, for: 'ana' }],
  engineer: [{ id: 'bo', key: null, for: 'ana' }],
}
const switchInput = { type: 'boolean', required: false, default: null, options: null, description: null } as const
const securityChange = { role: 'security', when: 'input.security_change' }
const begun = (of: Plan, by: string, inputs: Record<string, boolean> = {}) =>
  new ReleaseSpec().start(of, { inputs }, person(by))
const proven = (id: string, more: object = {}) => person(id, { assurance: 'proven', ...more })

describe('a role that signs under a condition', () => {
  const release = (
    inputs: Record<string, boolean>,
    block = approval({ roles: ['qa'], conditional: [securityChange] }),
  ) =>
    begun(plan([phase('p', [step('ok', block)])], { roles, inputs: { security_change: switchInput } }), 'zoe', inputs)

  test('signs as well where its condition holds, and what decided it is recorded and signed', () => {
    const spec = release({ security_change: true })
    expect(spec.log).toContainEqual({
      kind: 'RolesDecided',
      step: 'ok',
      roles: [{ role: 'security', when: 'input.security_change', needed: 'yes', why: 'input.security_change = true' }],
    })
    spec.do({ ...sign, step: 'ok' }, person('ana'))
    expect(spec.current.phase).toBe('running')
    expect(spec.current.steps.get('ok')!.approvals[0]!.lines).toContain(
      'ok: security when input.security_change: needed (input.security_change = true)',
    )
    spec.do({ ...sign, step: 'ok' }, person('sec'))
    expect(spec.current.phase).toBe('closed')
  })

  test('need not sign where its condition is false', () => {
    const spec = release({ security_change: false })
    spec.refused({ ...sign, step: 'ok', role: 'security' }, person('sec'), 'unknown-role')
    spec.do({ ...sign, step: 'ok' }, person('ana'))
    expect(spec.current.phase).toBe('closed')
  })

  test('has to sign where its condition cannot be decided, until somebody in a role shows that it need not', () => {
    const spec = release({})
    spec.do({ ...sign, step: 'ok' }, person('ana'))
    expect(spec.current.phase).toBe('running')
    const excuse = { kind: 'RoleNotNeeded', step: 'ok', role: 'security', as: 'qa', reason: 'only texts' } as const
    spec.refused({ ...excuse, reason: ' ' }, person('ana'), 'reason-required')
    spec.refused({ ...excuse, role: 'qa' }, person('ana'), 'not-waivable')
    spec.refused(excuse, person('zoe'), 'not-in-role')
    spec.do(excuse, person('ana'))
    // What she signed before said that security signs too: it is signed again.
    expect(spec.log.at(-1)).toMatchObject({ kind: 'ApprovalVoided', by: 'ana' })
    spec.refused(excuse, person('ana'), 'no-change')
    spec.do({ ...sign, step: 'ok' }, person('ana'))
    expect(spec.current.phase).toBe('closed')
  })

  test('leaves a step that only it could sign without anybody where it is not needed', () => {
    const block = approval({ roles: [], count: 0, conditional: [securityChange] })
    expect(release({ security_change: false }, block).current.steps.get('ok')!.closed).toMatchObject({
      how: 'not-applicable',
      why: 'security: input.security_change is false',
    })
    const spec = release({ security_change: true }, block)
    expect(spec.current.phase).toBe('running')
    spec.do({ ...sign, step: 'ok' }, person('sec'))
    expect(spec.current.phase).toBe('closed')
  })
})

describe('a delegate', () => {
  test('signs in place of the holder who is away, and the signature says so', () => {
    const spec = begun(plan([phase('p', [step('ok', approval({ roles: ['qa'] }))])], { roles, delegates }), 'zoe')
    spec.do({ ...sign, step: 'ok' }, person('bo'))
    expect(spec.log).toContainEqual(
      expect.objectContaining({ kind: 'ApprovalGiven', by: 'bo', role: 'qa', for: 'ana' }),
    )
    expect(spec.current.phase).toBe('closed')
  })

  test('is no second person beside the one they stand in for', () => {
    const spec = begun(
      plan([phase('p', [step('ok', approval({ roles: ['engineer'], count: 2 }))])], { roles, delegates }),
      'zoe',
    )
    spec.do({ ...sign, step: 'ok' }, person('bo')).do({ ...sign, step: 'ok' }, person('ana'))
    expect(spec.current.phase).toBe('running')
    spec.do({ ...sign, step: 'ok' }, person('ben'))
    expect(spec.current.phase).toBe('closed')
  })

  test('does not sign for whoever started the release, where that one is kept out', () => {
    const ok = step('ok', approval({ roles: ['qa'], not: ['author'] }))
    begun(plan([phase('p', [ok])], { roles, delegates }), 'ana').refused(
      { ...sign, step: 'ok' },
      person('bo'),
      'self-approval',
    )
  })

  test('of a server signs while the holder lets them, and for no other role', () => {
    const spec = begun(plan([phase('p', [step('ok', approval({ roles: ['lead'] }))])]), 'zoe')
    spec.refused({ ...sign, step: 'ok' }, proven('bo', { standsIn: [{ role: 'ops', for: 'cy' }] }), 'not-in-role')
    spec.do({ ...sign, step: 'ok' }, proven('bo', { standsIn: [{ role: 'lead', for: 'cy' }] }))
    expect(spec.log).toContainEqual(expect.objectContaining({ kind: 'ApprovalGiven', by: 'bo', for: 'cy' }))
  })

  test('never makes more people of a set of signatures than have signed, nor than they stand for', () => {
    const signature = fc.record({ by: fc.constantFrom('a', 'b', 'c', 'd'), for: fc.constantFrom('a', 'b', 'c', 'd') })
    fc.assert(
      fc.property(
        fc.uniqueArray(signature, { selector: ({ by }) => by }),
        fc.integer({ min: 1, max: 4 }),
        (given, count) => {
          const approvals = given.map(
            ({ by, for: holder }): ApprovalState => ({
              by,
              role: null,
              digest: '',
              at: 0,
              assurance: 'proven',
              note: null,
              lines: [],
              ...(holder !== by && { for: holder }),
            }),
          )
          const people = Math.min(
            new Set(given.map(({ by }) => by)).size,
            new Set(given.map(({ for: holder }) => holder)).size,
          )
          const isEnough = isSigned(approval({ count }), undefined, approvals)
          if (isEnough) expect(people).toBeGreaterThanOrEqual(count)
          // People who all sign for themselves count in full.
          if (given.every(({ by, for: holder }) => by === holder)) expect(isEnough).toBe(given.length >= count)
        },
      ),
      { numRuns: 200, seed: 7 },
    )
  })
})

describe('a signature that is void', () => {
  test('says which line moved', () => {
    const spec = started(
      plan([
        phase('p', [step('a', check({ maxAgeMs: 1000 })), step('ok', approval())]),
        phase('q', [step('go', run())]),
      ]),
    )
    spec.attempt('a', 'check', 'passed')
    spec.do({ kind: 'Hold', why: 'lunch' }, person('ana')).do({ ...sign, step: 'ok' }, person('ben'))
    spec.now += 5000
    spec.do({ kind: 'Resume', why: 'back' }, person('ana')).attempt('a', 'check', 'failed')
    spec.do({ kind: 'Waive', step: 'a', role: 'lead', reason: 'known flake', expires: null }, person('cat'))
    expect(spec.log).toContainEqual({
      kind: 'ApprovalVoided',
      step: 'ok',
      by: 'ben',
      why: 'what was signed has changed since: a: passed → a: waived; new: a waived as lead: known flake',
    })
  })
})

describe('a sign-off after a watch', () => {
  test('is refused before the watch ends, with the time it is expected to', () => {
    const spec = started(
      plan([phase('w', [step('watch', watch(60_000)), step('ok', approval({ afterWatch: true }))], { kind: 'watch' })]),
    )
    const answer = spec.send({ ...sign, step: 'ok' }, person('ben'))
    expect(answer).toMatchObject({ kind: 'refused', code: 'not-reached' })
    expect(answer.kind === 'refused' && answer.reason).toContain(
      'It comes when the watch "watch" has ended, at 1970-01-01 00:17 UTC at the earliest.',
    )
  })
})

test('who may not sign hears of those who may in place of a holder', () => {
  const { current } = begun(plan([phase('p', [step('ok', approval({ roles: ['qa'] }))])], { roles, delegates }), 'zoe')
  expect(notInRole(current, 'qa', 'sam').reason).toBe('sam is not qa; that is ana, bo for ana.')
})
