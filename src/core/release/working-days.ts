/** Deadlines in working days: Monday to Friday in UTC; holidays are no part of it. */
import type { Instant } from '../units.ts'

const dayMs = 86_400_000

/** The same time of day, that many working days later; from a weekend the count begins with Monday. */
export function workingDaysAfter(from: Instant, days: number): Instant {
  let at = from
  let left = days
  while (left > 0) {
    at += dayMs
    if (isWorkingDay(at)) left -= 1
  }
  return at
}

/** 1 January 1970 was a Thursday. */
function isWorkingDay(at: Instant): boolean {
  const weekday = (Math.floor(at / dayMs) + 4) % 7
  return weekday !== 0 && weekday !== 6
}
