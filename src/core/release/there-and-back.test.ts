/** A rehearsal of the way back: when it turns, what it leaves, and where it may begin. */
import { describe, expect, test } from 'vitest'
import { check, phase, plan, run, step } from '../../../test/support/plan-builder.ts'
import { ReleaseSpec } from '../../../test/support/release-spec.ts'
import { wayBackDigest } from '../plan/way-back.ts'
import { fitOf } from '../records/fit.ts'
import type { LedgerRecord } from '../ports/store.ts'
import { recordsToWrite } from './record-making.ts'

const shop = (undo = 'deploy old') =>
  plan([
    phase('ship', [step('deploy', run()), step('healthy', check())]),
    phase('after', [step('look', check())]),
    phase('back', [step('old', run(undo)), step('serves', check())], { kind: 'rollback' }),
  ])

const rehearsed = () => ({ version: '1.1', previous: '1.0', andBack: true }) as const

describe('a rehearsal of the way back', () => {
  test('turns back once everything is out and well, and waits for nothing behind it', () => {
    const spec = new ReleaseSpec().start(shop(), rehearsed())
    spec.attempt('deploy', 'action', 'passed')
    expect(spec.current.phase).toBe('running')
    spec.attempt('healthy', 'check', 'passed')
    expect(spec.current.phase).toBe('rolling-back')
    expect(spec.log).toContainEqual(expect.objectContaining({ kind: 'RollbackStarted', cause: 'rehearsal' }))
    spec.now += 4_000
    spec.attempt('old', 'action', 'passed').attempt('serves', 'check', 'passed')
    expect(spec.current.phase).toBe('rolled-back')
    const [owed] = recordsToWrite(spec.current)
    expect(owed?.record).toMatchObject({
      name: 'rollback-rehearsal',
      tookMs: 4_000,
      facts: { from: '1.0', to: '1.1', way_back: wayBackDigest(shop()) },
    })
    spec.do({
      kind: 'NoteRecord',
      step: owed!.step,
      attempt: null,
      record: owed!.record.id,
      name: owed!.record.name,
      outcome: 'passed',
    })
    expect(recordsToWrite(spec.current)).toEqual([])
  })

  test('that could not go back leaves a record that says failed', () => {
    const spec = new ReleaseSpec().start(shop(), rehearsed())
    spec.attempt('deploy', 'action', 'passed').attempt('healthy', 'check', 'passed')
    spec.attempt('old', 'action', 'failed', { say: 'no such image' })
    expect(spec.current.phase).toBe('rollback-failed')
    expect(recordsToWrite(spec.current)[0]?.record).toMatchObject({
      outcome: 'failed',
      note: expect.stringContaining('no such image'),
    })
  })

  test('is no plain release: one without it goes on, and leaves no such record', () => {
    const spec = new ReleaseSpec().start(shop())
    spec.attempt('deploy', 'action', 'passed').attempt('healthy', 'check', 'passed')
    expect(spec.current.phase).toBe('running')
    expect(recordsToWrite(spec.current)).toEqual([])
  })

  test.each([
    [{ previous: null }, 'which serves now'],
    [{ previous: '1.1' }, 'another version'],
    [{ rehearsal: true }, 'dry run'],
    [{ environment: 'production' }, 'protected'],
  ])('is refused where it would prove nothing: %o', (changed, words) => {
    const guarded = { ...shop(), environments: { staging: { protected: false }, production: { protected: true } } }
    const start = () => new ReleaseSpec().start(guarded, { environment: 'staging', ...rehearsed(), ...changed })
    expect(start).toThrow(words)
  })
})

test('a record counts for the text that was rehearsed, within the time that the way back may take', () => {
  const record: LedgerRecord = {
    id: 'r',
    name: 'rollback-rehearsal',
    observedAt: 0,
    recordedAt: 0,
    by: 'ana',
    note: '',
    evidence: [],
    environment: 'staging',
    release: null,
    tookMs: 240_000,
    facts: { way_back: wayBackDigest(shop()) },
  }
  const wish = { name: 'rollback-rehearsal', maxAgeMs: 1000, limits: { took: '<= 10m' } }
  const fit = (of: string, limits = wish.limits) => fitOf([record], { ...wish, limits, wayBack: of }, 500)
  expect(fit(wayBackDigest(shop())).say).toContain('took was 4 min, allowed is <= 10m')
  expect(fit(wayBackDigest(shop('deploy older')))).toMatchObject({
    record: null,
    say: expect.stringContaining('its text was changed since'),
  })
  expect(fit(wayBackDigest(shop()), { took: '<= 3m' }).record).toBeNull()
})
