/** The real clock: the wall at start, then monotonic time. A wall clock that is set back or forth moves no due time. */
import type { Clock } from '../core/ports/clock.ts'

/** A timer is only a hint: longer sleeps resolve after an hour and the caller looks again (a 30-day timer would fire at once). */
const LONGEST_SLEEP_MS = 3_600_000

export function realClock(): Clock {
  const wallAtStart = Date.now()
  const monotonicAtStart = performance.now()
  const now = (): number => wallAtStart + Math.floor(performance.now() - monotonicAtStart)
  return { now, sleep: (ms, signal) => sleepUntil(now, now() + Math.min(ms, LONGEST_SLEEP_MS), signal) }
}

/** Timers of Node may fire a moment before their time; sleeping again until the clock agrees keeps every wait from ending early. */
function sleepUntil(now: () => number, end: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    let timer: NodeJS.Timeout
    const finish = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const arm = (): void => {
      const left = end - now()
      if (left <= 0) return finish()
      timer = setTimeout(arm, Math.ceil(left))
    }
    signal?.addEventListener('abort', finish, { once: true })
    arm()
  })
}
