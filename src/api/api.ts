/** The engine's HTTP surface: the same over the local socket and, later, over TCP. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Caller } from './auth/caller.ts'
import { createAccounts } from './auth/accounts.ts'
import { createAudit } from './auth/audit.ts'
import { DEMAND } from './auth/declare.ts'
import { ChecklistHistory } from './checklist-history.ts'
import { Surveys } from './checklist-surveys.ts'
import { securityHeaders } from './auth/headers.ts'
import { OPENID_LOGOUT } from './auth/openid-logout.ts'
import { Directory } from './auth/directory.ts'
import { identify } from './auth/identify.ts'
import type { ApiDeps, RouteDeps } from './deps.ts'
import { type ApiEnv, doorOf } from './env.ts'
import { idempotency } from './idempotency.ts'
import {
  cappedBody,
  EVIDENCE_CAP,
  JSON_CAP,
  plainJson,
  RESULT_CAP,
  SLACK_CAP,
  STRANGER_CAP,
  toldFault,
} from './guards.ts'
import { describeApi } from './describe.ts'
import { observed } from './observe.ts'
import { Debts } from './debts.ts'
import { Origins } from './release-origins.ts'
import { packedAnswers } from './packed-answers.ts'
import { router } from './router.ts'
import { auditRoutes } from './routes/audit.ts'
import { boardRoutes } from './routes/board.ts'
import { chartRoutes } from './routes/charts.ts'
import { checklistAboutRoutes } from './routes/checklist-about.ts'
import { commandRoutes } from './routes/commands.ts'
import { drillRoutes } from './routes/drills.ts'
import { declaredRoutes } from './routes/declared.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { exportRoutes } from './routes/export.ts'
import { followUpRoutes } from './routes/follow-ups.ts'
import { gateRoutes } from './routes/gates.ts'
import { githubGateRoutes } from './routes/github-gates.ts'
import { importRoutes } from './routes/import.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { openIdRoutes } from './routes/openid.ts'
import { organisationRoutes } from './routes/organisations.ts'
import { passkeyRoutes } from './routes/passkeys.ts'
import { peopleRoutes } from './routes/people.ts'
import { planRoutes } from './routes/plans.ts'
import { processRoutes } from './routes/process.ts'
import { projectRoutes } from './routes/projects.ts'
import { readinessRoutes } from './routes/readiness.ts'
import { recordRoutes } from './routes/records.ts'
import { releaseRoutes } from './routes/releases.ts'
import { roleRoutes } from './routes/roles.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { reviewRoutes } from './routes/reviews.ts'
import { debtRoutes } from './routes/debt.ts'
import { delegationRoutes } from './routes/delegations.ts'
import { roleMappingRoutes } from './routes/role-mappings.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { resultRoutes } from './routes/results.ts'
import { targetRoutes } from './routes/targets.ts'
import { streamRoutes } from './routes/stream.ts'
import { terminalRoutes } from './routes/terminals.ts'
import { scheduleRoutes } from './routes/schedules.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { workRoutes } from './routes/work.ts'
import { SLACK_INTERACTIONS, slackRoutes } from './routes/slack.ts'
import { statusRoutes } from './routes/status.ts'
import { statusPages } from './status/status-pages.ts'
import { webFiles } from './web-files.ts'
import { problem, RouteRefusal } from './wire/problem.ts'

const EVIDENCE = '/v1/evidence'
/** Bytes, and the form that a standard asks for. */
const NOT_JSON: ReadonlySet<string> = new Set([EVIDENCE, OPENID_LOGOUT, SLACK_INTERACTIONS])
const RESULT = /^\/v1\/work\/[^/]+\/result$/

export function createApi(given: ApiDeps, log: (line: string) => void = () => {}): OpenAPIHono<ApiEnv> {
  const deps = withAccess(given, log)
  const app = router()
  app.use('*', observed(deps.requests))
  app.use('*', securityHeaders(deps.web.isSecure))
  if (deps.pages != null) app.use('*', webFiles(deps.pages))
  app.use('*', statusPages(deps))
  app.use('*', packedAnswers())
  app.use('*', identify(deps))
  const capped = {
    json: cappedBody(JSON_CAP),
    evidence: cappedBody(EVIDENCE_CAP),
    stranger: cappedBody(STRANGER_CAP),
    result: cappedBody(RESULT_CAP),
    slack: cappedBody(SLACK_CAP),
  }
  app.use('*', (context, next) => {
    // With the card that it was pressed on; its signature is looked at before anything else.
    if (context.req.path === SLACK_INTERACTIONS) return capped.slack(context, next)
    if (context.get('caller').kind === 'nobody') return capped.stranger(context, next)
    if (RESULT.test(context.req.path)) return capped.result(context, next)
    return context.req.path === EVIDENCE ? capped.evidence(context, next) : capped.json(context, next)
  })
  app.use('*', (context, next) => (NOT_JSON.has(context.req.path) ? next() : plainJson(context, next)))
  app.use('/v1/releases/*', idempotency(deps))
  app.use('/v1/records', idempotency(deps))
  app.onError((cause, context) => {
    tellOfRefusal(deps, cause, context)
    return toldFault(cause, context, log)
  })
  app.notFound((context) =>
    problem(
      context,
      'no-such-route',
      `Nothing answers ${context.req.method} ${context.req.path}; /openapi.json lists what does.`,
    ),
  )
  const groups = [
    processRoutes,
    signInRoutes,
    openIdRoutes,
    passkeyRoutes,
    peopleRoutes,
    roleRoutes,
    sessionRoutes,
    organisationRoutes,
    debtRoutes,
    delegationRoutes,
    statusRoutes,
    slackRoutes,
    roleMappingRoutes,
    declaredRoutes,
    terminalRoutes,
    auditRoutes,
    projectRoutes,
    checklistAboutRoutes,
    followUpRoutes,
    importRoutes,
    incidentRoutes,
    planRoutes,
    releaseRoutes,
    boardRoutes,
    targetRoutes,
    chartRoutes,
    streamRoutes,
    commandRoutes,
    reviewRoutes,
    exportRoutes,
    evidenceRoutes,
    readinessRoutes,
    recordRoutes,
    drillRoutes,
    scheduleRoutes,
    workRoutes,
    gateRoutes,
    githubGateRoutes,
    metricsRoutes,
    webhookRoutes,
    resultRoutes,
  ]
  for (const routes of groups) app.route('/', routes(deps))
  refuseUndeclared(app)
  describeApi(app, deps)
  return app
}

function withAccess(deps: ApiDeps, log: (line: string) => void): RouteDeps {
  return {
    ...deps,
    directory: new Directory(deps.store, deps.clock),
    accounts: createAccounts(deps.store, deps.clock),
    audit: createAudit(deps.store, deps.clock, log),
    checklists: new ChecklistHistory(deps.store),
    surveys: new Surveys(deps),
    origins: new Origins(deps),
    debts: new Debts(deps),
  }
}

/** A route that does not say who may use it would be open to everyone: no server starts with one. */
function refuseUndeclared(app: OpenAPIHono<ApiEnv>): void {
  for (const definition of app.openAPIRegistry.definitions)
    if (definition.type === 'route' && !(DEMAND in definition.route))
      throw new Error(`bug: ${definition.route.method} ${definition.route.path} does not say who may use it`)
}

const TOLD: ReadonlySet<string> = new Set([
  'forbidden',
  'wrong-host',
  'cross-site',
  'sign-in-required',
  'bad-signature',
])

/** Whoever is known and is turned away, and whoever comes the wrong way, is written down. */
function tellOfRefusal(deps: RouteDeps, cause: unknown, context: Context<ApiEnv>): void {
  if (!(cause instanceof RouteRefusal) || !TOLD.has(cause.code) || doorOf(context).kind === 'local') return
  const caller = context.get('caller') as Caller | undefined
  const by = caller === undefined || caller.kind === 'nobody' || caller.kind === 'local' ? 'nobody' : caller.id
  void deps.audit.tell(
    {
      kind: 'RequestRefused',
      code: cause.code,
      method: context.req.method,
      path: context.req.path.slice(0, 300),
      from: doorOf(context).from,
    },
    {
      id: by,
      kind: caller?.kind === 'machine' ? 'machine' : 'person',
      assurance: by === 'nobody' ? 'claimed' : 'proven',
    },
  )
}
