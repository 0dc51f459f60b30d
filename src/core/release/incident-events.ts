/** What can have happened around an incident: declared, its status, a way back over its budget, a hotfix begun. */
import type { FollowUpSeverity, IncidentAction } from '../plan/plan.ts'
import type { Instant, Millis } from '../units.ts'

export type IncidentStatus = 'investigating' | 'identified' | 'monitoring' | 'resolved'

export type IncidentEvent =
  | {
      readonly kind: 'IncidentDeclared'
      /** Unique within the release. */
      readonly incident: string
      readonly severity: string
      readonly reason: string
      /** A person, a machine by its own name, or the engine for a trigger. */
      readonly by: string
      readonly action: IncidentAction
      /** With `ask`: when the release turns back unless a person has decided. */
      readonly decideBy: Instant | null
      /** When the post-mortem is owed. */
      readonly reportBy: Instant | null
      /** The trigger that declared it; null = somebody did. */
      readonly trigger: string | null
      /** Channels that hear of it. */
      readonly tell: readonly string[]
    }
  | {
      readonly kind: 'IncidentStatusSet'
      readonly incident: string
      readonly status: IncidentStatus
      readonly by: string
      readonly note: string | null
    }
  /** The way back takes longer than its checklist allows. It goes on. */
  | { readonly kind: 'RollbackOverBudget'; readonly budgetMs: Millis }
  /** Something to be done later came out of this release: it is tracked beside the log until somebody closes it. */
  | {
      readonly kind: 'FollowUpAdded'
      /** Unique within the release. */
      readonly followUp: string
      readonly title: string
      readonly severity: FollowUpSeverity
      readonly owner: string | null
      readonly due: Instant | null
      readonly link: string | null
      readonly by: string
    }
  /** Another release was begun to mend this one. */
  | { readonly kind: 'HotfixBegun'; readonly release: string; readonly version: string; readonly by: string }

/** What a hotfix was derived from. */
export interface HotfixOrigin {
  /** The release that it mends, where one is known. */
  readonly release: string | null
  /** The git tag it was derived from, and the commit that tag names. */
  readonly tag: string | null
  readonly commit: string | null
}
