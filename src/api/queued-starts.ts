/** What is kept of a start that stands in line, and the same start made anew, with today's rights, when its turn has come. */
import type { Plan } from '../core/plan/plan.ts'
import type { Actor } from '../core/release/events.ts'
import type { Refusal } from '../core/release/commands.ts'
import type { QueuedStart } from '../core/target/target.ts'
import type { Instant, Json } from '../core/units.ts'
import type { EngineOptions } from '../engine/options.ts'
import type { StartRequest } from '../engine/service.ts'
import { placeToStartOf } from './admit-start.ts'
import { actorAt, type Caller } from './auth/caller.ts'
import type { Directory } from './auth/directory.ts'
import type { DocumentBody, StartBody } from './client-types.ts'
import { planToStart } from './compile-again.ts'
import type { ApiDeps } from './deps.ts'
import { refuseOtherChecklist } from './mandatory-checklist.ts'
import { RouteRefusal } from './wire/problem.ts'

/** No value of an environment variable is in it, and nothing that proves who asked. */
interface KeptStart {
  readonly body: Omit<StartBody, 'env' | 'idempotencyKey' | 'queue'>
  /** null = the owner of the local socket. */
  readonly holder: { readonly id: string; readonly isMachine: boolean; readonly token: string | null } | null
}

export function keptStart(body: KeptStart['body'], caller: Exclude<Caller, { kind: 'nobody' }>): Json {
  const holder =
    caller.kind === 'local'
      ? null
      : { id: caller.id, isMachine: caller.kind === 'machine', token: caller.token?.id ?? null }
  return JSON.parse(JSON.stringify({ body, holder } satisfies KeptStart)) as Json
}

export interface AdmittingDeps extends Pick<ApiDeps, 'compile'> {
  readonly about: Pick<ApiDeps['about'], 'pid' | 'version'>
  readonly directory: Pick<Directory, 'refresh'>
  readonly now: () => Instant
}

/** A no is a refusal: who asked may not any more, or the checklist compiles to something else than they saw. */
export function admitting(deps: AdmittingDeps): NonNullable<EngineOptions['admit']> {
  return async (start, kept) => {
    try {
      return await admit(deps, start, kept as unknown as KeptStart)
    } catch (cause) {
      if (cause instanceof RouteRefusal) return refusalOf(cause)
      throw cause
    }
  }
}

function refusalOf({ code, message }: RouteRefusal): Refusal {
  return { kind: 'refused', code: code as Refusal['code'], reason: message }
}

async function admit(deps: AdmittingDeps, start: QueuedStart, { body, holder }: KeptStart) {
  const plan = planToStart(deps, body.document as DocumentBody, body.drill)
  const { actor, project } = holder === null ? localStart(start, body) : await placed(deps, body, plan, holder)
  if (project !== undefined) refuseOtherChecklist(await deps.directory.refresh(), project, { ...body, plan })
  const { document: _, project: _wanted, drill: _drill, ...rest } = body
  const request: StartRequest = {
    ...rest,
    plan,
    idempotencyKey: null,
    ...(project === undefined ? {} : { project }),
  }
  return { kind: 'admitted', request, actor } as const
}

interface Placed {
  readonly actor: Actor
  readonly project: string | undefined
}

function localStart({ by }: QueuedStart, { project }: KeptStart['body']): Placed {
  return { actor: by, project: project ?? undefined }
}

async function placed(
  { directory, now }: AdmittingDeps,
  { document, environment, project = null }: KeptStart['body'],
  plan: Plan,
  holder: NonNullable<KeptStart['holder']>,
): Promise<Placed> {
  const access = await directory.refresh()
  const known = holder.token === null ? null : access.tokens.get(holder.token)
  if (holder.token !== null && (known == null || known.isRevoked || known.expires <= now()))
    throw new RouteRefusal('forbidden', `The token of ${holder.id} that asked for this start is not valid any more.`)
  const token = known == null ? null : { id: known.id, scope: known.scope }
  const caller: Caller =
    holder.isMachine && token !== null
      ? { kind: 'machine', id: holder.id, token }
      : { kind: 'person', id: holder.id, session: null, token }
  const place = placeToStartOf(access, caller, { plan, document, environment, project })
  return { actor: actorAt(access, caller, place), project: place.project }
}
