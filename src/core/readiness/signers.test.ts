import fc from 'fast-check'
import { expect, test } from 'vitest'
import { approval, phase, plan, step } from '../../../test/support/plan-builder.ts'
import type { ApproveBlock } from '../plan/plan.ts'
import { tooFewSigners, writtenSigners } from './signers.ts'

const people = (...ids: readonly string[]) => ids.map((id) => ({ id, key: null }))
const of = (block: Partial<ApproveBlock>, more: Parameters<typeof plan>[1] = {}) =>
  plan([phase('p', [step('sign', approval(block), { text: 'Signed' })])], {
    roles: { engineer: people('ana'), qa: people('ana', 'bo') },
    ...more,
  })
const told = (checklist: ReturnType<typeof of>, starter: string | null = null) =>
  tooFewSigners(checklist, 'staging', writtenSigners(checklist, starter)).map(({ say }) => say)

test('a signature that wants more people than hold its role is told, and by how many', () => {
  expect(told(of({ roles: ['engineer'], count: 2 }))).toEqual([
    '"Signed" needs 2 people as engineer, and only ana can sign',
  ])
  expect(told(of({ roles: ['qa'], count: 2 }))).toEqual([])
  expect(told(of({ roles: ['qa', 'engineer'], count: 2 }))).toEqual([])
  expect(told(of({ roles: ['lead'], count: 1 }))).toEqual(['"Signed" needs somebody as lead, and nobody can sign'])
})

test('who starts it is left out where the checklist says so', () => {
  const both = of({ roles: ['qa'], count: 2, not: ['author'] })
  expect(told(both, 'bo')).toEqual(['"Signed" needs 2 people as qa, and only ana can sign, for bo starts it'])
  expect(told(both, 'sam')).toEqual([])
  expect(told(of({ roles: ['qa'], count: 2 }), 'bo')).toEqual([])
})

test('one person fills one of two roles, and a role under a condition is told with it', () => {
  expect(
    told(of({ roles: ['engineer', 'qa'], count: 2 }, { roles: { engineer: people('ana'), qa: people('ana') } })),
  ).toEqual(['"Signed" needs 2 people as engineer and qa, and only ana can sign'])
  const block = { roles: [], count: 0, conditional: [{ role: 'security', when: 'input.risky' }] }
  expect(told(of(block))).toEqual(['"Signed" needs somebody as security when input.risky, and nobody can sign'])
})

test('nothing is said where a roster says who it is, where anybody may, or where the step is not asked there', () => {
  expect(told(of({ roles: ['on-call'], count: 2 }, { rosterRoles: { 'on-call': 'primary' } }))).toEqual([])
  expect(told(of({ roles: ['engineer'], count: 2 }, { roles: {} }))).toEqual([])
  expect(told(of({ roles: [], count: 5 }))).toEqual([])
  const there = plan([phase('p', [step('sign', approval({ roles: ['qa'], count: 9 }), { only: ['production'] })])], {
    roles: { qa: people('ana') },
  })
  expect(told(there)).toEqual([])
})

test('as many distinct people as roles can be found whenever there is a way to seat them', () => {
  const person = fc.constantFrom('a', 'b', 'c', 'd')
  const roleHolders = fc.array(fc.uniqueArray(person, { maxLength: 3 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(roleHolders, (held) => {
      const names = held.map((_, at) => `r${at}`)
      const roles = Object.fromEntries(held.map((ids, at) => [`r${at}`, people(...ids)]))
      const canSeat = (at: number, taken: readonly string[]): boolean =>
        at === held.length || held[at]!.some((one) => !taken.includes(one) && canSeat(at + 1, [...taken, one]))
      expect(told(of({ roles: names, count: names.length }, { roles })).length === 0).toBe(canSeat(0, []))
    }),
    { numRuns: 100 },
  )
})
