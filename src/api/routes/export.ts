/** The record of a release as a file: the team's document with results, a report, JSON, and a bundle that proves itself. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../env.ts'
import { needs, route } from '../auth/declare.ts'
import { actorOf, placeOfRelease } from '../auth/guard.ts'
import { allFollowUps, type FollowUp } from '../../core/ports/follow-up.ts'
import { fold } from '../../core/release/evolve.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { assert } from '../../core/units.ts'
import { releaseStream } from '../../engine/lane.ts'
import { documentWithResults } from '../../import/results.ts'
import { gatherBundle } from '../../report/gather.ts'
import { recordOf, type ReleaseLog } from '../../report/record.ts'
import { reportJson } from '../../report/json.ts'
import { reportHtml } from '../../report/html/report-html.ts'
import type { Chart } from '../../report/chart/chart.ts'
import { reportMarkdown } from '../../report/markdown.ts'
import { closingOf, resultsOf } from '../../report/results.ts'
import { Charts } from '../charts.ts'
import type { RouteDeps } from '../deps.ts'
import { download } from '../download.ts'
import { keepFollowUpsOfLog } from '../follow-ups/from-log.ts'
import { router } from '../router.ts'
import { releaseParam } from '../wire/described.ts'

const exportRoute = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}/export',
  summary: 'The record of a release as a file',
  request: {
    params: releaseParam,
    query: z.strictObject({ format: z.enum(['bundle', 'md', 'report', 'html', 'json']) }),
  },
  responses: {
    200: {
      description: 'The file',
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
})

export function exportRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(exportRoute, async (context) => {
    const release = context.get('release')
    const { format } = context.req.valid('query')
    const { type, body, ending } = await fileOf(deps, release.id, format)
    if (context.get('caller').kind !== 'local')
      await deps.audit.tell(
        { kind: 'RecordExported', release: release.id, format },
        actorOf(context, placeOfRelease(context.get('access'), release)),
      )
    return download(context, body, { type, name: `${release.id}.${ending}` }) as never
  })
  return routes
}

interface File {
  readonly type: string
  readonly body: string | Uint8Array<ArrayBuffer>
  /** Of its name. */
  readonly ending: string
}

async function fileOf(
  deps: RouteDeps,
  id: string,
  format: 'bundle' | 'md' | 'report' | 'html' | 'json',
): Promise<File> {
  const now = deps.clock.now()
  if (format === 'bundle') {
    const bundle = await gatherBundle(deps.store, releaseStream(id), { signer: deps.signer(), now })
    assert(bundle !== null, `${id} has a state but no events`)
    return { type: 'application/x-tar', body: new Uint8Array(bundle), ending: 'tar' }
  }
  const events = (await deps.store.read(releaseStream(id))) as ReleaseLog
  // Folded from the very events that are shown, so that both are of one moment.
  const state = fold(events)
  assert(state !== null, `${id} has a state but no events`)
  const { name, service } = state.plan
  // Of releases of the same service in the same place: whoever reads this record may read theirs.
  const debt = await deps.debts.of(
    { service, name, before: { id, startedAt: state.startedAt } },
    ({ environment }) => environment === state.environment,
  )
  const markdown = 'text/markdown; charset=utf-8'
  const followUps = format === 'md' ? [] : await followUpsOf(deps, id)
  const told = { now, debt, followUps }
  if (format === 'json') return { type: 'application/json', body: reportJson(state, events, told), ending: 'json' }
  if (format === 'html') {
    const body = reportHtml(state, events, { ...told, charts: await chartsOf(deps, state) })
    return { type: 'text/html; charset=utf-8', body, ending: 'report.html' }
  }
  if (format === 'report') return { type: markdown, body: reportMarkdown(state, events, told), ending: 'report.md' }
  const record = recordOf(state, events, { now })
  const document = documentWithResults(state.plan.document, resultsOf(record), closingOf(record))
  return { type: markdown, body: document, ending: 'md' }
}

/** As they stand now: what a way back or an incident leaves behind is not in the log. */
async function followUpsOf(deps: RouteDeps, id: string): Promise<readonly FollowUp[]> {
  await keepFollowUpsOfLog(deps.store)
  return (await allFollowUps(deps.store)).filter(({ release }) => release === id)
}

/** The numbers, which the log does not hold. */
async function chartsOf(deps: RouteDeps, { id, plan }: ReleaseState): Promise<readonly Chart[]> {
  const charts = new Charts(deps.store)
  const steps = plan.steps.filter(({ block }) => block.word === 'rollout' || block.word === 'watch')
  const drawn = await Promise.all(steps.map((step) => charts.of(id, step.id, null)))
  return drawn.filter((chart) => chart !== null)
}
