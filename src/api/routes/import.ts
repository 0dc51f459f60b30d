/** A team's own document: what it holds, a copy with the blocks that people accepted, and what lint says. Nothing is kept, nothing runs. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { lintPage } from '../../config/lint-page.ts'
import type { Caller } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { askDocuments, dayOf } from '../ask-documents.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { copyBody, copyShape, lintBody, lintShape, previewBody, previewShape } from '../wire/import-shapes.ts'
import { RouteRefusal } from '../wire/problem.ts'

const MOST_AT_ONCE = 3

const preview = route(needs('checklist.read', 'somewhere'), {
  method: 'post',
  path: '/v1/import',
  summary: 'What a document holds and what could run of it; nothing is kept, nothing runs',
  request: { body: jsonBody(previewBody) },
  responses: answers('Its items, with what is proposed', previewShape),
})
const copy = route(needs('checklist.read', 'somewhere'), {
  method: 'post',
  path: '/v1/import/copy',
  summary: 'The document with the blocks that were accepted, and what it has more; nothing is kept',
  request: { body: jsonBody(copyBody) },
  responses: answers('The copy', copyShape),
})
const lint = route(needs('checklist.read', 'somewhere'), {
  method: 'post',
  path: '/v1/lint',
  summary: 'What may be wrong with a document, and the document mended where that needs no decision',
  request: { body: jsonBody(lintBody) },
  responses: answers('What was found', lintShape),
})

const page = route(needs('checklist.read', 'somewhere'), {
  method: 'get',
  path: '/v1/lint/{code}',
  summary: 'What the documentation says under the code of a finding',
  request: { params: z.object({ code: z.string().min(1).max(100) }) },
  responses: answers('Markdown', z.object({ code: z.string(), markdown: z.string() })),
})

export function importRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const today = () => dayOf(deps.clock.now())
  const shares = new CallerShares()
  routes.openapi(preview, async (context) => {
    const { base64, ...body } = context.req.valid('json')
    const job = { ...body, bytes: Buffer.from(base64, 'base64'), today: today() }
    const ask = () => askDocuments(deps, (documents) => documents.preview(job))
    return reply(context, await shares.take(context.get('caller'), ask))
  })
  routes.openapi(copy, async (context) => {
    const { base64, service, ...body } = context.req.valid('json')
    const extra = service === null ? [] : [`service: ${plainOrQuoted(service)}`]
    const job = { ...body, extra, bytes: Buffer.from(base64, 'base64'), today: today() }
    const ask = () => askDocuments(deps, (documents) => documents.copy(job))
    return reply(context, await shares.take(context.get('caller'), ask))
  })
  routes.openapi(lint, async (context) => {
    const { base64, ...body } = context.req.valid('json')
    const job = { ...body, bytes: Buffer.from(base64, 'base64'), today: today() }
    const ask = () => askDocuments(deps, (documents) => documents.lint(job))
    return reply(context, await shares.take(context.get('caller'), ask))
  })
  routes.openapi(page, (context) => {
    const { code } = context.req.valid('param')
    const markdown = lintPage(code)
    if (markdown === null) throw new RouteRefusal('no-such-route', `The documentation says nothing under "${code}".`)
    return reply(context, { code, markdown })
  })
  return routes
}

/** Everybody gets their turn: one caller has only so many documents looked at at once. */
class CallerShares {
  readonly #taken = new Map<string, number>()

  async take<A>(caller: Caller, ask: () => Promise<A>): Promise<A> {
    const id = caller.kind === 'person' || caller.kind === 'machine' ? caller.id : caller.kind
    const taken = this.#taken.get(id) ?? 0
    if (taken >= MOST_AT_ONCE)
      throw new RouteRefusal('rate-limited', `${taken} documents of yours are being looked at. Try again in a moment.`)
    this.#taken.set(id, taken + 1)
    try {
      return await ask()
    } finally {
      const left = (this.#taken.get(id) ?? 1) - 1
      if (left > 0) this.#taken.set(id, left)
      else this.#taken.delete(id)
    }
  }
}

/** As a person would write it; whatever else it is stays one value on one line. */
function plainOrQuoted(word: string): string {
  const isPlain = /^[a-z][a-z0-9-]*$/.test(word) && !/^(true|false|null|yes|no|on|off)$/.test(word)
  return isPlain ? word : JSON.stringify(word)
}
