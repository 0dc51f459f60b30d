/** The port behind which a judge decides. Pure: no clock, no randomness; the same batches give the same report. */
import type { JudgePlan, StagePlan } from '../plan/plan.ts'
import type { Instant, Millis } from '../units.ts'
import type { JudgeReport, JudgeState, SampleBatch } from '../judge/verdict.ts'

export interface JudgeSubject {
  readonly judge: JudgePlan
  /** The stage whose limits apply; null in a watch. */
  readonly stage: StagePlan | null
  /** When weights were verified, or the watch began. */
  readonly startedAt: Instant
  /** Length of the whole rollout or watch as planned; absent = that of the stage. */
  readonly plannedMs?: Millis
}

export interface Judge {
  readonly name: string
  /** A fresh state for a stage or watch. `before` carries what a judge keeps over stages; null at the first. */
  start(subject: JudgeSubject, before: JudgeState | null): JudgeState
  /** Folds one batch. Late or repeated batches (`to` not after the last) change nothing. */
  observe(state: JudgeState, batch: SampleBatch, subject: JudgeSubject): JudgeState
  report(state: JudgeState, subject: JudgeSubject): JudgeReport
}
