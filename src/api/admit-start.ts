/** Whether somebody may start this checklist there, and as whom. */
import type { Context } from 'hono'
import type { AccessState, Place } from '../core/access/access.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { Actor } from '../core/release/events.ts'
import { type Caller, callerMay, everywhere } from './auth/caller.ts'
import { askDirectory } from './auth/ask-directory.ts'
import { actorOf, requireAny } from './auth/guard.ts'
import type { DocumentBody, StartBody } from './client-types.ts'
import type { RouteDeps } from './deps.ts'
import type { ApiEnv } from './env.ts'
import { isOneOf, refuseOtherChecklist } from './mandatory-checklist.ts'
import { RouteRefusal } from './wire/problem.ts'

type Bytes = Pick<DocumentBody, 'base64' | 'shared' | 'calendars'>

export interface StartAsked extends Pick<StartBody, 'environment' | 'workspace' | 'idempotencyKey' | 'rehearsal'> {
  readonly document: Bytes
  readonly plan: Plan
  readonly env: Readonly<Record<string, string>>
  readonly project: string | null
}

export interface Admitted {
  readonly actor: Actor
  readonly workspace: StartBody['workspace']
  /** Absent = a release of no project: started on the local socket. */
  readonly project?: string
  /** The caller's own: somebody else's same key is another. */
  readonly key: string | null
}

/** Throws a RouteRefusal. A checklist runs commands, so one that comes along needs the right to write checklists. */
export async function admitStart(deps: RouteDeps, context: Context<ApiEnv>, asked: StartAsked): Promise<Admitted> {
  const { service } = asked.plan
  const owner = context.get('access').projectOf.get(service) ?? null
  const caller = context.get('caller')
  if (owner !== null) refuseOtherChecklist(context.get('access'), owner, asked)
  if (caller.kind === 'local')
    return {
      actor: actorOf(context, everywhere),
      workspace: asked.workspace,
      key: asked.idempotencyKey,
      ...(owner === null ? {} : { project: owner }),
    }
  if (Object.keys(asked.env).length > 0)
    throw new RouteRefusal(
      'forbidden',
      'A server takes no values under env: from a terminal; its workers have their own.',
    )
  const place = placeToStart(context, asked)
  const actor = actorOf(context, place)
  const { project } = place
  if (owner === null) await askDirectory(deps, context, { kind: 'AdoptService', project, service })
  // A folder of the terminal means nothing here: commands run in the workspace of their worker.
  const key = asked.idempotencyKey === null ? null : `${actor.id}/${project}/${asked.idempotencyKey}`
  return { actor, project, key, workspace: { ...asked.workspace, root: deps.workspace } }
}

/** Throws a RouteRefusal where the caller, who came over the network, may not start this. Changes nothing. */
export function placeToStart(
  context: Context<ApiEnv>,
  asked: Pick<StartAsked, 'plan' | 'document' | 'environment' | 'project'>,
): PlaceToStart {
  return placeToStartOf(context.get('access'), context.get('caller'), asked)
}

export type PlaceToStart = Place & { readonly project: string }

/** The same of a caller as the directory knows them now, whatever they sent and when. */
export function placeToStartOf(
  state: AccessState,
  caller: Caller,
  { plan, document, environment, project: wanted }: Pick<StartAsked, 'plan' | 'document' | 'environment' | 'project'>,
): PlaceToStart {
  const project = state.projectOf.get(plan.service) ?? wanted ?? onlyProject(state, caller)
  const place = placeOfNew(state, project, environment)
  requireAny(state, caller, ['release.start'], place)
  for (const phase of environmentsOf(plan))
    requireAny(state, caller, ['release.start'], { ...place, environment: phase })
  if (!isRegistered(state, project, document)) requireToWrite(caller, state, project, plan.service, place)
  return place
}

/** Whoever may only start is told what there is to start, and that these are other bytes. */
function requireToWrite(caller: Caller, state: AccessState, project: string, service: string, place: Place): void {
  if (callerMay(state, caller, 'checklist.write', place)) return
  const names = [...state.checklists.values()]
    .filter((each) => each.project === project && each.service === service)
    .map(({ name }) => `${project}/${name}`)
  const [first] = names
  throw new RouteRefusal(
    'forbidden',
    first === undefined
      ? `No checklist of ${service} is registered in ${project}, and starting one that comes along takes the right checklist.write.`
      : `This document differs from what ${project} has registered (${names.join(', ')}), and starting it takes the right checklist.write. For example: holdpoint run --checklist ${first}`,
  )
}

/** A phase may belong to another environment than the release: its commands run there, so it takes the right there. */
export function environmentsOf({ phases }: Pick<Plan, 'phases'>): readonly string[] {
  return [...new Set(phases.flatMap(({ environment }) => environment ?? []))]
}

/** Whoever may start in one project only need not say which. */
function onlyProject(state: AccessState, caller: Caller): string {
  const mine = [...state.projects.values()].filter(({ id, organisation }) =>
    callerMay(state, caller, 'checklist.write', { organisation, project: id, environment: null }),
  )
  const [one] = mine
  if (one !== undefined && mine.length === 1) return one.id
  throw new RouteRefusal(
    'unknown-project',
    `This service belongs to no project yet. Say which it is to belong to, for example: --project ${one?.id ?? 'shop'}`,
  )
}

function placeOfNew(state: AccessState, id: string, environment: string): Place & { readonly project: string } {
  const project = state.projects.get(id)
  if (project === undefined) throw new RouteRefusal('unknown-project', `There is no project "${id}".`)
  return { organisation: project.organisation, project: id, environment }
}

/** Whether these very bytes are registered in the project, under whatever name. */
function isRegistered(state: AccessState, project: string, document: Bytes): boolean {
  const registered = [...state.checklists.values()].filter((each) => each.project === project)
  return isOneOf(registered, document)
}
