import { describe, expect, test } from 'vitest'
import { phase, plan, question, rollout, stage, step, wait, watch } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import type { WindowPlan } from '../plan/plan.ts'
import { yes } from '../../../test/support/canary.ts'

const hour = 3_600_000
const at = (text: string) => Date.parse(text)
const spec = (now: string) => {
  const made = new ReleaseSpec()
  made.now = at(now)
  return made
}
const rule = { weekdays: null, fromMinute: null, toMinute: null, dates: null }
const office: WindowPlan = {
  zone: 'Europe/Berlin',
  allow: [{ ...rule, weekdays: [1, 2, 3, 4], fromMinute: 9 * 60, toMinute: 16 * 60 }],
  deny: [],
}
const noFriday: WindowPlan = { zone: 'Europe/Berlin', allow: [], deny: [{ ...rule, weekdays: [5] }] }
const roles = { manager: [{ id: 'mia', key: null }], engineer: [{ id: 'ana', key: null }] }
const simple = (window: WindowPlan) =>
  plan([phase('go', [step('q', question)], { window: 'office', title: 'Go' })], { windows: { office: window }, roles })
const override = { kind: 'OverrideWindow', phase: null, role: 'manager', reason: 'customers cannot pay' } as const

describe('overriding a window', () => {
  // A Friday.
  const friday = '2026-11-27T10:00:00Z'

  test('a phase that waits at a closed window begins once the named role gives a reason, and the event names all of it', () => {
    const release = spec(friday).start(simple({ ...office, override: 'manager' }))
    expect(release.current.phases.get('go')?.status).toBe('waiting')
    release.refused(override, person('ana'), 'not-in-role')
    release.refused({ ...override, role: 'engineer' }, person('ana'), 'not-in-role')
    release.refused({ ...override, reason: ' ' }, person('mia'), 'reason-required')
    release.do(override, person('mia'))
    expect(release.current.phases.get('go')?.status).toBe('open')
    expect(release.log).toContainEqual({
      kind: 'WindowOverridden',
      phase: 'go',
      window: 'office',
      by: 'mia',
      role: 'manager',
      reason: 'customers cannot pay',
    })
  })

  test('a window that names nobody is opened by nobody, and neither is a denial that is absolute', () => {
    spec(friday).start(simple(office)).refused(override, person('mia'), 'not-overridable')
    const absolute: WindowPlan = {
      ...noFriday,
      deny: [{ ...rule, weekdays: [5], absolute: true }],
      override: 'manager',
    }
    spec(friday).start(simple(absolute)).refused(override, person('mia'), 'not-overridable')
  })

  test('an override that an absolute denial overtakes counts again once the denial is over', () => {
    const freeze = { ...rule, weekdays: [5], fromMinute: 12 * 60, toMinute: 13 * 60, absolute: true } as const
    const window: WindowPlan = { ...office, zone: 'UTC', deny: [freeze], override: 'manager' }
    const of = plan(
      [phase('before', [step('w', wait(3 * hour))]), phase('go', [step('q', question)], { window: 'office' })],
      { windows: { office: window }, roles },
    )
    const begun = { role: 'manager', reason: 'customers cannot pay' }
    const release = spec('2026-11-27T09:30:00Z').start(of, { override: begun }, person('mia'))
    release.pass(3 * hour).tick()
    expect(release.current.phases.get('go')?.status).toBe('waiting')
    expect(release.wakeAt()).toBe(at('2026-11-27T13:00:00Z'))
    release.pass(hour / 2).tick()
    expect(release.current.phases.get('go')?.status).toBe('open')
  })

  test('whoever is on call when it starts holds the role that a roster gives', () => {
    const shifts = [
      { person: 'bo', from: null, until: at(friday) },
      { person: 'cy', from: at(friday), until: null },
    ]
    const roster = { zone: 'UTC', levels: { primary: { shifts, events: [] } }, calendars: [] }
    const of = plan([phase('go', [step('q', question)], { window: 'office', title: 'Go' })], {
      windows: { office: { ...office, override: 'on-call' } },
      roles: { 'on-call': [] },
      rosterRoles: { 'on-call': 'primary' },
      roster,
    })
    const reason = { role: 'on-call', reason: 'customers cannot pay' }
    expect(spec(friday).start(of, { override: reason }, person('cy')).current.phases.get('go')?.status).toBe('open')
    expect(() => spec(friday).start(of, { override: reason }, person('bo'))).toThrow(/not-in-role/)
  })

  test('in a protected environment a claimed name overrides nothing', () => {
    const of = plan([phase('go', [step('q', question)], { window: 'office' })], {
      windows: { office: { ...office, override: 'manager' } },
      roles,
      environments: { production: { protected: true } },
    })
    const release = spec(friday).start(of)
    release.refused(override, person('mia'), 'sign-in-required')
    release.do(override, person('mia', { assurance: 'signed' }))
    expect(release.current.phases.get('go')?.status).toBe('open')
  })

  test('a start may override as it begins, for whoever may; nobody does so where no window is in the way', () => {
    const of = simple({ ...office, override: 'manager' })
    const reason = { role: 'manager', reason: 'customers cannot pay' }
    expect(spec(friday).start(of, { override: reason }, person('mia')).current.phases.get('go')?.status).toBe('open')
    expect(() => spec(friday).start(of, { override: reason }, person('ana'))).toThrow(/not-in-role/)
    expect(() => spec(friday).start(simple(office), { override: reason }, person('mia'))).toThrow(/not-overridable/)
    expect(() => spec('2026-11-25T10:00:00Z').start(of, { override: reason }, person('mia'))).toThrow(/no-change/)
  })
})

describe('a window that holds only when its phase begins', () => {
  const evening: WindowPlan = { zone: 'UTC', allow: [{ ...rule, fromMinute: 18 * 60 }], deny: [], covers: 'entry' }
  const night = (window: WindowPlan) =>
    plan([phase('go', [step('w', wait(8 * hour))], { window: 'evening', title: 'Go' })], {
      windows: { evening: window },
    })

  test('says from when on, and not until when: what runs past its end begins, and nobody is told that it leaves', () => {
    const release = spec('2026-11-26T10:00:00Z').start(night(evening))
    release.pass(8 * hour - 1)
    expect(release.current.phases.get('go')?.status).toBe('waiting')
    release.pass(1)
    expect(release.current.phases.get('go')?.status).toBe('open')
    release.pass(8 * hour)
    expect(release.current.phases.get('go')?.status).toBe('closed')
    expect(release.current.time.leaving.size).toBe(0)
    const { covers: _, ...closing } = evening
    expect(() => spec('2026-11-26T10:00:00Z').start(night(closing))).toThrow(/closes before that/)
  })
})

describe('a window that covers more than its phase', () => {
  const of = (window: WindowPlan) =>
    plan(
      [
        phase('roll', [step('r', rollout([stage(50, { soakMs: hour }), stage(100, { soakMs: hour })]))], {
          kind: 'rollout',
          window: 'office',
          title: 'Roll out',
        }),
        phase('day', [step('w', watch(24 * hour))], { kind: 'watch', title: 'First day' }),
      ],
      { windows: { office: window } },
    )

  test('a start on Thursday is refused where a day of watching would end on a Friday, and the refusal names the instant', () => {
    const covered: WindowPlan = { ...noFriday, covers: 'watch' }
    expect(() => spec('2026-11-26T09:00:00Z').start(of(covered))).toThrow(/Fri 2026-11-27 12:00 \(Europe\/Berlin\)/)
    expect(spec('2026-11-24T09:00:00Z').start(of(covered)).current.phases.get('roll')?.status).toBe('open')
    expect(spec('2026-11-26T09:00:00Z').start(of(noFriday)).current.phases.get('roll')?.status).toBe('open')
  })

  test('a phase that is reached too late waits for the next opening with room', () => {
    const covered: WindowPlan = { ...noFriday, covers: 'watch' }
    const release = spec('2026-11-24T09:00:00Z').start(
      plan(
        [
          phase('gate', [step('q', question)]),
          phase('roll', [step('r', rollout([stage(100, { soakMs: hour })]))], { kind: 'rollout', window: 'office' }),
          phase('day', [step('w', watch(24 * hour))], { kind: 'watch' }),
        ],
        { windows: { office: covered } },
      ),
    )
    release.now = at('2026-11-26T09:00:00Z')
    release.do({ ...yes, step: 'q' }, person('ana'))
    expect(release.current.phases.get('roll')?.status).toBe('waiting')
    // Saturday, the first instant from which a day of watching meets no Friday.
    expect(release.wakeAt()).toBe(at('2026-11-27T23:00:00Z'))
    release.pass(2 * 24 * hour)
    expect(release.current.phases.get('roll')?.status).toBe('open')
  })
})

test('a rollout that is held so long that it will leave its window says so once, as soon as that is certain', () => {
  const of = plan(
    [
      phase('roll', [step('r', rollout([stage(50, { soakMs: hour }), stage(100, { soakMs: hour })]))], {
        kind: 'rollout',
        window: 'office',
        title: 'Roll out',
      }),
    ],
    { windows: { office } },
  )
  // Noon in Berlin: two hours of soak fit before 16:00, with two to spare.
  const release = spec('2026-11-24T11:00:00Z').start(of)
  release.do({ kind: 'Hold', why: 'pager is ringing' }, person('ana'))
  release.pass(2 * hour)
  expect(release.log.filter(({ kind }) => kind === 'WindowLeaving')).toEqual([])
  release.pass(60_000)
  release.pass(hour)
  expect(release.log.filter(({ kind }) => kind === 'WindowLeaving')).toEqual([
    {
      kind: 'WindowLeaving',
      phase: 'roll',
      window: 'office',
      closesAt: at('2026-11-24T15:00:00Z'),
      endsAt: at('2026-11-24T15:00:00Z') + 1,
    },
  ])
  expect(release.log).toContainEqual(expect.objectContaining({ kind: 'MessageQueued', on: 'window.leaving' }))
})

test('a wait inside a window tells nothing while it still fits', () => {
  const of = plan([phase('p', [step('w', wait(3 * hour))], { window: 'office' })], { windows: { office } })
  const release = spec('2026-11-24T09:00:00Z').start(of)
  release.pass(4 * hour)
  expect(release.current.phase).toBe('closed')
  expect(release.log.filter(({ kind }) => kind === 'WindowLeaving')).toEqual([])
})
