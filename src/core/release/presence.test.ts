import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { command, phase, plan, question, rollout, run, stage, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import { viewOf } from '../../report/view.ts'
import { gateOf } from './gate.ts'
import { isShortOfPeople, presenceOf } from './presence.ts'

const roles = { engineer: ['ana', 'ben', 'cy'].map((id) => ({ id, key: null })) }
const present = { count: 2, roles: ['engineer'] }
const here = { kind: 'BePresent', until: null } as const
const gone = { kind: 'EndPresence', why: 'end of shift' } as const
const deploy = (more = {}) =>
  new ReleaseSpec().start(
    plan([phase('before', [step('ready', question)]), phase('deploy', [step('go', run())], { present })], {
      roles,
      ...more,
    }),
  )
const ready = { kind: 'Answer', step: 'ready', answer: 'passed', note: null, fields: {}, evidence: [] } as const

describe('a phase that asks for people to be present', () => {
  test('begins with enough of them, and says whom it waits for', () => {
    const spec = deploy().do(ready, person('ana'))
    expect(spec.owes()).toEqual([])
    const override = { kind: 'OverrideWindow', phase: null, role: 'engineer', reason: 'now' } as const
    expect(spec.send(override, person('ana'))).toMatchObject({
      code: 'not-due',
      reason: expect.stringContaining('waits for people to be there first') as string,
    })
    spec.do(here, person('ana')).do(here, person('zoe'))
    expect(spec.owes()).toEqual([])
    const view = viewOf(spec.current, null, spec.now)
    expect(view.bar).toMatchObject({ tone: 'person', who: 'engineer' })
    expect(view.bar.now).toBe('"deploy" goes on with 2 people present (engineer): ana is, 1 more has to say so')
    expect(view.presence).toMatchObject({ wanted: 2, missing: 1, here: [{ by: 'ana' }] })
    expect(gateOf(spec.current, { kind: 'release' })).toMatchObject({ status: 'waiting' })
    spec.do(here, person('ben'))
    expect(spec.owes()).toEqual(['action go'])
  })

  test('does not count anybody twice, nor anybody who counts for nothing', () => {
    const spec = deploy().do(ready, person('ana')).do(here, person('ana'))
    spec.refused(here, person('ana'), 'no-change')
    spec.refused(gone, person('ben'), 'no-change')
    expect(presenceOf(spec.current)).toMatchObject({ missing: 1 })
  })

  test('holds further advance when somebody leaves, says so at once, and never turns back for it', () => {
    const rolled = plan(
      [
        phase(
          'p',
          [step('go', run(), { undo: command('undo') }), step('r', rollout([stage(5, { soakMs: 0 }), stage(100)]))],
          { present },
        ),
      ],
      { roles },
    )
    const spec = new ReleaseSpec().start(rolled).do(here, person('ana')).do(here, person('ben'))
    spec.attempt('go', 'action', 'passed')
    spec.do(gone, person('ben'))
    expect(spec.log.findLast((event) => event.kind === 'MessageQueued')).toMatchObject({ on: 'presence.short' })
    expect(spec.owes().filter((key) => key.startsWith('shift'))).toEqual([])
    expect(spec.current.phase).toBe('running')
    expect(spec.current.rollback).toBeNull()
    spec.do(here, person('cy'))
    expect(spec.owes().some((key) => key.startsWith('shift'))).toBe(true)
  })

  test('is left by whoever said how long they stay, when that is over', () => {
    const spec = deploy().do(ready, person('ana')).do(here, person('ana'))
    spec.refused({ kind: 'BePresent', until: spec.now }, person('ben'), 'not-due')
    spec.do({ kind: 'BePresent', until: spec.now + 60_000 }, person('ben'))
    expect(spec.owes()).toEqual(['action go'])
    spec.pass(59_999)
    expect(isShortOfPeople(spec.current)).toBe(false)
    spec.pass(1)
    expect(spec.log).toContainEqual({ kind: 'PresenceEnded', by: 'ben', why: 'their time is up' })
    expect(spec.owes()).toEqual([])
  })

  test('counts distinct holders of its roles, whoever comes and goes in whatever order', () => {
    const someone = fc.constantFrom('ana', 'ben', 'cy', 'zoe')
    fc.assert(
      fc.property(fc.array(fc.tuple(someone, fc.boolean()), { maxLength: 12 }), (moves) => {
        const spec = deploy().do(ready, person('ana'))
        const there = new Set<string>()
        for (const [who, comes] of moves) {
          spec.send(comes ? here : gone, person(who))
          if (comes) there.add(who)
          else there.delete(who)
          there.delete('zoe')
          // The action is owed exactly while two of them are there.
          expect(spec.owes()).toEqual(there.size >= 2 ? ['action go'] : [])
        }
      }),
      { numRuns: 60, seed: 3 },
    )
  })

  test('asks nobody in a checklist that does not say so', () => {
    const spec = new ReleaseSpec().start(plan([phase('p', [step('q', question)])]))
    spec.refused(here, person('ana'), 'not-due')
    expect(viewOf(spec.current, null, spec.now).presence).toBeUndefined()
  })
})
