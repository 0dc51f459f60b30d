/** What a document declares before its first heading, in its front matter and in the shared file beside it. */
import type { AudiencePlan, Deadline, DigestPlan, FollowUpPlan, Plan, RosterPlan, SeverityPlan } from './plan.ts'
import type { NamedQueries } from './named-queries.ts'
import type { SchedulePlan } from '../schedule/schedule.ts'

export type StepForm = 'tasks' | 'bullets' | 'headings'

/** Everything blocks may name, and the plan's own facts. */
export interface Declarations
  extends Pick<
    Plan,
    'environments' | 'inputs' | 'env' | 'secrets' | 'sources' | 'roles' | 'channels' | 'windows' | 'contacts'
  > {
  readonly delegates: NonNullable<Plan['delegates']>
  readonly rosterRoles: NonNullable<Plan['rosterRoles']>
  readonly roster: RosterPlan | null
  readonly verifiedContacts: NonNullable<Plan['verifiedContacts']>
  readonly name: string | null
  readonly service: string | null
  readonly steps: StepForm | null
  readonly retentionMs: number | null
  readonly worker: readonly string[] | null
  readonly schedule: SchedulePlan | null
  readonly severities: Readonly<Record<string, SeverityPlan>> | null
  readonly postMortem: Deadline | null
  readonly followUps: Readonly<Record<string, FollowUpPlan>> | null
  readonly reviewAfter: 'major' | 'minor' | 'patch' | null
  readonly audiences: Readonly<Record<string, AudiencePlan>> | null
  readonly messageDigest: DigestPlan | null
  readonly rollbackWithinMs: number | null
  /** They stand in the plan where they are used, and nowhere else. */
  readonly queries: NamedQueries
}

export const noDeclarations: Declarations = {
  name: null,
  service: null,
  steps: null,
  retentionMs: null,
  worker: null,
  schedule: null,
  severities: null,
  postMortem: null,
  followUps: null,
  reviewAfter: null,
  audiences: null,
  messageDigest: null,
  rollbackWithinMs: null,
  queries: {},
  environments: {},
  inputs: {},
  env: [],
  secrets: {},
  sources: {},
  roles: {},
  delegates: {},
  rosterRoles: {},
  roster: null,
  verifiedContacts: {},
  channels: {},
  windows: {},
  contacts: {},
}
