/** The stages of a rollout that soaked before the one observed now: what a judge has to have seen first. */
import type { JudgeSubject } from '../ports/judge.ts'
import type { Instant } from '../units.ts'
import type { Effect } from './effects.ts'
import type { Recorded } from './events.ts'

export interface Soak {
  readonly stage: number
  readonly subject: JudgeSubject
  /** Samples after this are of the next stage. */
  readonly endedAt: Instant
}

/** As the log tells them so far, each under the limits of the plan that stands. A watch has none. */
export function soaksBefore(
  events: readonly Recorded[],
  effect: Extract<Effect, { kind: 'Observe' }>,
): readonly Soak[] {
  if (effect.stage === null) return []
  const plans = events.findLast(
    ({ event }) => event.kind === 'ReleaseAmended' || event.kind === 'ReleaseStarted',
  )?.event
  const block = plans && 'plan' in plans ? plans.plan.steps.find((step) => step.id === effect.step)?.block : undefined
  const starts = events.flatMap(({ event, at }) =>
    event.kind === 'SoakStarted' && event.rollout === effect.step && at < effect.startedAt
      ? [{ stage: event.stage, at }]
      : [],
  )
  return starts.map(({ stage, at }, index) => ({
    stage,
    subject: {
      judge: effect.judge,
      stage: (block?.word === 'rollout' ? block.stages[stage] : undefined) ?? null,
      startedAt: at,
      plannedMs: effect.plannedMs,
    },
    endedAt: starts[index + 1]?.at ?? effect.startedAt,
  }))
}

export function subjectOf({
  judge,
  stagePlan,
  startedAt,
  plannedMs,
}: Extract<Effect, { kind: 'Observe' }>): JudgeSubject {
  return { judge, stage: stagePlan, startedAt, plannedMs }
}
