import { expect, test } from 'vitest'
import { phase, plan, question, rollout, stage, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import type { WindowPlan } from '../../core/plan/plan.ts'
import { exceptionsOf } from '../exceptions.ts'
import { viewOf } from '../view.ts'

const hour = 3_600_000
const office: WindowPlan = {
  zone: 'Europe/Berlin',
  allow: [{ weekdays: [1, 2, 3, 4], fromMinute: 9 * 60, toMinute: 16 * 60, dates: null }],
  deny: [],
  workingDays: [1, 2, 3, 4, 5],
  override: 'manager',
}
const of = plan(
  [
    phase('before', [step('told', question, { text: 'Support knows' })], {
      title: 'Before',
      due: { side: 'before', unit: 'working-days', amount: 1 },
    }),
    phase('roll', [step('r', rollout([stage(100, { soakMs: hour })]))], {
      kind: 'rollout',
      window: 'office',
      title: 'Roll out',
    }),
  ],
  { windows: { office }, roles: { manager: [{ id: 'mia', key: null }] } },
)
const at = (text: string) => Date.parse(text)
/** A Tuesday, 10:00 in Berlin. */
const tuesday = at('2026-12-01T09:00:00Z')
const started = () => {
  const release = new ReleaseSpec()
  release.now = at('2026-11-27T09:00:00Z')
  return release.start(of, { plannedAt: tuesday })
}
const shown = ({ current, now }: ReleaseSpec) => viewOf(current, null, now)
const yes = { kind: 'Answer', step: 'told', answer: 'passed', note: null, fields: {}, evidence: [] } as const

test('a step with a lead time says in the bar when it is due, and that it is overdue', () => {
  const release = started()
  const due = at('2026-11-30T09:00:00Z')
  expect(shown(release).bar).toMatchObject({ now: 'To answer: Support knows', next: 'it is due', nextAt: due })
  release.pass(due - release.now)
  expect(shown(release).bar).toMatchObject({ now: 'Overdue. To answer: Support knows', nextAt: null })
  expect(shown(release).time?.dues).toEqual([
    {
      phase: 'before',
      title: 'Before',
      words: '1 working day before',
      side: 'before',
      dueAt: due,
      open: 1,
      overdue: true,
    },
  ])
  expect(exceptionsOf(release.recorded).deviations.map(({ say }) => say)).toContain(
    '“Support knows” is overdue: it was due 2026-11-30 09:00 UTC.',
  )
})

test('a planned phase says when it is to begin, and offers no override while it only waits for that', () => {
  const release = started().do(yes, person('ana'))
  const [wait] = shown(release).waitsFor
  expect(wait).toMatchObject({ kind: 'time', until: tuesday, commands: [] })
  expect(wait?.what).toBe('"Roll out" is planned for Tue 2026-12-01 10:00 (Europe/Berlin)')
})

test('a phase at a closed window names the command that overrides it', () => {
  const release = new ReleaseSpec()
  release.now = at('2026-11-27T09:00:00Z')
  release.start(of, { lateWhy: 'no time' }).do(yes, person('ana'))
  release.do({ kind: 'Reschedule', to: at('2026-11-30T09:00:00Z'), reason: 'sooner' }, person('ana'))
  release.now = at('2026-11-30T15:30:00Z')
  const [wait] = shown(release).waitsFor
  expect(wait?.commands.map(({ command }) => command)).toEqual([
    'holdpoint release override r1 roll --role manager --reason WHY',
  ])
})

test('what will leave its window says so in the bar', () => {
  const release = started().do(yes, person('ana'))
  release.pass(tuesday - release.now)
  release.do({ kind: 'Hold', why: 'pager' }, person('ana'))
  release.pass(6 * hour)
  expect(shown(release).bar.now).toMatch(/^Held by ana: pager — "Roll out" leaves its window office: it ends Tue/)
})
