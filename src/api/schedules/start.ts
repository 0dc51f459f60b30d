/** Starts a checklist that comes again and again: for the server when its time has come, or for somebody who asks. */
import type { AccessState } from '../../core/access/access.ts'
import { wallTimeAt } from '../../core/calendar/wall-clock.ts'
import { drillEnvironment, drillPlan } from '../../core/plan/drill-plan.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { Actor } from '../../core/release/events.ts'
import type { Store } from '../../core/ports/store.ts'
import type { Instant } from '../../core/units.ts'
import type { EngineService } from '../../engine/service.ts'
import { placeToStartOf } from '../admit-start.ts'
import { refuseOtherChecklist } from '../mandatory-checklist.ts'
import type { Caller } from '../auth/caller.ts'
import { keptDocument } from '../kept-document.ts'
import { RouteRefusal } from '../wire/problem.ts'
import type { Registered } from './registered.ts'

export interface ScheduleStartDeps {
  readonly store: Pick<Store, 'getEvidence'>
  readonly engine: Pick<EngineService, 'start'>
  /** Folder under which commands run. */
  readonly workspace: string
}

export interface ScheduleStartAsked {
  /** Whose rights count: of a start by the server, whoever registered the checklist. */
  readonly caller: Exclude<Caller, { kind: 'nobody' }>
  readonly actor: Actor
  /** Same key, same release: nothing is started twice. */
  readonly key: string | null
  /** Its time; its day is the version. */
  readonly at: Instant
  /** null = where the schedule, the drill or the only environment says. */
  readonly environment: string | null
}

export type ScheduleStarted =
  | { readonly kind: 'started'; readonly release: string }
  | { readonly kind: 'refused'; readonly code: RouteRefusal['code']; readonly why: string }

/** Whoever registered it, as the directory knows them now: a checklist runs nothing that they could not start themselves. */
export function registrarOf({ checklist }: Registered): ScheduleStartAsked['caller'] {
  return { kind: 'person', id: checklist.registeredBy, session: null, token: null }
}

/** What stands against it is an answer in words; only what is broken rejects. */
export async function startScheduled(
  deps: ScheduleStartDeps,
  access: AccessState,
  one: Registered,
  asked: ScheduleStartAsked,
): Promise<ScheduleStarted> {
  try {
    return await start(deps, access, one, asked)
  } catch (cause) {
    if (!(cause instanceof RouteRefusal)) throw cause
    return { kind: 'refused', code: cause.code, why: cause.message }
  }
}

async function start(
  { store, engine, workspace }: ScheduleStartDeps,
  access: AccessState,
  one: Registered,
  { caller, actor, key, at, environment: wanted }: ScheduleStartAsked,
): Promise<ScheduleStarted> {
  const { checklist, project, schedule } = one
  const plan = planOf(one)
  const environment = environmentOf(plan, wanted ?? schedule.start?.environment ?? null)
  const kept = await keptDocument(store, checklist)
  if (kept === null) throw new RouteRefusal('unknown-checklist', `The bytes of ${one.id} are kept no more.`)
  const document = { ...kept, base64: Buffer.from(kept.bytes).toString('base64') }
  refuseOtherChecklist(access, project, { plan, document, environment })
  if (caller.kind !== 'local') placeToStartOf(access, caller, { plan, document, environment, project })
  const started = await engine.start(
    {
      plan,
      version: dayOf(schedule.zone, at),
      previous: null,
      environment,
      inputs: {},
      workspace: { root: workspace, commit: commitOf(one), dirty: false },
      artefact: null,
      supersede: false,
      rehearsal: false,
      idempotencyKey: key,
      project,
    },
    actor,
  )
  if (started.kind === 'refused') throw new RouteRefusal(started.code, started.reason)
  return { kind: 'started', release: started.release }
}

function planOf({ plan, schedule }: Registered): Plan {
  const drill = schedule.start?.drill ?? null
  if (drill === null) return plan
  const found = drillPlan(plan, drill)
  if (found.kind === 'refused') throw new RouteRefusal('unknown-drill', found.reason)
  return found.plan
}

function environmentOf(plan: Plan, given: string | null): string {
  const declared = Object.keys(plan.environments)
  const environment = given ?? drillEnvironment(plan) ?? (declared.length > 1 ? null : (declared[0] ?? 'production'))
  if (environment !== null) return environment
  throw new RouteRefusal(
    'wrong-target',
    `The checklist knows ${declared.join(', ')}, and its schedule does not say which: start: { environment: ${declared[0]} }`,
  )
}

function commitOf({ checklist: { source } }: Registered): string | null {
  return source.kind === 'git' ? source.commit : null
}

function dayOf(zone: string, at: Instant): string {
  return new Date(wallTimeAt(zone, at)).toISOString().slice(0, 10)
}
