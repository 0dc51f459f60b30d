/** When a plan that starts now could be through at the earliest, and which phase its window has no room for. */
import { isOpenThroughout, windowOpensAt } from '../calendar/window.ts'
import { leastTimeOf } from '../plan/least-time.ts'
import type { Plan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { isForwardPhase } from './standing.ts'

export type Course =
  /** `endsAt` = when nobody dawdles and nothing fails: soaks, waits, windows and watches. */
  | { readonly kind: 'fits'; readonly endsAt: Instant }
  /** The first phase that would still be moving when its window closes, in words. */
  | { readonly kind: 'outgrown'; readonly why: string }

export function courseOf(plan: Plan, now: Instant): Course {
  let at = now
  let moved = 0
  for (const phase of plan.phases.filter(isForwardPhase)) {
    const window = phase.window === null ? undefined : plan.windows[phase.window]
    const neededMs = leastTimeOf(plan, phase.id)
    if (window) {
      const opens = windowOpensAt(window, at)
      if (opens === undefined)
        return {
          kind: 'outgrown',
          why: `The window "${phase.window}" of "${phase.title}" does not open within a year.`,
        }
      if (!isOpenThroughout(window, opens, opens + neededMs)) {
        return {
          kind: 'outgrown',
          why: `"${phase.title}" takes at least ${Math.ceil(neededMs / 60_000)} minutes, and its window "${phase.window}" closes before that. Start it earlier in the window.`,
        }
      }
      at = opens
    }
    at += neededMs
    moved += neededMs
  }
  // What is left of the expected time are watches: they move nobody and may go on after a window.
  return { kind: 'fits', endsAt: at + Math.max(0, plan.expectedMs - moved) }
}
