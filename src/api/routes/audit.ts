/** The audit: who came in and was turned away, who changed which rights, what happened in releases; searched, taken out, verified. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { csvLine } from '../../core/spreadsheet.ts'
import { everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { actorOf } from '../auth/guard.ts'
import { allBack, type AuditQuery, type AuditSources, searchBack } from '../audit/search.ts'
import { LogVerifier } from '../audit/verify.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { answers, eventShape, jsonBody } from '../wire/described.ts'
import { instant, shortText } from '../wire/shapes.ts'

const STORED_PAGE = 1_000
const MOST_ON_PAGE = 500
/** A spreadsheet takes a million lines; a file for one is shorter. */
const FLUSH_CHARS = 64_000

const streamName = z.enum(['audit', 'access', 'releases']).default('audit')
const queryShape = {
  stream: streamName,
  by: shortText.optional().openapi({ description: 'Part of the name of who did it, or to whom' }),
  what: shortText.optional().openapi({ description: 'Part of the kind, or of the sentence' }),
  place: shortText.optional().openapi({ description: 'Part of a place such as acme/shop, or of the id of a release' }),
  from: z.coerce.number().int().optional().openapi({ description: 'Milliseconds since 1970' }),
  to: z.coerce.number().int().optional().openapi({ description: 'Milliseconds since 1970; before this instant' }),
}
const entryShape = z
  .looseObject({
    stream: z.string(),
    version: z.number(),
    position: z.number(),
    at: instant,
    by: z.looseObject({ id: z.string(), kind: z.string(), assurance: z.string() }),
    kind: z.string(),
    say: z.string(),
    places: z.array(z.string()),
    about: z.string().nullable(),
    release: z.string().nullable(),
    hash: z.string(),
  })
  .openapi('AuditEntry')
const verdictShape = z
  .looseObject({
    ok: z.boolean(),
    events: z.number(),
    streams: z.number(),
    faults: z.array(z.looseObject({ stream: z.string().nullable(), position: z.number(), say: z.string() })),
    faultCount: z.number(),
    say: z.array(z.string()),
  })
  .openapi('LogVerdict')

const stored = route(needs('audit.read', 'server'), {
  method: 'get',
  path: '/v1/audit',
  summary: 'Sign-ins, refusals, changes of rights and exports, oldest first',
  request: {
    query: z.strictObject({
      stream: z.enum(['audit', 'access']).default('audit'),
      after: z.coerce.number().int().min(0).default(0),
    }),
  },
  responses: answers('Stored events', z.array(eventShape)),
})
const search = route(needs('audit.read', 'server'), {
  method: 'get',
  path: '/v1/audit/entries',
  summary: 'Entries in sentences, newest first; each answer looks back a bounded stretch, and says how far',
  request: {
    query: z.strictObject({
      ...queryShape,
      before: z.coerce.number().int().min(1).optional().openapi({ description: 'The `next` of the page before' }),
      limit: z.coerce.number().int().min(1).max(MOST_ON_PAGE).default(100),
    }),
  },
  responses: answers(
    'A page; `next` null = there is nothing before',
    z.object({ entries: z.array(entryShape), next: z.number().nullable(), lookedTo: instant.nullable() }),
  ),
})
const take = route(needs('audit.read', 'server'), {
  method: 'get',
  path: '/v1/audit/export',
  summary: 'The same, all of it, as a file: JSON lines with the hashes of the chain, or CSV for a spreadsheet',
  request: { query: z.strictObject({ ...queryShape, format: z.enum(['jsonl', 'csv']) }) },
  responses: {
    200: {
      description: 'The file',
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
})
const verify = route(needs('audit.read', 'server'), {
  method: 'post',
  path: '/v1/audit/verify',
  summary: 'Hash the whole log again, and say in words what fits and where it does not',
  request: { body: jsonBody(z.strictObject({})) },
  responses: answers('What it showed', verdictShape),
})

export function auditRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const verifier = new LogVerifier(deps.store)
  const sources: AuditSources = { store: deps.store, releaseOf: (id) => deps.engine.state(id) }

  routes.openapi(stored, async (context) => {
    const { stream, after } = context.req.valid('query')
    return reply(context, (await deps.store.read(stream, after)).slice(0, STORED_PAGE))
  })
  routes.openapi(search, async (context) => {
    const { before = null, limit, ...query } = context.req.valid('query')
    return reply(context, await searchBack(sources, context.get('access'), query, before, limit))
  })
  routes.openapi(take, async (context) => {
    const { format, ...query } = context.req.valid('query')
    await deps.audit.tell({ kind: 'AuditExported', stream: query.stream, format }, actorOf(context, everywhere))
    const lines = linesOf(sources, context, query, format)
    const name = `holdpoint-${query.stream}-${new Date(deps.clock.now()).toISOString().slice(0, 10)}.${format}`
    return context.body(streamOf(lines), 200, {
      'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      'content-disposition': `attachment; filename="${name}"`,
    }) as never
  })
  routes.openapi(verify, async (context) => {
    const verdict = await verifier.verify()
    const { events, streams, faultCount: faults } = verdict
    await deps.audit.tell({ kind: 'LogVerified', events, streams, faults }, actorOf(context, everywhere))
    return reply(context, verdict)
  })
  return routes
}

async function* linesOf(
  sources: AuditSources,
  context: Context<ApiEnv>,
  query: AuditQuery,
  format: 'jsonl' | 'csv',
): AsyncGenerator<string> {
  // With its mark spreadsheets read the file as UTF-8.
  if (format === 'csv')
    yield `\ufeff${csvLine(['time (UTC)', 'by', 'known as', 'what', 'in words', 'where', 'release', 'stream', 'number', 'hash'])}`
  for await (const { entry, event } of allBack(sources, context.get('access'), query)) {
    const { at, by, kind, say, places, release, stream, version, hash } = entry
    yield format === 'jsonl'
      ? `${JSON.stringify({ ...event, say, places })}\n`
      : csvLine([
          new Date(at).toISOString(),
          by.id,
          `${by.kind}, ${by.assurance}`,
          kind,
          say,
          places.join(' '),
          release ?? '',
          stream,
          String(version),
          hash,
        ])
  }
}

/** In pieces of some size; who stops reading stops the search. */
function streamOf(lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      let text = ''
      while (text.length < FLUSH_CHARS) {
        const { value, done } = await lines.next()
        if (done === true) {
          if (text !== '') controller.enqueue(encoder.encode(text))
          controller.close()
          return
        }
        text += value
      }
      controller.enqueue(encoder.encode(text))
    },
    async cancel() {
      await lines.return(undefined)
    },
  })
}
