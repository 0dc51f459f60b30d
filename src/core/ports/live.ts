/** What an engine knows of a release between two events. */
import type { JudgeReport, SampleBatch } from '../judge/verdict.ts'

/** Younger than the last event: what a live view shows between events. */
export interface Live {
  readonly attempts: readonly {
    readonly step: string
    readonly attempt: string
    readonly say: string
    readonly since: number
  }[]
  readonly observations: readonly {
    readonly step: string
    readonly stage: number | null
    readonly report: JudgeReport
    readonly recent: readonly SampleBatch[]
  }[]
}
