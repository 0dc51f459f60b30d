import { describe, expect, test } from 'vitest'
import { sign } from '../../test/support/canary.ts'
import { approval, phase, plan, step } from '../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../test/support/release-spec.ts'
import { compile } from './plan/compile.ts'
import { testKinds } from './plan/test-kinds.ts'
import { onCallAt, staleContacts } from './roster.ts'

const at = (text: string): number => Date.parse(text)
const calendar = [
  'BEGIN:VCALENDAR',
  'BEGIN:VEVENT',
  'DTSTART;TZID=Europe/Berlin:20261116T090000',
  'DTEND;TZID=Europe/Berlin:20261123T090000',
  'SUMMARY:On call: ana',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'DTSTART;TZID=Europe/Berlin:20261123T090000',
  'DTEND;TZID=Europe/Berlin:20261130T090000',
  'SUMMARY:ben',
  'END:VEVENT',
  'END:VCALENDAR',
].join('\r\n')

function planOf(head: string) {
  const text = `---\nholdpoint: 1\n${head}\n---\n# Release\n\n## Go\n- [ ] A step\n`
  const calendars = [{ file: 'on-call.ics', text: calendar }]
  return compile({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null, calendars }, testKinds)
}

describe('the roster', () => {
  test('says who is on call at an instant, from a calendar, from shifts and from names', () => {
    const { plan: found, problems } = planOf(
      'roster:\n  zone: Europe/Berlin\n  primary: on-call.ics\n  secondary: [{ person: cy, from: 2026-11-16T08:00Z, until: 2026-11-23T08:00Z }]\n  escalation: dora',
    )
    expect(problems).toEqual([])
    const roster = found!.roster!
    const week = at('2026-11-23T08:00Z')
    expect(onCallAt(roster, week - 1)).toEqual([
      { level: 'primary', person: 'ana', until: week },
      { level: 'secondary', person: 'cy', until: week },
      { level: 'escalation', person: 'dora', until: null },
    ])
    // The very moment of the change belongs to the next one; the shift of cy has nobody after it.
    expect(onCallAt(roster, week)).toEqual([
      { level: 'primary', person: 'ben', until: at('2026-11-30T08:00Z') },
      { level: 'escalation', person: 'dora', until: null },
    ])
    expect(onCallAt(roster, at('2026-12-24T12:00Z')).map((one) => one.person)).toEqual(['dora'])
    expect(roster.calendars).toMatchObject([{ file: 'on-call.ics' }])
  })

  test('gives a role to whoever is on call at the moment they sign, and to nobody else', () => {
    const roles = { 'on-call': [] }
    const shifts = [
      { person: 'ana', from: null, until: 2_000_000 },
      { person: 'ben', from: 2_000_000, until: null },
    ]
    const roster = { zone: 'UTC', levels: { primary: { shifts, events: [] } }, calendars: [] }
    const checklist = plan([phase('p', [step('ok', approval({ roles: ['on-call'] }))])], {
      roles,
      roster,
      rosterRoles: { 'on-call': 'primary' },
    })
    const spec = new ReleaseSpec().start(checklist, {}, person('zoe'))
    const early = spec.send({ ...sign, step: 'ok' }, person('ben'))
    expect(early).toMatchObject({
      code: 'not-in-role',
      reason: 'ben is not on-call; that is whoever is on call now (primary).',
    })
    spec.now = 2_000_000
    spec.refused({ ...sign, step: 'ok' }, person('ana', { assurance: 'proven' }), 'not-in-role')
    spec.do({ ...sign, step: 'ok' }, person('ben', { assurance: 'proven' }))
    expect(spec.current.phase).toBe('closed')
  })

  test('is refused with its place where a shift has no zone, ends before it begins, or a calendar is not there', () => {
    const codes = (head: string) => planOf(head).problems.map(({ code, line }) => [code, line])
    expect(codes('roster: { primary: [{ person: ana, from: 2026-11-16T08:00 }] }')).toEqual([['bad-value', 3]])
    expect(codes('roster: { primary: [{ person: ana, from: 2026-11-16T08:00Z, until: 2026-11-16T08:00Z }] }')).toEqual([
      ['bad-value', 3],
    ])
    expect(codes('roster: { primary: other.ics }')).toEqual([['unknown-calendar', 3]])
    expect(codes('roster: { zone: Middle/Earth, primary: ana }')).toEqual([['bad-value', 3]])
    expect(codes('roster: {}')).toEqual([['missing-attribute', 3]])
    expect(codes('roles: { on-call: { from: roster tertiary } }')).toEqual([['bad-value', 3]])
  })
})

describe('contacts', () => {
  test('are stale when nobody made sure of them for ninety days', () => {
    const { plan: found, problems } = planOf(
      'contacts: { devops: { to: devops@example.com, verified: 2026-08-01 }, security: security@example.com }',
    )
    expect(problems).toEqual([])
    expect(found!.contacts).toEqual({ devops: 'devops@example.com', security: 'security@example.com' })
    expect(staleContacts(found!, at('2026-10-30T00:00Z'))).toEqual([])
    expect(staleContacts(found!, at('2026-10-30T00:00Z') + 1)).toEqual([
      { name: 'devops', verified: '2026-08-01', days: 90 },
    ])
  })
})
