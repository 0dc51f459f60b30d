/** Why a window is closed, in words. */
import type { WindowPlan, WindowRule } from '../plan/plan-windows.ts'
import type { Instant } from '../units.ts'
import { denialAt, isWindowOpen } from './window.ts'

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** `closed for "Christmas"`, `denied: fri from 12:00`, `outside mon-thu 09:00-16:00`; null = it is open. */
export function whyClosed(window: WindowPlan, at: Instant): string | null {
  if (isWindowOpen(window, at)) return null
  const denial = denialAt(window, at)
  if (denial === null) return `outside ${window.allow.map(ruleWords).join(' or ')}`
  return 'closure' in denial ? `closed for "${denial.closure.title}"` : `denied: ${ruleWords(denial)}`
}

/** `mon-thu 09:00-16:00`, `2026-12-24`. */
export function ruleWords({ weekdays, dates, fromMinute, toMinute }: WindowRule): string {
  const times = fromMinute === null && toMinute === null ? '' : `${clock(fromMinute ?? 0)}-${clock(toMinute ?? 1440)}`
  return [weekdays === null ? '' : daysWords(weekdays), dates === null ? '' : datesWords(dates), times]
    .filter((part) => part !== '')
    .join(' ')
}

/** `mon-thu`, `tue, fri`. */
export function daysWords(weekdays: readonly number[]): string {
  const [first] = weekdays
  const last = weekdays.at(-1)
  if (first === undefined || last === undefined) return 'no day'
  if (weekdays.length > 2 && last - first === weekdays.length - 1) return `${days[first - 1]}-${days[last - 1]}`
  return weekdays.map((day) => days[day - 1]).join(', ')
}

const mostDates = 3

function datesWords(dates: readonly string[]): string {
  const shown = dates.slice(0, mostDates).join(', ')
  return dates.length > mostDates ? `${shown} and ${dates.length - mostDates} more days` : shown
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}
