/** `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header): the same key and body are done once and answered alike. */
import { createHash } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import type { Context } from 'hono'
import type { RouteDeps } from './deps.ts'
import type { ApiEnv } from './env.ts'
import { RouteRefusal } from './wire/problem.ts'

const SHELF = 'idempotency'
const KEPT_MS = 24 * 3_600_000
/** Whoever was at it and has not answered by then is gone: the rules keep a second try from doing anything twice. */
const PENDING_MS = 30_000
const LOOK_EVERY_MS = 50
const LARGEST_ANSWER = 65_536

interface Kept {
  readonly body: string
  readonly since: number
  readonly answer: { readonly status: number; readonly type: string; readonly text: string } | null
}

export function idempotency(deps: RouteDeps) {
  return createMiddleware<ApiEnv>(async (context, next) => {
    const given = context.req.header('idempotency-key')
    if (context.req.method !== 'POST' || given === undefined || context.get('caller').kind === 'nobody') return next()
    const key = keyOf(context, given)
    const body = digestOf(await context.req.text())
    const before = await begin(deps, key, body)
    if (before !== null) return repeated(before)
    await next()
    await finish(deps, key, body, context.res)
  })
}

/** Of the caller and the address: nobody meets a key of somebody else. */
function keyOf(context: Context<ApiEnv>, given: string): string {
  if (!/^[\x21-\x7e]{1,200}$/.test(given))
    throw new RouteRefusal(
      'bad-query',
      'Idempotency-Key: expected 1 to 200 visible ASCII characters, for example a UUID.',
    )
  const caller = context.get('caller')
  const who = caller.kind === 'local' ? `local:${caller.actor.id}` : caller.kind === 'nobody' ? 'nobody' : caller.id
  return digestOf(JSON.stringify([who, context.req.path, given]))
}

/** Resolves to the answer of before, or to null for whoever is to do it now. */
async function begin(deps: RouteDeps, key: string, body: string): Promise<NonNullable<Kept['answer']> | null> {
  for (;;) {
    const now = deps.clock.now()
    const entry = await deps.store.getEntry(SHELF, key)
    const kept = entry === null ? null : (JSON.parse(entry.json) as Kept)
    if (kept !== null && kept.body !== body)
      throw new RouteRefusal(
        'key-reused',
        'This Idempotency-Key came with another body before. Use a new key for a new request.',
      )
    if (kept?.answer) return kept.answer
    if (kept === null || now - kept.since > PENDING_MS) {
      const mine: Kept = { body, since: now, answer: null }
      const options = { expected: entry?.revision ?? 0, expires: now + KEPT_MS }
      if ((await deps.store.putEntry(SHELF, key, JSON.stringify(mine), options)) !== null) return null
    }
    await deps.clock.sleep(LOOK_EVERY_MS, deps.closing)
    if (deps.closing.aborted) throw new RouteRefusal('stopping', 'The server is ending; ask again.')
  }
}

/** A fault of ours is no answer: the next one with this key tries again. */
async function finish(deps: RouteDeps, key: string, body: string, response: Response): Promise<void> {
  const text = response.status >= 500 ? null : await response.clone().text()
  if (text === null || text.length > LARGEST_ANSWER) {
    await deps.store.putEntry(SHELF, key, null)
    return
  }
  const now = deps.clock.now()
  const answer = { status: response.status, type: response.headers.get('content-type') ?? 'application/json', text }
  const kept: Kept = { body, since: now, answer }
  await deps.store.putEntry(SHELF, key, JSON.stringify(kept), { expires: now + KEPT_MS })
}

function repeated({ status, type, text }: NonNullable<Kept['answer']>): Response {
  return new Response(text, { status, headers: { 'content-type': type, 'idempotent-replayed': 'true' } })
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
