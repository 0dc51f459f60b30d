/** What keeps records true: who asks for them and how fresh, and which releases were rehearsals or went back, with their times. */
import { setImmediate } from 'node:timers/promises'
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { placeOf } from '../../core/access/may.ts'
import { recordAgeWords } from '../../core/plan/record-age.ts'
import { needsOf, type RecordNeed } from '../../core/plan/record-needs.ts'
import { fitOf } from '../../core/records/fit.ts'
import type { ReleaseSummary } from '../../core/ports/store.ts'
import { callerMay, everywhere, visibleServices } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { answers } from '../wire/described.ts'
import { type Drill, drillShape, neededShape, type NeededRecord } from '../wire/record-shapes.ts'

/** So many of the newest releases are looked at. */
const MOST_RELEASES = 300
const MOST_OPEN = 100

const needed = route(needs('record.read', 'somewhere'), {
  method: 'get',
  path: '/v1/records/needed',
  summary: 'Which records registered checklists and open releases ask for, and how old each may be',
  responses: answers('What is asked for', z.array(neededShape)),
})
const drills = route(needs('release.read', 'somewhere'), {
  method: 'get',
  path: '/v1/drills',
  summary: 'Drills, rehearsals, and releases that were taken back with how long that took, among the newest 300',
  responses: answers('Newest first', z.array(drillShape)),
})

export function drillRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(needed, async (context) => {
    const asked = [...(await ofChecklists(deps, context)), ...(await ofReleases(deps, context))]
    return reply(context, await standing(deps, asked))
  })
  routes.openapi(drills, async (context) => {
    const seen = await visible(deps, context, { limit: MOST_RELEASES })
    const found: Drill[] = []
    for (const summary of seen) {
      // One after another, with a breath between: releases that are moving come first.
      const origin = await deps.origins.of(summary)
      if (origin !== null && (origin.rehearsal || origin.drill !== null || origin.back !== null))
        found.push({ ...summary, rehearsal: origin.rehearsal, drill: origin.drill, back: origin.back })
      await setImmediate()
    }
    return reply(context, found)
  })
  return routes
}

type Asked = RecordNeed & Pick<NeededRecord, 'by'>

/** Each beside how it stands now. Records of one name are read once. */
async function standing({ store, clock }: RouteDeps, asked: readonly Asked[]): Promise<readonly NeededRecord[]> {
  const now = clock.now()
  const names = [...new Set(asked.map(({ name }) => name))]
  const kept = new Map(await Promise.all(names.map(async (name) => [name, await store.records(name)] as const)))
  return asked.map((one) => {
    // Another project's restore test proves nothing here.
    const records = (kept.get(one.name) ?? []).filter(({ project }) => (project ?? null) === one.by.project)
    const { until, say } = fitOf(records, one, now)
    return { ...one, age: recordAgeWords(one), until, say }
  })
}

async function ofChecklists(deps: RouteDeps, context: Context<ApiEnv>): Promise<readonly Asked[]> {
  const state = context.get('access')
  const mine = [...state.checklists.values()].filter(({ project }) => {
    const organisation = state.projects.get(project)?.organisation ?? null
    return callerMay(state, context.get('caller'), 'record.read', { organisation, project, environment: null })
  })
  const found = await Promise.all(
    mine.map(async (checklist) => {
      // A document that is looked at no more asks for nothing here: its own page says why.
      const survey = await deps.surveys.of(checklist).catch(() => null)
      const { project, service } = checklist
      const by = { kind: 'checklist', id: `${project}/${checklist.name}`, service, project } as const
      return (survey?.needs ?? []).map((need) => ({ ...need, by }))
    }),
  )
  return found.flat()
}

async function ofReleases(deps: RouteDeps, context: Context<ApiEnv>): Promise<readonly Asked[]> {
  const open = await visible(deps, context, { open: true, limit: MOST_OPEN })
  const found = await Promise.all(
    open.map(async ({ id, service }) => {
      const state = await deps.engine.state(id)
      if (state === null) return []
      return needsOf(state.plan).map((need) => ({
        ...need,
        by: { kind: 'release', id, service, project: state.project } as const,
      }))
    }),
  )
  return found.flat()
}

async function visible(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  filter: { readonly open?: boolean; readonly limit: number },
): Promise<readonly ReleaseSummary[]> {
  const state = context.get('access')
  const services = visibleServices(state, context.get('caller'), 'release.read')
  const all = await deps.store.summaries({ ...filter, ...(services === null ? {} : { services }) })
  return all.filter(({ service, environment }) => {
    const place = placeOf(state, service, environment) ?? { ...everywhere, environment }
    return callerMay(state, context.get('caller'), 'release.read', place)
  })
}
