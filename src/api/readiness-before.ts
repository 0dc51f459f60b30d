/** What a start would wait for, as far as the caller may see it: records, the window, incidents, follow-ups. */
import type { Context } from 'hono'
import type { AccessState, Place } from '../core/access/access.ts'
import type { Plan } from '../core/plan/plan.ts'
import { needsOf } from '../core/plan/record-needs.ts'
import { allFollowUps } from '../core/ports/follow-up.ts'
import { openIncidents } from '../core/release/consequences-incidents.ts'
import { isPractice } from '../core/release/standing.ts'
import type { ReadinessLine } from '../report/readiness.ts'
import { type BeforeStart, startReadiness } from '../report/start-readiness.ts'
import type { RouteDeps } from './deps.ts'
import type { ApiEnv } from './env.ts'
import { keepFollowUpsOfLog } from './follow-ups/from-log.ts'
import { mayReadRecord } from './record-rights.ts'
import { signersFor } from './signers.ts'

/** Of releases under way of one service so many are asked for incidents. */
const MOST_OPEN = 50

interface Of {
  readonly plan: Plan
  readonly project: string | null
}

/** `maySee` says whether the caller may see the service in an environment; `startable` = where they could start it. */
export async function readinessBefore(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  { plan, project }: Of,
  maySee: (environment: string) => boolean,
  startable: readonly string[],
): Promise<readonly ReadinessLine[]> {
  const { store, clock } = deps
  const state = context.get('access')
  const names = new Set(needsOf(plan).map(({ name }) => name))
  const records = (await Promise.all([...names].map((name) => store.records(name)))).flat()
  const mayRead = mayReadRecord(context, project === null ? {} : { project })
  await keepFollowUpsOfLog(store)
  return startReadiness(plan, {
    now: clock.now(),
    signers: startable.map((environment) => ({
      environment,
      signers: signersFor(state, context.get('caller'), plan, placeOfNew(state, project, environment)),
    })),
    records: mayRead ? records.filter((each) => (each.project ?? null) === project) : null,
    followUps: (await allFollowUps(store)).filter(
      ({ service, environment }) => service === plan.service && maySee(environment ?? ''),
    ),
    incidents: await incidentsOf(deps, plan.service, maySee),
  })
}

function placeOfNew(state: AccessState, project: string | null, environment: string): Place | null {
  const known = state.projects.get(project ?? '')
  return known === undefined ? null : { organisation: known.organisation, project: known.id, environment }
}

async function incidentsOf(
  { store, engine }: Pick<RouteDeps, 'store' | 'engine'>,
  service: string,
  maySee: (environment: string) => boolean,
): Promise<BeforeStart['incidents']> {
  const open = await store.summaries({ service, open: true, limit: MOST_OPEN })
  const states = await Promise.all(
    open.filter(({ environment }) => maySee(environment)).map(({ id }) => engine.state(id)),
  )
  return states.flatMap((state) =>
    state === null || isPractice(state)
      ? []
      : openIncidents(state).map(({ severity, reason }) => ({ version: state.releaseVersion, severity, reason })),
  )
}
