/** What a checklist wants done after a release, as tracked tasks. */
import type { Deadline } from './plan-incidents.ts'

export type FollowUpSeverity = 'high' | 'normal' | 'low'

/** When one is opened: after every release that was closed, only after some types, after a way back, or for an incident. */
export type FollowUpAfter = 'release' | 'major' | 'minor' | 'patch' | 'hotfix' | 'rollback' | 'incident' | 'rehearsal'

export interface FollowUpPlan {
  /** `{{ name }}` as in messages. */
  readonly title: string
  readonly after: readonly FollowUpAfter[]
  readonly owner: string | null
  readonly severity: FollowUpSeverity
  /** Counted from the end of the release, or from the declaration of the incident; null = no deadline. */
  readonly due: Deadline | null
}
