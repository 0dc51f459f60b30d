import { describe, expect, test } from 'vitest'
import { readCalendar } from './calendar-file.ts'

const calendar = (...lines: readonly string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n')
const event = (...lines: readonly string[]): string => calendar('BEGIN:VEVENT', ...lines, 'END:VEVENT')

function closures(text: string, eves = false) {
  const answer = readCalendar(text, eves)
  if (!answer.ok) throw new Error(`line ${answer.problem.line}: ${answer.problem.found}`)
  return answer.closures
}

function refusal(text: string): string {
  const answer = readCalendar(text, false)
  return answer.ok ? 'no refusal' : `${answer.problem.line}: ${answer.problem.found}; ${answer.problem.expected}`
}

describe('a calendar file', () => {
  test('gives whole days, one or several, with their eves', () => {
    expect(closures(event('DTSTART;VALUE=DATE:20261225', 'SUMMARY:Christmas\\, day one'), true)).toEqual([
      {
        title: 'Christmas, day one',
        zone: null,
        start: '2026-12-25T00:00:00',
        lengthMs: 86_400_000,
        wholeDays: true,
        eve: true,
        every: null,
        except: [],
      },
    ])
    const [days] = closures(event('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20270102'))
    expect(days?.lengthMs).toBe(9 * 86_400_000)
  })

  test('gives times in a zone, in UTC and in none; an end may be in another zone', () => {
    const [zoned] = closures(event('DTSTART;TZID="Europe/Berlin":20261224T140000', 'DTEND:20261224T190000Z'))
    expect(zoned).toMatchObject({ zone: 'Europe/Berlin', start: '2026-12-24T14:00:00', lengthMs: 6 * 3_600_000 })
    const [utc] = closures(event('DTSTART:20261224T140000Z', 'DURATION:P1DT2H'), true)
    expect(utc).toMatchObject({ zone: 'UTC', lengthMs: 26 * 3_600_000, eve: false })
    const [floating] = closures(event('DTSTART:20261224T140000', 'DTEND:20261224T150000'))
    expect(floating).toMatchObject({ zone: null, wholeDays: false })
  })

  test('reads folded lines, of either line end, and passes over zones, tasks, alarms and what was cancelled', () => {
    const text = calendar(
      'BEGIN:VTIMEZONE',
      'TZID:Mine',
      'END:VTIMEZONE',
      'BEGIN:VTODO',
      'DTSTART;VALUE=DATE:20200101',
      'END:VTODO',
      'BEGIN:VEVENT',
      'DTSTART;VALUE',
      ' =DATE:2026',
      '\t1225',
      'BEGIN:VALARM',
      'DURATION:PT5M',
      'END:VALARM',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'STATUS:CANCELLED',
      'DTSTART;VALUE=DATE:20261231',
      'END:VEVENT',
    )
    expect(closures(text).map(({ start, title }) => `${start} ${title}`)).toEqual(['2026-12-25T00:00:00 an event'])
    expect(closures(text.replaceAll('\r\n', '\n'))).toEqual(closures(text))
  })

  test('ends a counted repetition at its last time, and reads an UNTIL of UTC by the clock of the event', () => {
    const weekly = (rule: string) =>
      closures(event('DTSTART;TZID=America/New_York:20261106T180000', 'DURATION:PT2H', `RRULE:${rule}`))[0]?.every
    expect(weekly('FREQ=WEEKLY;COUNT=3;BYDAY=SU,FR')).toEqual({
      unit: 'week',
      interval: 1,
      weekdays: [5, 7],
      until: '2026-11-13T18:00:00',
    })
    expect(weekly('FREQ=WEEKLY;UNTIL=20261120T230000Z')?.until).toBe('2026-11-20T18:00:00')
    const leap = closures(event('DTSTART;VALUE=DATE:20280229', 'RRULE:FREQ=YEARLY;COUNT=2'))
    expect(leap[0]?.every?.until).toBe('2032-02-29T00:00:00')
  })

  test.each([
    ['', '1: a calendar without events; at least one VEVENT'],
    ['no calendar', '1: "no calendar"; NAME:value, a line of iCalendar (RFC 5545)'],
    ['BEGIN:VEVENT\nEND:VEVENT', '1: "BEGIN:VEVENT"; BEGIN:VCALENDAR first'],
    [calendar(), '3: a calendar without events; at least one VEVENT'],
    [calendar('BEGIN:VEVENT', 'END:VTODO'), '4: END:VTODO; END:VEVENT'],
    [event('SUMMARY:x'), '3: an event without DTSTART; the day or the time it begins'],
    [event('DTSTART:20261225'), '4: "20261225" for DTSTART; a date and a time that exist, or VALUE=DATE and a date'],
    [event('DTSTART;VALUE=DATE:20270229'), '4: "20270229" for DTSTART; a date that exists'],
    [
      event('DTSTART;TZID=Nowhere/At_All:20261225T100000'),
      '4: the zone "Nowhere/At_All"; a time zone of the IANA database',
    ],
    [event('DTSTART;TZID=UTC:20261225T100000Z'), '4: DTSTART with TZID and a "Z"; one of both'],
    [event('DTSTART:20261225T100000Z'), '4: an event that begins at a time and never ends; DTEND or DURATION'],
    [
      event('DTSTART:20261225T100000Z', 'DTEND:20261225T100000Z'),
      '5: "20261225T100000Z" for DTEND; an end after the beginning',
    ],
    [
      event('DTSTART:20261225T100000Z', 'DTEND:20261225T120000'),
      '5: "20261225T120000" for DTEND; the same form as DTSTART: a date, a time, or a time in a zone',
    ],
    [
      event('DTSTART:20261225T100000Z', 'DURATION:-PT1H'),
      '5: "-PT1H" for DURATION; weeks, or days, hours, minutes and seconds',
    ],
    [
      event('DTSTART;VALUE=DATE:20261225', 'DURATION:PT1H'),
      '5: "PT1H" for an event of whole days; whole days or weeks',
    ],
    [
      event('DTSTART;VALUE=DATE:20261225', 'DTSTART;VALUE=DATE:20261226'),
      '5: a second DTSTART in an event; DTSTART once',
    ],
    [
      event('DTSTART;VALUE=DATE:20261225', 'RDATE;VALUE=DATE:20261226'),
      '5: RDATE in an event; an event of its own for what differs',
    ],
  ])('says what it does not understand, and where: %j', (text, words) => {
    expect(refusal(text)).toBe(words)
  })

  test.each([
    ['FREQ=DAILY', 'FREQ=DAILY in an RRULE; FREQ=YEARLY or FREQ=WEEKLY'],
    ['FREQ=YEARLY;BYDAY=4TH', 'BYDAY=4TH in an RRULE; only FREQ, INTERVAL, COUNT, UNTIL and, in weeks, BYDAY'],
    ['FREQ=YEARLY;BYMONTH=11', 'BYMONTH=11 in an RRULE; BYMONTH=12, as in DTSTART'],
    ['FREQ=YEARLY;INTERVAL=0', 'INTERVAL=0 in an RRULE; a whole number from 1 to 1000'],
    ['FREQ=YEARLY;COUNT=2;UNTIL=20301225', 'COUNT and UNTIL in an RRULE; one of both'],
    ['FREQ=YEARLY;UNTIL=20301225T000000Z', 'UNTIL=20301225T000000Z in an RRULE; a date, as in DTSTART'],
    ['FREQ=WEEKLY;BYDAY=MO', 'BYDAY=MO in an RRULE; also FR, the day of DTSTART'],
    ['FREQ=WEEKLY;INTERVAL=2;WKST=SU', 'WKST=SU in an RRULE; weeks that begin on Monday'],
    ['FREQ=YEARLY;FREQ=YEARLY', 'FREQ=YEARLY in an RRULE; NAME=value between semicolons, each name once'],
  ])('refuses a repetition it cannot keep: %s', (rule, words) => {
    expect(refusal(event('DTSTART;VALUE=DATE:20261225', `RRULE:${rule}`))).toBe(`5: ${words}`)
  })
})
