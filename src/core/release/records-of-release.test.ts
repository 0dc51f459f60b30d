/** Records that a release rests on and grow old under it, and those that it makes itself. */
import { describe, expect, test } from 'vitest'
import { started } from '../../../test/support/canary.ts'
import { check, command, phase, plan, question, run, step } from '../../../test/support/plan-builder.ts'
import type { Block } from '../plan/plan.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'

const HOUR = 3_600_000
const told = (spec: ReleaseSpec) =>
  spec.log.flatMap((event) => (event.kind === 'MessageQueued' && event.on.startsWith('record.') ? [event.on] : []))

describe('a record that a release rests on', () => {
  const rests = { word: 'record', name: 'restore-test', maxAgeMs: 10 * HOUR, warnMs: 2 * HOUR, drill: null } as const
  const resting = () => {
    const spec = started(plan([phase('p', [step('restored', rests), step('ready', question), step('go', run())])]))
    return spec.do({ kind: 'UseRecord', step: 'restored', record: 'r', observedAt: spec.now - HOUR, say: 'fresh' })
  }

  test('is told to be ending, and to have ended, once each', () => {
    const spec = resting()
    spec.pass(6 * HOUR)
    expect(told(spec)).toEqual([])
    spec.pass(HOUR)
    expect(told(spec)).toEqual(['record.ending'])
    spec.pass(30 * HOUR)
    expect(told(spec)).toEqual(['record.ending', 'record.ended'])
  })

  test('is asked for anew by the decision that reads it, and a newer one opens the way', () => {
    const spec = resting()
    spec.pass(20 * HOUR)
    expect(spec.current.steps.get('restored')!.closed?.how).toBe('passed')
    spec.do({ kind: 'Answer', step: 'ready', answer: 'passed', note: null, evidence: [], fields: {} }, person('ana'))
    expect(spec.current.steps.get('restored')).toMatchObject({ closed: null, record: null })
    expect(spec.owes()).toEqual(['record restored'])
    spec.do({ kind: 'UseRecord', step: 'restored', record: 'new', observedAt: spec.now, say: 'fresh' })
    expect(spec.owes()).toEqual(['action go'])
  })

  test('ends for a calendar quarter with the quarter, not with its days', () => {
    const calendar = { unit: 'quarter', back: 0, zone: 'UTC' } as const
    const spec = new ReleaseSpec()
    spec.now = Date.parse('2026-03-31T20:00:00Z')
    spec.start(plan([phase('p', [step('restored', { ...rests, calendar }), step('ready', question)])]))
    spec.do({ kind: 'UseRecord', step: 'restored', record: 'r', observedAt: spec.now, say: 'fresh' })
    spec.pass(2 * HOUR)
    expect(told(spec)).toEqual(['record.ending'])
    spec.pass(2 * HOUR)
    expect(told(spec)).toEqual(['record.ending', 'record.ended'])
  })
})

describe('a record that a release makes', () => {
  const made = (spec: ReleaseSpec) =>
    spec.due().flatMap((effect) => (effect.kind === 'WriteRecord' ? [effect.record] : []))
  const write = (spec: ReleaseSpec) => {
    for (const { id, attempt, name, outcome = 'passed' } of made(spec))
      spec.do({ kind: 'NoteRecord', step: 'drill', attempt, record: id, name, outcome })
  }

  test('tells of every attempt that passed or failed, also after the release has ended', () => {
    const spec = started(plan([phase('p', [step('drill', check({ makes: 'restore-test' }))])]))
    spec.attempt('drill', 'check', 'failed', { say: 'rows are missing' })
    expect(made(spec)).toMatchObject([
      { name: 'restore-test', outcome: 'failed', note: 'rows are missing', release: 'r1' },
    ])
    write(spec)
    expect(made(spec)).toEqual([])
    spec.do({ kind: 'Retry', step: 'drill' }, person('ana'))
    spec.attempt('drill', 'check', 'passed', { facts: { recovery: 42, list: ['no', 'number'] } as never })
    expect(spec.current.phase).toBe('closed')
    expect(made(spec)).toMatchObject([{ environment: 'production', facts: { recovery: 42 } }])
    expect(made(spec)[0]).not.toHaveProperty('outcome')
    write(spec)
    expect(spec.log.filter(({ kind }) => kind === 'RecordWritten').length).toBe(2)
  })

  test('is not written of what could not be tried, and never by a rehearsal', () => {
    const spec = started(plan([phase('p', [step('drill', check({ makes: 'restore-test' }))])]))
    spec.attempt('drill', 'check', 'errored')
    expect(made(spec)).toEqual([])
    const rehearsed = new ReleaseSpec()
    rehearsed.start(plan([phase('p', [step('drill', check({ makes: 'restore-test' }))])]), { rehearsal: true })
    rehearsed.attempt('drill', 'check', 'passed')
    expect(made(rehearsed)).toEqual([])
  })

  test('has the person, the note and the values of an answer', () => {
    const asked = { ...question, makes: 'key-rotation' } as Block
    const spec = started(plan([phase('p', [step('drill', asked)])]))
    spec.pass(HOUR)
    spec.do(
      { kind: 'Answer', step: 'drill', answer: 'passed', note: 'both keys', evidence: [], fields: {} },
      person('ana'),
    )
    expect(made(spec)).toMatchObject([{ name: 'key-rotation', by: 'ana', note: 'both keys', tookMs: HOUR }])
  })

  test('of a way back counts from the decision to turn back', () => {
    const back = step('drill', run('back', { makes: 'rollback-rehearsal' }))
    const spec = started(
      plan([
        phase('p', [step('go', run(), { undo: command('undo') }), step('ready', question)]),
        phase('back', [back], { kind: 'rollback' }),
      ]),
    )
    spec.attempt('go', 'action', 'passed')
    spec.do({ kind: 'Rollback', why: 'rehearsal' }, person('ana'))
    spec.pass(60_000)
    spec.attempt('drill', 'action', 'passed')
    expect(made(spec)).toMatchObject([{ name: 'rollback-rehearsal', tookMs: 60_000 }])
  })
})
