/** Which days people work by a window's calendar, and counting in them. Readings of a wall clock, never instants. */
import type { WindowPlan } from '../plan/plan-windows.ts'
import { occurrencesFrom, weekdayOf } from './closure.ts'
import type { WallTime } from './wall-clock.ts'

const dayMs = 86_400_000
const mondayToFriday = [1, 2, 3, 4, 5]
/** Nobody has longer holidays: beyond this the day before counts. */
export const mostDaysAway = 60

/** What of a window says who works when. */
export type WorkingCalendar = Pick<WindowPlan, 'workingDays' | 'holidays' | 'closures'>

/** A working weekday that is neither one of `holidays` nor covered by a whole-day event of a calendar. Eves are worked. */
export function isWorkingDay(calendar: WorkingCalendar, wall: WallTime): boolean {
  const day = midnightOf(wall)
  if (!(calendar.workingDays ?? mondayToFriday).includes(weekdayOf(day))) return false
  if (calendar.holidays?.includes(dateOf(day)) === true) return false
  return !(calendar.closures ?? []).some((closure) => {
    if (!closure.wholeDays) return false
    const [start] = occurrencesFrom(closure, day - closure.lengthMs + 1)
    return start !== undefined && start <= day
  })
}

/** Midnight of the last working day before the day of `wall`. */
export function workingDayBefore(calendar: WorkingCalendar, wall: WallTime): WallTime {
  const day = midnightOf(wall)
  for (let before = day - dayMs; before >= day - mostDaysAway * dayMs; before -= dayMs)
    if (isWorkingDay(calendar, before)) return before
  return day - dayMs
}

/** `count` working days earlier (negative) or later, at the same time of day. */
export function addWorkingDays(calendar: WorkingCalendar, wall: WallTime, count: number): WallTime {
  const time = wall - midnightOf(wall)
  const stepMs = count < 0 ? -dayMs : dayMs
  let day = midnightOf(wall)
  for (let left = Math.abs(count); left > 0; left -= 1) {
    const from = day
    do day += stepMs
    while (!isWorkingDay(calendar, day) && Math.abs(day - from) < mostDaysAway * dayMs)
  }
  return day + time
}

export function midnightOf(wall: WallTime): WallTime {
  return Math.floor(wall / dayMs) * dayMs
}

/** `2026-12-24` */
export function dateOf(wall: WallTime): string {
  return new Date(wall).toISOString().slice(0, 10)
}
