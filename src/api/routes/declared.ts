/** What a project's checklists declare: the places they ask and tell, and when they may begin. Read only: checklists say it. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { RegisteredChecklist } from '../../core/access/access.ts'
import { bytesKey } from '../../core/access/checklist-bytes.ts'
import { type Declared, declaredIn } from '../declared.ts'
import { keptDocument } from '../kept-document.ts'
import { needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { accessName } from '../wire/access-shapes.ts'
import { answers } from '../wire/described.ts'

/** A project has few; each is compiled once for each of its bytes. */
const MOST_LOOKED_AT = 100
const place = z.object({ name: z.string(), kind: z.string(), where: z.string().nullable() })
const declarationShape = z
  .object({
    by: z.string().openapi({ description: 'Name of the checklist, or id of the newest release of a service' }),
    kind: z.enum(['checklist', 'release']),
    sources: z.array(place),
    channels: z.array(place),
    windows: z.array(
      z.object({
        name: z.string(),
        zone: z.string(),
        allow: z.array(z.string()),
        deny: z.array(z.string()),
        terms: z.array(z.string()),
      }),
    ),
  })
  .openapi('Declarations')

const list = route(needs('checklist.read', 'project'), {
  method: 'get',
  path: '/v1/projects/{project}/declarations',
  summary:
    'Metric sources, channels and windows that registered checklists and the newest releases of a project declare',
  request: { params: z.object({ project: accessName }) },
  responses: answers('One for each checklist and for each service', z.array(declarationShape)),
})

export function declaredRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const compiled = new Compiled(deps)
  routes.openapi(list, async (context) => {
    const { project } = context.req.valid('param')
    const access = context.get('access')
    const registered = [...access.checklists.values()].filter((each) => each.project === project)
    const found: z.infer<typeof declarationShape>[] = []
    for (const checklist of registered.slice(0, MOST_LOOKED_AT)) {
      const declared = await compiled.of(checklist)
      if (declared !== null) found.push(onWire(checklist.name, 'checklist', declared))
    }
    for (const service of (access.projects.get(project)?.services ?? []).slice(0, MOST_LOOKED_AT)) {
      const [newest] = await deps.store.summaries({ service, limit: 1 })
      const state = newest === undefined ? null : await deps.engine.state(newest.id)
      if (state !== null) found.push(onWire(state.id, 'release', declaredIn(state.plan)))
    }
    return reply(context, found)
  })
  return routes
}

function onWire(by: string, kind: 'checklist' | 'release', declared: Declared): z.infer<typeof declarationShape> {
  return JSON.parse(JSON.stringify({ by, kind, ...declared })) as z.infer<typeof declarationShape>
}

class Compiled {
  readonly #deps: RouteDeps
  readonly #kept = new Map<string, Declared>()

  constructor(deps: RouteDeps) {
    this.#deps = deps
  }

  /** null = its bytes are gone, or compile no more here. */
  async of(checklist: RegisteredChecklist): Promise<Declared | null> {
    const key = bytesKey(checklist)
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept
    const document = await keptDocument(this.#deps.store, checklist)
    if (document === null) return null
    const { plan } = this.#deps.compile(document)
    if (plan === null) return null
    const declared = declaredIn(plan)
    this.#kept.set(key, declared)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= 2 * MOST_LOOKED_AT) break
      this.#kept.delete(oldest)
    }
    return declared
  }
}
