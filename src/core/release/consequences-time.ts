/** What time alone says about phases: when one may begin, which steps are late, and what will leave its window. */
import { deniedAt, isWindowOpen, windowClosesAt } from '../calendar/window.ts'
import { leastTimeOf, watchTimeOf } from '../plan/least-time.ts'
import type { PhasePlan, StepPlan, WindowPlan } from '../plan/plan.ts'
import type { Instant, Millis } from '../units.ts'
import { mayOverride, overrideCountsFrom, roomFrom } from './course.ts'
import type { ReleaseEvent } from './events.ts'
import { anchorOf, dueOf, leadPhases } from './planned-start.ts'
import { isClosed, isForwardPhase, stepState } from './standing.ts'
import type { ReleaseState } from './state.ts'

/** A reading of low traffic counts for this long. */
export const readingHoldsMs = 60_000

/** The first instant from `now` on at which time alone lets the phase begin; undefined = not within a year. */
export function mayBeginAt(state: ReleaseState, phase: PhasePlan, now: Instant): Instant | undefined {
  const from = Math.max(now, notBefore(state, phase))
  if (phase.window === null) return from
  const overridden = state.time.overridden.has(phase.id) ? overrideCountsFrom(state.plan, phase, from) : undefined
  return overridden ?? roomFrom(state.plan, phase, from)
}

/** The planned start for the phase it is about, and the lead time of a phase that comes after it; 0 = no such thing. */
export function notBefore(state: ReleaseState, phase: PhasePlan): Instant {
  const { plan, rehearsal, time } = state
  const { plannedAt } = time
  if (plannedAt === null || rehearsal) return 0
  if (anchorOf(plan)?.id === phase.id) return plannedAt
  return phase.due?.side === 'after' ? dueOf(plan, phase.due, begunAt(state) ?? plannedAt) : 0
}

/** When the planned phase really began. */
function begunAt(state: ReleaseState): Instant | null {
  const anchor = anchorOf(state.plan)
  return anchor === undefined ? null : (state.phases.get(anchor.id)?.openedAt ?? null)
}

export function isOverridden(state: ReleaseState, phase: PhasePlan, at: Instant): boolean {
  return state.time.overridden.has(phase.id) && mayOverride(state.plan, phase, at)
}

/** Doubt keeps the gate shut: without a fresh reading traffic is not low. */
export function isTrafficLow(state: ReleaseState, name: string, now: Instant): boolean {
  if (state.plan.windows[name]?.lowTraffic === undefined || state.rehearsal) return true
  const reading = state.time.readings.get(name)
  return reading?.isLow === true && now - reading.observedAt <= readingHoldsMs
}

/** Whatever the clock says: the window of the phase opens only at low traffic, and nobody overrode it. */
export function waitsForTraffic(state: ReleaseState, phase: PhasePlan, now: Instant): boolean {
  return phase.window !== null && !isOverridden(state, phase, now) && !isTrafficLow(state, phase.window, now)
}

export interface DueStep {
  readonly step: StepPlan
  readonly dueAt: Instant
}

/** Open steps that somebody owes by a time: before the planned start, or so long after they were asked; the earlier counts. */
export function dueSteps(state: ReleaseState): readonly DueStep[] {
  if (state.rehearsal) return []
  const asked = new Map(askedSteps(state).map((each) => [each.step.id, each]))
  const lead = leadSteps(state).map((each) => {
    const own = asked.get(each.step.id)
    asked.delete(each.step.id)
    return own && own.dueAt < each.dueAt ? own : each
  })
  return [...lead, ...asked.values()]
}

/** Questions with a `due` of their own, from when they were asked. */
function askedSteps(state: ReleaseState): readonly DueStep[] {
  return state.plan.steps.flatMap((step) => {
    const due = (step.block.word === 'answer' ? step.block : step.answer)?.due ?? null
    if (due === null || isClosed(state, step.id)) return []
    const { reachedAt } = stepState(state, step.id)
    return reachedAt === null ? [] : [{ step, dueAt: reachedAt + due }]
  })
}

/** Parents without their children's names. */
function leadSteps(state: ReleaseState): readonly DueStep[] {
  const { plan, time } = state
  const { plannedAt } = time
  if (plannedAt === null) return []
  return leadPhases(plan)
    .filter(({ id, due }) => due.side === 'before' && state.phases.get(id)?.status !== 'not-applicable')
    .flatMap(({ id, due }) => {
      const dueAt = dueOf(plan, due, plannedAt)
      const steps = state.index.stepsOfPhase.get(id) ?? []
      return steps
        .filter((step) => step.block.word !== 'group' && !isClosed(state, step.id))
        .map((step) => ({ step, dueAt }))
    })
}

function isStillAhead(state: ReleaseState, phase: string): boolean {
  const status = state.phases.get(phase)?.status
  return status === 'waiting' || status === 'open'
}

/** Once for each step and due time. */
export function newlyOverdue(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  return dueSteps(state)
    .filter(({ step, dueAt }) => dueAt <= now && state.time.overdue.get(step.id) !== dueAt)
    .map(({ step, dueAt }) => ({ kind: 'StepOverdue', step: step.id, dueAt }))
}

interface Prediction {
  readonly endsAt: Instant
  /** It moves on with the clock: nothing that is waited for makes it come nearer. */
  readonly isStalled: boolean
}

interface Leaving {
  readonly phase: PhasePlan
  readonly window: WindowPlan
  readonly prediction: Prediction
  /** The first instant at which the window no longer holds. */
  readonly closesAt: Instant
}

/** Phases in their window that are to stay in it, with when they end as things stand, and when it closes. */
function inWindows(state: ReleaseState, now: Instant): readonly Leaving[] {
  if (state.rehearsal) return []
  const forward = state.plan.phases.filter(isForwardPhase)
  return forward.flatMap((phase, first) => {
    const window = phase.window === null ? undefined : state.plan.windows[phase.window]
    const openedAt = state.phases.get(phase.id)?.openedAt ?? null
    if (
      !window ||
      window.covers === 'entry' ||
      openedAt === null ||
      state.time.overridden.has(phase.id) ||
      state.time.leaving.has(phase.id)
    )
      return []
    const covered = forward.slice(first, lastCovered(state, forward, first, window) + 1)
    if (covered.every(({ id }) => !isStillAhead(state, id))) return []
    const closesAt = closingOf(window, openedAt)
    return closesAt === undefined
      ? []
      : [{ phase, window, closesAt, prediction: predicted(state, covered, window, now) }]
  })
}

function lastCovered(
  state: ReleaseState,
  forward: readonly PhasePlan[],
  first: number,
  { covers }: WindowPlan,
): number {
  if (covers === undefined || covers === 'entry' || covers === 'phase') return first
  if (covers === 'release') return forward.length - 1
  const with_ = new Set(state.plan.steps.flatMap(({ block, phase }) => (block.word === covers ? [phase] : [])))
  return Math.max(
    first,
    forward.findLastIndex(({ id }) => with_.has(id)),
  )
}

/** Asked for after every event of a release in a window, and the answer stays: a window does not change. */
const closings = new WeakMap<WindowPlan, Map<Instant, Instant | undefined>>()
const yearMs = 366 * 86_400_000

function closingOf(window: WindowPlan, openedAt: Instant): Instant | undefined {
  const known = closings.get(window) ?? new Map<Instant, Instant | undefined>()
  closings.set(window, known)
  if (!known.has(openedAt)) {
    const isBeyond = window.covers !== undefined && window.covers !== 'phase'
    known.set(openedAt, isBeyond ? deniedAt(window, openedAt, openedAt + yearMs) : windowClosesAt(window, openedAt))
  }
  return known.get(openedAt)
}

function predicted(state: ReleaseState, covered: readonly PhasePlan[], window: WindowPlan, now: Instant): Prediction {
  const watches = window.covers === 'watch' || window.covers === 'release'
  let leftMs = 0
  let from: Instant | null = null
  for (const { id } of covered) {
    const status = state.phases.get(id)?.status
    if (status === 'waiting') leftMs += leastTimeOf(state.plan, id) + (watches ? watchTimeOf(state.plan, id) : 0)
    if (status !== 'open') continue
    for (const step of state.index.stepsOfPhase.get(id) ?? []) {
      const left = leftOf(state, step, watches, now)
      leftMs += left.ms
      from = left.observedTo ?? from
    }
  }
  const isStalled = from === null || state.hold !== null
  return { endsAt: (isStalled ? now : (from ?? now)) + leftMs, isStalled }
}

/** What a step still takes, and up to when it was observed while its soak or watch goes on. */
function leftOf(
  state: ReleaseState,
  step: StepPlan,
  watches: boolean,
  now: Instant,
): { readonly ms: Millis; readonly observedTo: Instant | null } {
  const { block } = step
  if (isClosed(state, step.id)) return { ms: 0, observedTo: null }
  if (block.word === 'wait') {
    const { wait } = stepState(state, step.id)
    return { ms: wait ? Math.max(0, wait.until - now) : (block.forMs ?? 0), observedTo: null }
  }
  const observed = state.observations.get(step.id)
  if (block.word === 'watch' && watches) {
    const ms = Math.max(0, block.forMs - (observed?.soakMs ?? 0))
    return { ms, observedTo: observed && !observed.ended ? (observed.upTo ?? observed.startedAt) : null }
  }
  const rollout = block.word === 'rollout' ? state.rollouts.get(step.id) : undefined
  if (block.word !== 'rollout' || !rollout || rollout.doing === 'done') return { ms: 0, observedTo: null }
  const ahead = block.stages.slice(rollout.stage + 1).reduce((sum, stage) => sum + stage.soakMs, 0)
  const neededMs = block.stages[rollout.stage]?.soakMs ?? 0
  const isSoaking = rollout.doing === 'soaking' && observed?.stage === rollout.stage
  const soakedMs = isSoaking ? observed.soakMs : 0
  return {
    ms: ahead + Math.max(0, neededMs - soakedMs),
    observedTo: isSoaking && state.asked === null && soakedMs < neededMs ? (observed.upTo ?? observed.startedAt) : null,
  }
}

function leaves({ window, prediction: { endsAt }, closesAt }: Leaving): boolean {
  if (endsAt > closesAt) return true
  return window.covers !== undefined && window.covers !== 'phase' && !isWindowOpen(window, endsAt)
}

export function newlyLeaving(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  return inWindows(state, now)
    .filter(leaves)
    .map(({ phase, closesAt, prediction }) => ({
      kind: 'WindowLeaving',
      phase: phase.id,
      window: phase.window ?? '',
      closesAt: Math.min(closesAt, prediction.endsAt),
      endsAt: prediction.endsAt,
    }))
}

/** When the next step is late, or what stands still would leave its window. Both are told by the tick that follows. */
export function timeAlarms(state: ReleaseState, now: Instant): readonly Instant[] {
  const late = dueSteps(state)
    .filter(({ step, dueAt }) => state.time.overdue.get(step.id) !== dueAt)
    .map(({ dueAt }) => dueAt)
  const leaving = inWindows(state, now)
    .filter(({ prediction }) => prediction.isStalled)
    .map(({ prediction, closesAt }) => closesAt - (prediction.endsAt - now) + 1)
  return [...late, ...leaving]
}

export function timeConsequence(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  if (state.phase !== 'running' && state.phase !== 'validating' && state.phase !== 'signed-off') return []
  return [...newlyOverdue(state, now), ...newlyLeaving(state, now)]
}
