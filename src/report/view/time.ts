/** What a release shows about when: its planned start, what is due before it, windows that were opened or will be left. */
import { leadWords } from '../../core/plan/lead-time.ts'
import { dueSteps } from '../../core/release/consequences-time.ts'
import { anchorOf, dueOf, leadCalendar, leadPhases } from '../../core/release/planned-start.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { leavingWords } from '../../core/release/time-news.ts'
import type { Instant } from '../../core/units.ts'
import type { WaitingView } from '../view.ts'

export interface TimeView {
  /** By whose clock times are given: that of the window of the planned phase. */
  readonly zone: string
  /** When `phase` is to begin; null = as soon as it can. */
  readonly plannedAt: Instant | null
  readonly phase: { readonly id: string; readonly title: string; readonly begun: boolean } | null
  /** Why it was started although its lead times could not be kept. */
  readonly lateWhy: string | null
  /** Phases with a lead time, in the order of the checklist. */
  readonly dues: readonly DueView[]
  readonly overridden: readonly {
    readonly phase: string
    readonly window: string
    readonly by: string
    readonly role: string
    readonly reason: string
    readonly at: Instant
  }[]
  /** One sentence for each phase that will leave its window. */
  readonly leaving: readonly string[]
}

export interface DueView {
  readonly phase: string
  readonly title: string
  /** `1 working day before`. */
  readonly words: string
  readonly side: 'before' | 'after'
  readonly dueAt: Instant
  /** Steps that are still open, and whether it is too late for them. */
  readonly open: number
  readonly overdue: boolean
}

export function timeOf(state: ReleaseState, now: Instant): { readonly time?: TimeView } {
  const { time, plan } = state
  const isPlain = time.plannedAt === null && time.overridden.size === 0 && time.leaving.size === 0
  return isPlain ? {} : { time: timeView(state, leadCalendar(plan).zone, now) }
}

function timeView(state: ReleaseState, zone: string, now: Instant): TimeView {
  const { time, plan } = state
  const anchor = anchorOf(plan)
  return {
    zone,
    plannedAt: time.plannedAt,
    phase: anchor
      ? { id: anchor.id, title: anchor.title, begun: state.phases.get(anchor.id)?.status !== 'waiting' }
      : null,
    lateWhy: time.lateWhy,
    dues: duesOf(state, now),
    overridden: [...time.overridden].map(([phase, each]) => ({
      phase: plan.phases.find(({ id }) => id === phase)?.title ?? phase,
      ...each,
    })),
    leaving: [...time.leaving].map(([phase, each]) =>
      leavingWords(state, { phase, window: plan.phases.find(({ id }) => id === phase)?.window ?? '', ...each }),
    ),
  }
}

/** What is said where nothing else happens when a step with a lead time is late. */
export const overdueWord = 'is overdue'

/** Waits for steps with a lead time say until when; what has a time of its own keeps it. */
export function withDue(state: ReleaseState, waits: readonly WaitingView[]): readonly WaitingView[] {
  const dues = new Map(dueSteps(state).map(({ step, dueAt }) => [step.id, dueAt]))
  if (dues.size === 0) return waits
  return waits.map((wait) => {
    const until = wait.step === null || wait.until !== null ? undefined : dues.get(wait.step)
    return until === undefined ? wait : { ...wait, until, otherwise: overdueWord }
  })
}

function duesOf(state: ReleaseState, now: Instant): readonly DueView[] {
  const { plannedAt } = state.time
  if (plannedAt === null) return []
  const open = dueSteps(state)
  return leadPhases(state.plan).map(({ id, title, due }) => {
    const steps = due.side === 'before' ? open.filter(({ step }) => step.phase === id) : []
    const dueAt = dueOf(state.plan, due, plannedAt)
    return {
      phase: id,
      title,
      words: leadWords(due),
      side: due.side,
      dueAt,
      open: steps.length,
      overdue: steps.length > 0 && dueAt <= now,
    }
  })
}
