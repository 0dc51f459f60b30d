import { expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import { readInstant } from '../core/calendar/read-instant.ts'
import { testKinds } from '../core/plan/test-kinds.ts'
import { windowViews } from './windows-view.ts'

const holidays =
  'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20261225\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'

test('holidays that come next are listed with their eves, by the clock of the window', () => {
  const text =
    '---\nholdpoint: 1\nwindows: { office: { zone: Europe/Berlin, holidays: days.ics, eves: true } }\n---\n- [ ] A step\n'
  const calendars = [{ file: 'days.ics', text: holidays }]
  const bytes = new TextEncoder().encode(text)
  const { plan } = compile({ file: 'r.md', bytes, shared: null, calendars }, testKinds)
  const [office] = windowViews(plan!, Date.parse('2026-12-01T00:00:00Z'))
  expect(office?.closures).toEqual([
    {
      title: 'Christmas',
      from: Date.parse('2026-12-23T23:00:00Z'),
      to: Date.parse('2026-12-25T23:00:00Z'),
      eve: true,
    },
  ])
})

test('a time that is given with seconds keeps them', () => {
  for (const given of ['2026-12-01T10:00:30Z', '2026-12-01T11:00:30[Europe/Berlin]', '2026-12-01T10:00:30'])
    expect([given, readInstant(given, 'UTC')]).toEqual([given, { ok: true, value: Date.parse('2026-12-01T10:00:30Z') }])
})
