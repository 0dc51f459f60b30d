/** When a plan could be through at the earliest, and which phase its window has no room for. */
import {
  freeOfDenialsForAllAt,
  isDeniedForAll,
  isOpenThroughout,
  isWindowOpen,
  deniedAt,
  windowClosesAt,
  windowOpensAt,
} from '../calendar/window.ts'
import { whyClosed } from '../calendar/window-words.ts'
import { wallWords } from '../calendar/wall-words.ts'
import { leastTimeOf, watchTimeOf } from '../plan/least-time.ts'
import type { PhaseId, PhasePlan, Plan, WindowPlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { anchorOf, dueOf } from './planned-start.ts'
import { isForwardPhase } from './standing.ts'

export type Course =
  /** `endsAt` = when nobody dawdles and nothing fails: soaks, waits, windows and watches. */
  | { readonly kind: 'fits'; readonly endsAt: Instant; readonly opens: ReadonlyMap<PhaseId, Instant> }
  /** The first phase that would still be moving when its window closes, in words. */
  | { readonly kind: 'outgrown'; readonly phase: PhaseId; readonly window: string; readonly why: string }

/** What a course is reckoned with besides the plan. */
export interface CourseGiven {
  /** When the first rollout is to begin; null = as soon as it can. */
  readonly plannedAt?: Instant | null
  /** Whether this phase waits for no window. */
  readonly isOverridden?: (phase: PhasePlan, at: Instant) => boolean
}

export function courseOf(plan: Plan, now: Instant, { plannedAt = null, isOverridden }: CourseGiven = {}): Course {
  const opens = new Map<PhaseId, Instant>()
  const anchor = anchorOf(plan)?.id
  let at = now
  let countedMs = 0
  for (const phase of plan.phases.filter(isForwardPhase)) {
    if (plannedAt !== null && phase.id === anchor) at = Math.max(at, plannedAt)
    if (plannedAt !== null && phase.due?.side === 'after') at = Math.max(at, dueOf(plan, phase.due, plannedAt))
    const window = windowOf(plan, phase)
    if (window && phase.window !== null && isOverridden?.(phase, at) !== true) {
      const from = windowOpensAt(window, at)
      const why =
        from === undefined
          ? `The window "${phase.window}" of "${phase.title}" does not open within a year.`
          : outgrownWhy(plan, phase, window, from)
      if (from === undefined || why !== null)
        return { kind: 'outgrown', phase: phase.id, window: phase.window, why: why ?? '' }
      at = from
    }
    opens.set(phase.id, at)
    const ownMs = leastTimeOf(plan, phase.id) + watchTimeOf(plan, phase.id)
    at += ownMs
    countedMs += ownMs
  }
  // Watches may overlap across phases: the plan's own sum knows.
  return { kind: 'fits', endsAt: Math.max(now, at + plan.expectedMs - countedMs), opens }
}

function windowOf(plan: Plan, phase: PhasePlan): WindowPlan | undefined {
  return phase.window === null ? undefined : plan.windows[phase.window]
}

/** Whether a window keeps the phase from being entered right at `at`. */
export function standsInTheWay(plan: Plan, phase: PhasePlan, at: Instant): boolean {
  const window = windowOf(plan, phase)
  if (window === undefined) return false
  return window.lowTraffic !== undefined || !isWindowOpen(window, at) || outgrownWhy(plan, phase, window, at) !== null
}

/** Why the phase, entered at `from` while its window is open, would leave it; null = it would not. */
function outgrownWhy(plan: Plan, phase: PhasePlan, window: WindowPlan, from: Instant): string | null {
  if (window.covers === 'entry') return null
  const neededMs = leastTimeOf(plan, phase.id)
  if (!isOpenThroughout(window, from, from + neededMs)) {
    const closes = windowClosesAt(window, from)
    const when = closes === undefined ? '' : `, at ${wallWords(window.zone, closes)}`
    return `"${phase.title}" takes at least ${Math.ceil(neededMs / 60_000)} minutes, and its window "${phase.window}" closes before that${when}. Start it earlier in the window.`
  }
  const ends = coveredEnd(plan, phase, window, from)
  if (ends === null) return null
  const denied = deniedAt(window, from, ends)
  if (denied === undefined && isWindowOpen(window, ends)) return null
  const why = whyClosed(window, denied ?? ends) ?? ''
  const at = denied === undefined || denied === ends ? '' : ` from ${wallWords(window.zone, denied)}`
  return `${coverWords(phase, window)} would end at ${wallWords(window.zone, ends)}, and the window "${phase.window}" is closed then or before (${why}${at}). Start it at another time.`
}

/** The end that the window has to hold to, if the phase is entered at `from`; null = nothing beyond its own time. */
export function coveredEnd(plan: Plan, phase: PhasePlan, window: WindowPlan, from: Instant): Instant | null {
  const { covers } = window
  if (covers === undefined || covers === 'entry' || covers === 'phase') return null
  const forward = plan.phases.filter(isForwardPhase)
  const first = forward.findIndex(({ id }) => id === phase.id)
  const last = covers === 'release' ? forward.length - 1 : lastWith(plan, forward, covers)
  let at = from
  for (const each of forward.slice(first, Math.max(first, last) + 1)) {
    const own = each.id === phase.id ? undefined : windowOf(plan, each)
    at = (own && windowOpensAt(own, at)) ?? at
    at += leastTimeOf(plan, each.id)
    if (covers === 'rollout' && each.id === forward[last]?.id) break
    at += watchTimeOf(plan, each.id)
  }
  return at
}

function lastWith(plan: Plan, forward: readonly PhasePlan[], word: 'rollout' | 'watch'): number {
  const phases = new Set(plan.steps.flatMap(({ block, phase }) => (block.word === word ? [phase] : [])))
  return forward.findLastIndex(({ id }) => phases.has(id))
}

function coverWords(phase: PhasePlan, { covers }: WindowPlan): string {
  if (covers === 'rollout') return `The rollout that begins with "${phase.title}"`
  return covers === 'watch' ? `The watch after "${phase.title}"` : `The release that goes on with "${phase.title}"`
}

const mostOpenings = 60

/**
 * The first instant from `at` on at which the phase may be entered: its window is open, and where the window says how far
 * it has to hold, there is room. Undefined = an unknown window, or none within a year.
 */
export function roomFrom(plan: Plan, phase: PhasePlan, at: Instant): Instant | undefined {
  const window = windowOf(plan, phase)
  if (window === undefined) return undefined
  if (window.covers === undefined || window.covers === 'entry') return windowOpensAt(window, at)
  let from = windowOpensAt(window, at)
  for (let tries = 0; from !== undefined && tries < mostOpenings; tries += 1) {
    const closes: Instant | undefined = windowClosesAt(window, from)
    for (const start of startsIn(plan, phase, window, from, closes ?? from))
      if (outgrownWhy(plan, phase, window, start) === null) return start
    if (closes === undefined) return undefined
    from = windowOpensAt(window, closes)
  }
  return undefined
}

/** Within one opening: its beginning, and where what is covered would end as the window opens again. */
function* startsIn(
  plan: Plan,
  phase: PhasePlan,
  window: WindowPlan,
  from: Instant,
  closes: Instant,
): Generator<Instant> {
  yield from
  const ends = coveredEnd(plan, phase, window, from)
  const again = ends === null ? undefined : windowOpensAt(window, ends)
  if (ends !== null && again !== undefined && again > ends && from + (again - ends) < closes)
    yield from + (again - ends)
}

/** From when on an override counts; undefined = not within a year, or nobody may override it. */
export function overrideCountsFrom(plan: Plan, phase: PhasePlan, at: Instant): Instant | undefined {
  const window = windowOf(plan, phase)
  return window?.override === undefined ? undefined : freeOfDenialsForAllAt(window, at)
}

/** Whether an override counts at this instant: a denial that says so of itself is opened by nobody. */
export function mayOverride(plan: Plan, phase: PhasePlan, at: Instant): boolean {
  const window = windowOf(plan, phase)
  return window?.override !== undefined && !isDeniedForAll(window, at)
}
