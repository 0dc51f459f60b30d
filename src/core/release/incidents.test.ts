import { describe, expect, test } from 'vitest'
import { atFirstStage, started, yes } from '../../../test/support/canary.ts'
import {
  check,
  command,
  phase,
  plan,
  question,
  rollout,
  run,
  stage,
  step,
  trigger,
} from '../../../test/support/plan-builder.ts'
import { engine, person } from '../../../test/support/release-spec.ts'
import type { SeverityPlan } from '../plan/plan.ts'
import { workingDaysAfter } from './working-days.ts'

const ana = person('ana')
const minute = 60_000
const severities: Readonly<Record<string, SeverityPlan>> = {
  P1: { action: 'rollback', tell: ['ops'], withinMs: null },
  P2: { action: 'ask', tell: [], withinMs: 15 * minute },
  P4: { action: 'page', tell: [], withinMs: null },
}
const decide = { ...question, options: ['rollback', 'hotfix'], passes: ['rollback', 'hotfix'] } as typeof question
const canaryPhase = phase('p', [
  step('go', run(), { undo: command('undo') }),
  step('r', rollout([stage(5), stage(100)])),
])
const incidentPhases = [
  phase('triage', [step('logs', check()), step('way', decide)], { kind: 'incident' }),
  phase('back', [step('told', question)], {
    kind: 'incident',
    branch: 'way',
    when: 'steps.way.answer == "rollback"',
    starts: 'rollback',
  }),
  phase('forward', [step('fix', question)], { kind: 'incident', branch: 'way', when: 'steps.way.answer == "hotfix"' }),
]
const of = plan([canaryPhase, ...incidentPhases], { severities, postMortem: { ms: 3_600_000 } })
const declare = (severity: string) => ({ kind: 'DeclareIncident', severity, reason: 'orders are lost' }) as const

describe('an incident', () => {
  test('of a severity that turns back does so at once, tells whom the checklist names, and owes a post-mortem', () => {
    const spec = atFirstStage(of).do(declare('p1'), ana)
    expect(spec.current.phase).toBe('rolling-back')
    expect(spec.current.incidents).toMatchObject([
      { severity: 'P1', reason: 'orders are lost', by: 'ana', status: 'investigating', reportBy: spec.now + 3_600_000 },
    ])
    expect(spec.log.find((event) => event.kind === 'RollbackStarted')).toMatchObject({
      cause: 'person',
      why: 'P1 incident: orders are lost',
    })
    const told = [...spec.current.messages.values()].filter(({ on }) => on === 'incident.declared')
    expect(told.map(({ channel }) => channel)).toEqual(['console', 'ops'])
  })

  test('collects its logs beside the way back, whose end waits for them and whose time does not', () => {
    const spec = atFirstStage(of).do(declare('P1'), ana)
    expect(spec.owes()).toEqual(['restore r api', 'check logs'])
    spec.do({ kind: 'BeginAttempt', step: 'logs', purpose: 'check', epoch: 1 })
    spec.pass(1000).restore('r', 'api').attempt('go', 'undo', 'passed')
    expect(spec.current.phase).toBe('rolling-back')
    spec.pass(9000).finish('logs', 'passed')
    expect(spec.current.phase).toBe('rolled-back')
    expect(spec.log.find((event) => event.kind === 'RollbackFinished')).toMatchObject({ tookMs: 1000 })
  })

  test('that asks holds the release, and turns it back when nobody decides in time', () => {
    const spec = atFirstStage(of).do(declare('P2'), ana)
    expect(spec.current.hold).toMatchObject({ by: 'ana', why: 'P2 incident: orders are lost' })
    spec.pass(15 * minute - 1)
    expect(spec.current.phase).toBe('running')
    spec.pass(1)
    expect(spec.current.rollback).toMatchObject({ cause: 'no-answer' })
  })

  test('that somebody decided to go on with turns nothing back later', () => {
    const spec = atFirstStage(of).do(declare('P2'), ana).do({ kind: 'Resume', why: 'a false alarm' }, person('ben'))
    spec.attempt('logs', 'check', 'passed').pass(60 * minute)
    expect(spec.log.some((event) => event.kind === 'RollbackStarted' && event.cause === 'no-answer')).toBe(false)
  })

  test('takes one of two branches by a recorded decision, and the other does not apply', () => {
    const spec = atFirstStage(of).do(declare('P4'), ana).attempt('logs', 'check', 'passed')
    spec.do({ ...yes, step: 'way', answer: 'hotfix' }, person('ben'))
    expect(spec.current.phases.get('forward')?.status).toBe('open')
    expect(spec.current.phases.get('back')).toMatchObject({ status: 'not-applicable' })
    expect(spec.current.steps.get('told')?.closed?.how).toBe('not-applicable')
    expect(spec.current.phase).toBe('running')
  })

  test('whose decision is to roll back starts the way back', () => {
    const spec = atFirstStage(of).do(declare('P4'), ana).attempt('logs', 'check', 'passed')
    spec.do({ ...yes, step: 'way', answer: 'rollback' }, person('ben'))
    expect(spec.current.phases.get('back')?.status).toBe('open')
    expect(spec.current.phases.get('forward')?.status).toBe('waiting')
    expect(spec.current.rollback).toMatchObject({ cause: 'person', why: 'decided in "back"' })
  })

  test('keeps a release from being closed until somebody says that it is over', () => {
    const spec = started(plan([phase('p', [step('q', question)])]))
    spec.do(declare('P4'), ana).do({ ...yes, step: 'q' }, ana)
    expect(spec.current.phase).toBe('running')
    spec.do({ kind: 'SetIncidentStatus', incident: null, status: 'resolved', note: 'a wrong dashboard' }, ana)
    expect(spec.current.phase).toBe('closed')
    expect(spec.current.incidents).toMatchObject([{ status: 'resolved', note: 'a wrong dashboard' }])
  })

  test('needs a known severity and words, and a release that has not ended', () => {
    const spec = atFirstStage(of)
    spec.refused(declare('P9'), ana, 'bad-answer')
    spec.refused({ ...declare('P1'), reason: ' ' }, ana, 'reason-required')
    spec.refused({ kind: 'SetIncidentStatus', incident: null, status: 'resolved', note: null }, ana, 'bad-answer')
    spec.do({ kind: 'Abort', why: 'x', leave: false, typed: null }, ana).restore('r', 'api')
    spec.attempt('go', 'undo', 'passed').refused(declare('P1'), ana, 'ended')
  })

  test('is what a trigger of a named severity declares; what the trigger does stays its own', () => {
    const spec = atFirstStage(
      plan([canaryPhase, ...incidentPhases], {
        severities,
        triggers: [trigger('t', { severity: 'P2', action: 'page' })],
      }),
    )
    spec.do({ kind: 'RecordTriggerReading', trigger: 't', reading: 'firing', say: '7 % > 5 %' }, engine)
    expect(spec.current.incidents).toMatchObject([{ severity: 'P2', by: 'engine', trigger: 't', action: 'page' }])
    expect(spec.current.hold).toBeNull()
    expect(spec.current.phases.get('triage')?.status).toBe('open')
  })

  test('declared by another system is a trigger without a number', () => {
    const spec = atFirstStage(of).do(declare('P1'), person('support-desk', { kind: 'machine', assurance: 'proven' }))
    expect(spec.current.rollback).toMatchObject({ cause: 'trigger', by: 'support-desk' })
  })
})

describe('a way back with a budget', () => {
  const budgeted = plan([canaryPhase, phase('b', [step('prev', run())], { kind: 'rollback', budgetMs: 10 * minute })])

  test('says so loudly, once, when it takes longer, and goes on', () => {
    const spec = atFirstStage(budgeted).do({ kind: 'Rollback', why: 'x' }, ana).restore('r', 'api')
    spec.pass(10 * minute - 1)
    expect(spec.current.rollback?.isOverBudget).toBe(false)
    spec.pass(minute)
    expect(spec.log.filter((event) => event.kind === 'RollbackOverBudget')).toEqual([
      { kind: 'RollbackOverBudget', budgetMs: 10 * minute },
    ])
    const told = [...spec.current.messages.values()].filter(({ on }) => on === 'rollback.over-budget')
    expect(told.map(({ channel }) => channel)).toEqual(['console'])
    expect(spec.owes()).toEqual(['action prev'])
  })

  test('is quiet within it', () => {
    const spec = atFirstStage(budgeted).do({ kind: 'Rollback', why: 'x' }, ana).restore('r', 'api')
    spec
      .pass(minute)
      .attempt('prev', 'action', 'passed')
      .pass(60 * minute)
    expect(spec.current.phase).toBe('rolled-back')
    expect(spec.log.some((event) => event.kind === 'RollbackOverBudget')).toBe(false)
  })
})

test('five working days from a Wednesday are the Wednesday after, and a weekend does not count', () => {
  const at = (day: string) => Date.parse(`${day}T09:30:00Z`)
  expect(workingDaysAfter(at('2026-11-18'), 5)).toBe(at('2026-11-25'))
  expect(workingDaysAfter(at('2026-11-20'), 1)).toBe(at('2026-11-23'))
  expect(workingDaysAfter(at('2026-11-21'), 1)).toBe(at('2026-11-23'))
})
