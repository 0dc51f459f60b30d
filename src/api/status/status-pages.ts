/** Answers `/status/{organisation}` for anybody, where an administrator has switched it on: rarely made, and cacheable. */
import { createHash } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import type { Context } from 'hono'
import type { Instant, Millis } from '../../core/units.ts'
import { Rates } from '../auth/rate.ts'
import type { RouteDeps } from '../deps.ts'
import { type ApiEnv, doorOf } from '../env.ts'
import type { ReleaseSummary } from '../../core/ports/store.ts'
import { publicEntriesOf } from '../../core/release/public-entries.ts'
import { isPractice } from '../../core/release/standing.ts'
import { publicStatus, type ReleaseNotices, type StatusSources } from './public-view.ts'
import { noStatusHtml, statusHtml, statusStyle, STYLE_PATH } from './status-html.ts'

const PATH = /^\/status\/([^/]{1,240})$/
const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
/** However many ask, the store is read once in this time for each organisation. */
const MADE_EVERY_MS: Millis = 5_000
const CACHED_S = 15
const MOST_KNOWN = 5_000
/** Of one address. */
const strangersMay = { burst: 60, everyMs: 250 }

interface Made {
  readonly at: Instant
  /** null = there is none. */
  readonly html: Promise<string | null>
}

/** Before anybody is asked who they are: a session changes nothing about what is shown here. */
export function statusPages(deps: RouteDeps) {
  const rates = new Rates(strangersMay)
  const pages = new Map<string, Made>()
  const sources = { store: deps.store, noticesOf: notices(deps) }
  return createMiddleware<ApiEnv>(async (context, next) => {
    const { path, method } = context.req
    const door = doorOf(context)
    if ((method !== 'GET' && method !== 'HEAD') || door.kind === 'local' || !path.startsWith('/status/')) return next()
    if (path === STYLE_PATH) return sent(context, statusStyle, 'text/css; charset=utf-8', 3_600)
    const organisation = decoded(PATH.exec(path)?.[1])
    if (organisation === null) return next()
    const waitMs = rates.take(door.from, deps.clock.now())
    if (waitMs > 0)
      return context.body('Too many requests.\n', 429, { 'retry-after': String(Math.ceil(waitMs / 1_000)) })
    const html = await pageOf(deps, sources, pages, organisation)
    if (html === null) return context.body(noStatusHtml(), 404, headersOf('text/html; charset=utf-8'))
    return sent(context, html, 'text/html; charset=utf-8', CACHED_S)
  })
}

/** What an ended release brings never changes. */
function notices(deps: RouteDeps): (release: ReleaseSummary) => Promise<ReleaseNotices> {
  const known = new Map<string, ReleaseNotices>()
  return async ({ id, open }) => {
    const kept = known.get(id)
    if (kept !== undefined) return kept
    const state = await deps.engine.state(id)
    const made = {
      isRehearsal: state !== null && isPractice(state),
      entries: state ? publicEntriesOf(state) : [],
      plannedAt: state === null || state.firstTrafficAt !== null ? null : state.time.plannedAt,
    }
    if (open) return made
    known.set(id, made)
    for (const oldest of known.keys()) {
      if (known.size <= MOST_KNOWN) break
      known.delete(oldest)
    }
    return made
  }
}

/** Only pages that are on are kept: names that strangers make up take no memory. */
async function pageOf(
  deps: RouteDeps,
  sources: StatusSources,
  pages: Map<string, Made>,
  organisation: string,
): Promise<string | null> {
  const access = await deps.directory.current()
  if (!access.statusPages.has(organisation)) {
    pages.delete(organisation)
    return null
  }
  const now = deps.clock.now()
  const kept = pages.get(organisation)
  if (kept !== undefined && now - kept.at < MADE_EVERY_MS) return kept.html
  const html = publicStatus(sources, access, organisation, now).then((status) => status && statusHtml(status))
  pages.set(organisation, { at: now, html })
  // What failed is not kept.
  html.catch(() => pages.delete(organisation))
  return html
}

function sent(context: Context<ApiEnv>, body: string, type: string, seconds: number): Response {
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  const headers = { ...headersOf(type), 'cache-control': `public, max-age=${seconds}`, etag: tag }
  if (context.req.header('if-none-match') === tag) return context.body(null, 304, headers)
  return context.req.method === 'HEAD' ? context.body(null, 200, headers) : context.body(body, 200, headers)
}

function headersOf(type: string): Record<string, string> {
  return { 'content-type': type, 'content-security-policy': POLICY }
}

function decoded(text: string | undefined): string | null {
  try {
    return text === undefined ? null : decodeURIComponent(text)
  } catch {
    return null
  }
}
