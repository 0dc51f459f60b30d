/** Which right each decision about a release takes, and which of them need a fresh sign-in. */
import type { Context } from 'hono'
import type { Place } from '../../core/access/access.ts'
import type { Right } from '../../core/access/rights.ts'
import { freshSignInMs } from '../../core/release/rules/approvals.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import type { CommandBody } from '../wire/command-shapes.ts'
import { RouteRefusal } from '../wire/problem.ts'

type Kind = CommandBody['command']['kind']

/** Any one of them. */
const rightsByKind: Readonly<Record<Kind, readonly Right[]>> = {
  Answer: ['release.act'],
  Note: ['release.act'],
  HandOver: ['release.act'],
  Acknowledge: ['release.approve', 'release.act'],
  SetKnownIssue: ['release.act'],
  CloseKnownIssue: ['release.act'],
  SetRow: ['release.act'],
  RemoveRow: ['release.act'],
  BePresent: ['release.act'],
  EndPresence: ['release.act'],
  Assign: ['release.act'],
  // What an incident does is the word of the checklist, which was reviewed; saying that something is wrong is everybody's.
  DeclareIncident: ['release.act', 'release.stop'],
  AddFollowUp: ['release.act'],
  SetIncidentStatus: ['release.act', 'release.stop'],
  Retry: ['release.act'],
  Approve: ['release.approve'],
  RoleNotNeeded: ['release.steer', 'release.approve'],
  Reject: ['release.approve'],
  RevokeApproval: ['release.approve'],
  // Stricter than before: more has to be seen, never less.
  Rewatch: ['release.stop'],
  Hold: ['release.stop'],
  Abort: ['release.stop'],
  Rollback: ['release.stop'],
  // A stage may ask for the word of a role that an approver has.
  Promote: ['release.steer', 'release.approve'],
  Resume: ['release.steer'],
  Waive: ['release.steer', 'release.approve'],
  MarkNotApplicable: ['release.steer'],
  Settle: ['release.steer'],
  Amend: ['release.steer'],
  // A window may name the role of an approver.
  OverrideWindow: ['release.steer', 'release.approve'],
  Reschedule: ['release.steer'],
  EditMessage: ['release.act'],
  SendMessage: ['release.act'],
  DropMessage: ['release.act'],
  ConfirmMessage: ['release.act'],
  WaiveMessage: ['release.steer', 'release.approve'],
}

export function rightsFor(command: CommandBody['command']): readonly Right[] {
  return command.kind === 'Abort' && command.leave ? ['release.steer'] : rightsByKind[command.kind]
}

const gateOpeners: ReadonlySet<Kind> = new Set([
  'Approve',
  'RoleNotNeeded',
  'Acknowledge',
  'Promote',
  'Resume',
  'Waive',
  'MarkNotApplicable',
  'Settle',
  'Amend',
  'OverrideWindow',
  'Reschedule',
  'WaiveMessage',
])

export function opensGate(command: CommandBody['command']): boolean {
  return gateOpeners.has(command.kind) || (command.kind === 'Abort' && command.leave)
}

/** An environment that the server protects asks for a fresh sign-in, also where the checklist forgot to. */
export function freshEnough(deps: RouteDeps, context: Context<ApiEnv>, place: Place): void {
  const caller = context.get('caller')
  const project = context.get('access').projects.get(place.project ?? '')
  const isProtected = project?.environments.find(({ name }) => name === place.environment)?.isProtected ?? false
  const signedInAt = caller.kind === 'person' ? (caller.session?.signedInAt ?? -Infinity) : -Infinity
  if (!isProtected || deps.clock.now() - signedInAt <= freshSignInMs) return
  throw new RouteRefusal(
    'sign-in-required',
    `${place.environment} is protected: this needs a sign-in that is not older than 15 minutes. Sign in again, then decide again.`,
  )
}
