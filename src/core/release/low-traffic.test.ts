import { expect, test } from 'vitest'
import { yes } from '../../../test/support/canary.ts'
import { phase, plan, question, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import type { WindowPlan } from '../plan/plan.ts'

const hour = 3_600_000
const night: WindowPlan = {
  zone: 'UTC',
  allow: [{ weekdays: null, fromMinute: 22 * 60, toMinute: 6 * 60, dates: null }],
  deny: [],
  override: 'lead',
  lowTraffic: { source: 'prom', query: 'requests', below: 100, forMs: 600_000 },
}
const of = plan([phase('go', [step('q', question)], { window: 'night', title: 'Go' })], { windows: { night } })
const started = (time: string, more = of) => {
  const spec = new ReleaseSpec()
  spec.now = Date.parse(`2026-11-24T${time}:00Z`)
  return spec.start(more)
}
const read = (release: ReleaseSpec, isLow: boolean, say = isLow ? '40 < 100' : '400 ≥ 100') =>
  release.do({ kind: 'RecordWindowReading', window: 'night', isLow, say, observedAt: release.now, evidence: [] })
const status = (release: ReleaseSpec) => release.current.phases.get('go')?.status

test('a phase begins in its hours only when traffic was read to be low, and not on an old reading', () => {
  const release = started('21:00')
  expect(release.owes()).toEqual([])
  release.pass(hour)
  expect(release.owes()).toEqual(['window night'])
  read(release, false)
  expect(status(release)).toBe('waiting')
  expect(release.owes()).toEqual(['window night'])
  read(release, true)
  expect(status(release)).toBe('open')
  expect(release.owes()).toEqual([])
})

test('a reading that says nothing new is kept every five minutes only', () => {
  const release = started('23:00')
  for (let minutes = 0; minutes < 11; minutes += 1) {
    read(release, false)
    release.now += 60_000
  }
  expect(release.log.filter(({ kind }) => kind === 'WindowRead')).toHaveLength(3)
})

test('when its hours are over nothing is read until they come again, and a named role may begin without', () => {
  const release = started('05:59')
  expect(release.owes()).toEqual(['window night'])
  release.pass(120_000)
  expect(release.owes()).toEqual([])
  expect(release.wakeAt()).toBe(Date.parse('2026-11-24T22:00:00Z'))
  release.do({ kind: 'OverrideWindow', phase: null, role: 'lead', reason: 'the fix cannot wait' }, person('lea'))
  expect(status(release)).toBe('open')
})

test('a wait for a window of low traffic ends when it is low, while the hours last', () => {
  const waits = plan(
    [phase('p', [step('w', { word: 'wait', forMs: null, untilWindow: 'night' }), step('q', question)])],
    { windows: { night } },
  )
  const release = started('21:00', waits)
  release.pass(hour)
  expect(release.current.steps.get('w')?.closed).toBeNull()
  expect(release.owes()).toEqual(['window night'])
  read(release, true)
  expect(release.current.steps.get('w')?.closed?.how).toBe('passed')
  release.do({ ...yes, step: 'q' }, person('ana'))
  expect(release.current.phase).toBe('closed')
})
