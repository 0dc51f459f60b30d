/** The engine's HTTP surface: the same over the local socket and, later, over TCP. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiDeps } from './deps.ts'
import { cappedBody, EVIDENCE_CAP, JSON_CAP, plainJson, toldFault } from './guards.ts'
import { router } from './router.ts'
import { commandRoutes } from './routes/commands.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { exportRoutes } from './routes/export.ts'
import { processRoutes } from './routes/process.ts'
import { recordRoutes } from './routes/records.ts'
import { releaseRoutes } from './routes/releases.ts'
import { streamRoutes } from './routes/stream.ts'
import { problem } from './wire/problem.ts'

const EVIDENCE = '/v1/evidence'

export function createApi(deps: ApiDeps, log: (line: string) => void = () => {}): OpenAPIHono {
  const app = router()
  const capped = { json: cappedBody(JSON_CAP), evidence: cappedBody(EVIDENCE_CAP) }
  app.use('*', (context, next) =>
    context.req.path === EVIDENCE ? capped.evidence(context, next) : capped.json(context, next),
  )
  app.use('*', (context, next) => (context.req.path === EVIDENCE ? next() : plainJson(context, next)))
  app.onError((cause, context) => toldFault(cause, context, log))
  app.notFound((context) =>
    problem(
      context,
      'no-such-route',
      `Nothing answers ${context.req.method} ${context.req.path}; /openapi.json lists what does.`,
    ),
  )
  const groups = [processRoutes, releaseRoutes, streamRoutes, commandRoutes, exportRoutes, evidenceRoutes, recordRoutes]
  for (const routes of groups) app.route('/', routes(deps))
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Holdpoint', version: deps.about.version, description: 'The engine that runs release checklists.' },
  })
  return app
}
