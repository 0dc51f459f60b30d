import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { yes } from '../../../test/support/canary.ts'
import { phase, plan, question, rollout, stage, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import { wallTimeAt } from '../calendar/wall-clock.ts'
import { dateOf, isWorkingDay, midnightOf } from '../calendar/working-day.ts'
import type { LeadTime, WindowPlan } from '../plan/plan.ts'
import { plainAnswer } from '../plan/blocks/plain-answer.ts'
import { dueOf } from './planned-start.ts'

const at = (text: string) => Date.parse(text)
const hour = 3_600_000
const office: WindowPlan = { zone: 'Europe/Berlin', allow: [], deny: [], workingDays: [1, 2, 3, 4, 5] }
const dayBefore: LeadTime = { side: 'before', unit: 'working-days', amount: 1 }
const of = (due: LeadTime = dayBefore, window: WindowPlan = office) =>
  plan(
    [
      phase('prepare', [step('told', question), step('ready', question)], { due, title: 'Prepare' }),
      phase('roll', [step('r', rollout([stage(100)]))], { kind: 'rollout', window: 'office', title: 'Roll out' }),
    ],
    {
      windows: { office: window },
      messages: [{ id: 'late', line: 1, on: 'step.overdue', to: ['console'], everyMs: 2 * hour, when: null, body: '' }],
    },
  )
/** A Tuesday, 10:00 in Berlin. */
const tuesday = at('2026-12-01T09:00:00Z')
const spec = (now: string) => {
  const made = new ReleaseSpec()
  made.now = at(now)
  return made
}
const planned = (now: string, due?: LeadTime, window?: WindowPlan) =>
  spec(now).start(of(due, window), { plannedAt: tuesday })
const overdue = (release: ReleaseSpec) =>
  release.log.flatMap((event) => (event.kind === 'StepOverdue' ? [event.step] : []))
const answered = (release: ReleaseSpec) => {
  release.do({ ...yes, step: 'told' }, person('ana'))
  return release.do({ ...yes, step: 'ready' }, person('ana'))
}

describe('a planned start', () => {
  test('holds the rollout back until then, and lets it begin by itself', () => {
    const release = answered(planned('2026-11-27T09:00:00Z'))
    expect(release.current.phases.get('roll')?.status).toBe('waiting')
    release.pass(tuesday - release.now - 1)
    expect(release.current.phases.get('roll')?.status).toBe('waiting')
    release.pass(1)
    expect(release.current.phases.get('roll')?.status).toBe('open')
  })

  test('is refused when it is over, or when its window is closed or has no room then', () => {
    const closed: WindowPlan = { ...office, deny: [{ weekdays: [2], fromMinute: null, toMinute: null, dates: null }] }
    expect(() => planned('2026-12-01T09:00:00Z')).toThrow(/too-late.*is over/)
    expect(() => planned('2026-11-27T09:00:00Z', dayBefore, closed)).toThrow(/outside-window.*denied: tue/)
  })
})

describe('steps with a lead time', () => {
  test('are due that many working days before the planned start, at the same time of day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 6 }), (days, amount) => {
        const window: WindowPlan = { ...office, holidays: ['2026-12-25', '2026-12-26', '2027-01-01'] }
        const start = tuesday + days * 24 * hour
        const due = dueOf(of(dayBefore, window), { ...dayBefore, amount }, start)
        const [from, to] = [due, start].map((each) => wallTimeAt('Europe/Berlin', each)) as [number, number]
        expect(isWorkingDay(window, from)).toBe(true)
        expect(from - midnightOf(from)).toBe(to - midnightOf(to))
        let counted = 0
        for (let day = midnightOf(from); day < midnightOf(to); day += 24 * hour)
          counted += isWorkingDay(window, day) ? 1 : 0
        expect(counted).toBe(amount)
      }),
      { numRuns: 60 },
    )
  })

  test('that are open when they are due are overdue once each, and the message about it repeats while they are', () => {
    const release = planned('2026-11-27T09:00:00Z')
    release.do({ ...yes, step: 'told' }, person('ana'))
    release.pass(at('2026-11-30T09:00:00Z') - release.now - 1)
    expect(overdue(release)).toEqual([])
    release.pass(1)
    release.pass(5 * hour)
    expect(overdue(release)).toEqual(['ready'])
    const told = release.log.filter((event) => event.kind === 'MessageQueued' && event.notify === 'late')
    expect(told).toHaveLength(3)
  })

  test('a question that is due so long after it was asked is overdue then, once, whatever the start', () => {
    const soon = step('soon', { ...plainAnswer, word: 'answer', due: hour })
    const release = spec('2026-11-27T09:00:00Z').start(plan([phase('after', [soon, step('whenever', question)])]))
    release.pass(hour - 1)
    expect(overdue(release)).toEqual([])
    release.pass(1)
    release.pass(5 * hour)
    expect(overdue(release)).toEqual(['soon'])
    const both = plan([
      phase('prepare', [soon], { due: dayBefore }),
      phase('roll', [step('r', rollout([stage(100)]))], { kind: 'rollout', window: 'office' }),
    ])
    const late = spec('2026-11-27T09:00:00Z').start({ ...both, windows: { office } }, { plannedAt: tuesday })
    late.pass(5 * hour)
    late.pass(at('2026-11-30T10:00:00Z') - late.now)
    expect(overdue(late)).toEqual(['soon'])
  })

  test('keep a start from being planned that has missed them, unless somebody says why', () => {
    expect(() => planned('2026-11-30T12:00:00Z')).toThrow(/too-late.*"Prepare" was due Mon 2026-11-30 10:00/)
    const late = spec('2026-11-30T12:00:00Z').start(of(), { plannedAt: tuesday, lateWhy: 'the fix cannot wait' })
    expect(overdue(late)).toEqual(['told', 'ready'])
    expect(late.current.time.lateWhy).toBe('the fix cannot wait')
    expect(() => spec('2026-11-30T12:00:00Z').start(of())).toThrow(/too-late/)
  })

  test('are asked again when the start moves so far that what was done is older than their lead, and else are not', () => {
    const release = answered(planned('2026-11-30T07:00:00Z'))
    const move = (to: string) =>
      release.do({ kind: 'Reschedule', to: at(to), reason: 'the vendor needs more time' }, person('ana'))
    move('2026-12-01T14:00:00Z')
    expect(release.current.steps.get('told')?.closed).not.toBeNull()
    move('2026-12-08T09:00:00Z')
    expect(release.current.steps.get('told')?.closed).toBeNull()
    expect(release.current.steps.get('told')?.reopened).toContain('too long before')
    release.pass(at('2026-12-07T09:00:00Z') - release.now)
    expect(overdue(release)).toEqual(['told', 'ready'])
    answered(release)
    release.pass(25 * hour)
    expect(release.current.phases.get('roll')?.status).toBe('open')
    release.refused({ kind: 'Reschedule', to: at('2026-12-20T09:00:00Z'), reason: 'x' }, person('ana'), 'not-due')
  })

  test('after the start begin no earlier than that long after it really began', () => {
    const after: LeadTime = { side: 'after', unit: 'ms', amount: hour }
    const release = spec('2026-11-27T09:00:00Z').start(
      plan([phase('go', [step('q', question)]), phase('tell', [step('t', question)], { due: after })]),
      { plannedAt: tuesday },
    )
    release.pass(tuesday - release.now + 600_000)
    release.do({ ...yes, step: 'q' }, person('ana'))
    expect(release.current.phases.get('tell')?.status).toBe('waiting')
    release.pass(hour - 600_000 - 1)
    expect(release.current.phases.get('tell')?.status).toBe('waiting')
    release.pass(1)
    expect(release.current.phases.get('tell')?.status).toBe('open')
  })
})

test('dates are those of the zone of the window', () => {
  expect(dateOf(wallTimeAt('Pacific/Auckland', at('2026-12-01T12:00:00Z')))).toBe('2026-12-02')
})
