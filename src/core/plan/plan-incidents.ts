/** What a checklist says about incidents: its severities, and by when a post-mortem is owed. */
import type { Millis } from '../units.ts'

/** `rollback` turns back at once; `ask` holds until a person decides; `page` only tells, and opens the phases. */
export type IncidentAction = 'rollback' | 'ask' | 'page'

export interface SeverityPlan {
  readonly action: IncidentAction
  /** Channels that hear of it, besides messages on `incident.declared`. */
  readonly tell: readonly string[]
  /** With `ask`: how long a person has to decide before the release turns back by itself; null = for ever. */
  readonly withinMs: Millis | null
}

/** Counted from the declaration: a duration, or days of Monday to Friday. */
export type Deadline = { readonly ms: Millis } | { readonly workingDays: number }

/** How far a version is from the one before it; `unknown` where one of them is no semantic version. */
export type ReleaseType = 'major' | 'minor' | 'patch' | 'hotfix' | 'unknown'

export const releaseTypes: readonly ReleaseType[] = ['major', 'minor', 'patch', 'hotfix', 'unknown']
