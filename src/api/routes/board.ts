/** What the pages ask besides a release itself: all open ones at a glance, and the past of one in sentences. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { may, placeOf, rolesAt } from '../../core/access/may.ts'
import type { ReleaseSummary } from '../../core/ports/store.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { releaseStream } from '../../engine/lane.ts'
import type { ReleaseLog } from '../../report/record.ts'
import { timelineOf } from '../../report/timeline.ts'
import { type ReleaseView, viewOf } from '../../report/view.ts'
import { callerMay, everywhere, seesWholeServices, visibleServices } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { placeOfRelease } from '../auth/guard.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { targetsWithLine, targetViewOf } from '../target-views.ts'
import {
  type BoardLine,
  boardShape,
  type BoardWaiting,
  releasePersonShape,
  timelineShape,
} from '../wire/board-shapes.ts'
import { answers, releaseParam } from '../wire/described.ts'

const count = z.coerce.number().int().min(0)
/** So many releases are looked at in full; those beyond have the line of the list only. */
const MOST_LOOKED_AT = 300
/** A look says how long something still takes: it is not kept for longer. */
const LOOK_HOLDS_MS = 5_000

const board = route(needs('release.read', 'somewhere'), {
  method: 'get',
  path: '/v1/board',
  summary: 'Open releases with what each waits for, and whether it waits for the caller',
  request: { query: z.strictObject({ known: count.optional() }) },
  responses: answers('The board, or nothing new', boardShape),
})

const people = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}/people',
  summary:
    'Who may see this release, and the roles that they hold there: whom a note can mention, and a step be assigned to',
  request: { params: releaseParam },
  responses: answers('By id', z.array(releasePersonShape)),
})

const timeline = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}/timeline',
  summary: 'What happened, in sentences, with a version above `after`',
  request: { params: releaseParam, query: z.strictObject({ after: count.optional() }) },
  responses: answers('Oldest first', z.array(timelineShape)),
})

export function boardRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const looks = new Looks(deps)

  routes.openapi(board, async (context) => {
    const head = await deps.store.head()
    const at = deps.clock.now()
    if (head === context.req.valid('query').known)
      return reply(context, { head, at, lines: null, ended: null, inLine: null })
    const services = visibleServices(context.get('access'), context.get('caller'), 'release.read')
    const visible = services === null ? {} : { services }
    const open = await deps.store.summaries({ open: true, ...visible })
    const seen = open.filter((summary) => maySee(context, summary))
    const lines: BoardLine[] = []
    for (const summary of seen)
      lines.push(lineOf(context, summary, lines.length < MOST_LOOKED_AT ? await looks.at(summary) : null))
    const isWhole = seesWholeServices(context.get('access'), context.get('caller'), 'release.read')
    const ended = isWhole ? await deps.store.countSummaries({ open: false, ...visible }) : null
    return reply(context, { head, at, lines, ended, inLine: await linesInSight(deps, context) })
  })

  routes.openapi(people, (context) => {
    const access = context.get('access')
    const place = placeOfRelease(access, context.get('release'))
    const mayRead = ({ id }: { readonly id: string }) => may(access, { holder: id, scope: null }, 'release.read', place)
    return reply(
      context,
      [...access.people.values()]
        .filter(mayRead)
        .map(({ id, name }) => ({ id, name, roles: rolesAt(access, id, place) }))
        .toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    )
  })

  routes.openapi(timeline, async (context) => {
    const { id } = context.get('release')
    const after = context.req.valid('query').after ?? 0
    const events = (await deps.store.read(releaseStream(id))) as ReleaseLog
    const stepOf = new Map(events.map(({ version, event }) => [version, 'step' in event ? event.step : null]))
    const lines = timelineOf(events).filter(({ version }) => version > after)
    return reply(
      context,
      lines.map((line) => ({ ...line, step: stepOf.get(line.version) ?? null })),
    )
  })
  return routes
}

async function linesInSight(deps: RouteDeps, context: Context<ApiEnv>): Promise<readonly BoardWaiting[]> {
  const found: BoardWaiting[] = []
  for (const known of await targetsWithLine(deps)) {
    const { service, environment } = known
    if (service === null || environment === null || !maySee(context, { service, environment })) continue
    const { name, line } = await targetViewOf(deps, known)
    found.push(...line.map(({ release, version, by, say }) => ({ release, version, by, say, target: name })))
  }
  return found
}

function maySee(
  context: Context<ApiEnv>,
  { service, environment }: Pick<ReleaseSummary, 'service' | 'environment'>,
): boolean {
  const state = context.get('access')
  const place = placeOf(state, service, environment) ?? { ...everywhere, environment }
  return callerMay(state, context.get('caller'), 'release.read', place)
}

function lineOf(context: Context<ApiEnv>, summary: ReleaseSummary, view: ReleaseView | null): BoardLine {
  const { closed, steps } = view === null ? { closed: 0, steps: 0 } : progressOf(view)
  return {
    ...summary,
    name: view?.facts.name ?? '',
    now: view?.bar ?? null,
    isYours: view !== null && waitsForCaller(context, view),
    closed,
    steps,
  }
}

/** By their own name, or by a role that they hold where the release goes. */
function waitsForCaller(context: Context<ApiEnv>, view: ReleaseView): boolean {
  const caller = context.get('caller')
  if (caller.kind === 'nobody' || caller.kind === 'machine') return false
  const id = caller.kind === 'local' ? caller.actor.id : caller.id
  const access = context.get('access')
  const place = placeOf(access, view.facts.service, view.facts.environment)
  const roles = caller.kind === 'local' || place === null ? [] : rolesAt(access, id, place)
  return view.waitsFor
    .filter(({ kind }) => kind !== 'time')
    .some(({ who }) => who?.split(', ').some((one) => one.replace(/^@/, '') === id || roles.includes(one)) ?? false)
}

function progressOf(view: ReleaseView): { readonly closed: number; readonly steps: number } {
  const steps = view.phases
    .filter(({ kind }) => kind === 'gate' || kind === 'rollout' || kind === 'watch')
    .flatMap((phase) => phase.steps)
    .filter(({ word }) => word !== 'group')
  const done = new Set(['passed', 'waived', 'not applicable'])
  return { closed: steps.filter(({ state }) => done.has(state)).length, steps: steps.length }
}

/** Views of open releases, made again only when something happened, or when they grow old. */
class Looks {
  readonly #deps: RouteDeps
  readonly #kept = new Map<string, { readonly version: number; readonly view: ReleaseView }>()

  constructor(deps: RouteDeps) {
    this.#deps = deps
  }

  async at({ id }: ReleaseSummary): Promise<ReleaseView | null> {
    const state: ReleaseState | null = await this.#deps.engine.state(id)
    if (state === null) return null
    const now = this.#deps.clock.now()
    const kept = this.#kept.get(id)
    if (kept !== undefined && kept.version === state.version && now - kept.view.at < LOOK_HOLDS_MS) return kept.view
    const view = viewOf(state, this.#deps.engine.live(id), now)
    this.#kept.delete(id)
    this.#kept.set(id, { version: state.version, view })
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_LOOKED_AT) break
      this.#kept.delete(oldest)
    }
    return view
  }
}
