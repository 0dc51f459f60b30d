/** Finds out who sends a request and whether it comes the way it may come: before any route, and before any body. */
import { createMiddleware } from 'hono/factory'
import { getCookie } from 'hono/cookie'
import type { Context } from 'hono'
import { isActive } from '../../core/access/may.ts'
import { type AccessState, emptyAccess } from '../../core/access/access.ts'
import { claimedActor } from '../actor.ts'
import type { RouteDeps } from '../deps.ts'
import { type ApiEnv, doorOf } from '../env.ts'
import { RouteRefusal } from '../wire/problem.ts'
import type { Caller } from './caller.ts'
import { guarding } from './guard.ts'
import { Rates } from './rate.ts'
import { hashOfKey, kindOfKey } from './keys.ts'
import { OPENID_CALLBACK } from './openid-sign-in.ts'

export const TOKENS = 'token'

/** Of one address, without a session or a token that holds. */
const strangersMay = { burst: 60, everyMs: 250 }
/** Of one person or machine. */
const knownMay = { burst: 1_000, everyMs: 2 }

/** `__Host-` keeps a cookie to this very origin; a browser accepts it over TLS only. */
export function cookieName(isSecure: boolean): string {
  return isSecure ? '__Host-holdpoint' : 'holdpoint'
}

export function identify(deps: RouteDeps) {
  const guard = guarding(deps)
  const strangers = new Rates(strangersMay)
  const known = new Rates(knownMay)
  return createMiddleware<ApiEnv>(async (context, next) => {
    const door = doorOf(context)
    context.set('guard', guard)
    if (door.kind === 'local') {
      context.set('access', await deps.directory.current())
      context.set('caller', { kind: 'local', actor: claimedActor(context, deps.about.user) })
      return next()
    }
    refuseForeignHost(deps, context)
    const { caller, access } = await callerOf(deps, context)
    const waitMs =
      caller.kind === 'nobody'
        ? strangers.take(door.from, deps.clock.now())
        : known.take('id' in caller ? caller.id : door.from, deps.clock.now())
    if (waitMs > 0) throw tooMany(waitMs)
    context.set('access', access)
    context.set('caller', caller)
    return next()
  })
}

/** A page of somebody else whose name was made to point here (DNS rebinding) still sends its own name. */
function refuseForeignHost(deps: RouteDeps, context: Context<ApiEnv>): void {
  const host = (context.req.header('host') ?? '').toLowerCase()
  if (deps.web.origins.some((origin) => new URL(origin).host === host)) return
  throw new RouteRefusal(
    'wrong-host',
    `This server is not called "${host.slice(0, 100)}". A name that people use is told at the start, for example: holdpoint serve --url https://releases.example.com`,
  )
}

async function callerOf(deps: RouteDeps, context: Context<ApiEnv>): Promise<{ caller: Caller; access: AccessState }> {
  // Providers send people here from pages of their own, and whoever it was before does not matter any more.
  if (context.req.path === OPENID_CALLBACK) return { caller: nobody('This is a sign-in.'), access: emptyAccess }
  const bearer = bearerIn(context)
  const cookie = getCookie(context, cookieName(deps.web.isSecure))
  const secret = bearer ?? cookie
  if (secret === undefined)
    // Nobody needs no directory: public routes answer while the store does not.
    return { caller: nobody('Sign in first: holdpoint login URL'), access: emptyAccess }
  if (bearer === null || bearer === undefined) refuseCrossSite(deps, context)
  const access = await deps.directory.current()
  return { caller: await callerBySecret(deps, secret, access), access }
}

function bearerIn(context: Context<ApiEnv>): string | undefined {
  const header = context.req.header('authorization')
  if (header === undefined) return undefined
  const found = /^Bearer ([\w.~+/=-]{1,200})$/i.exec(header)
  return found?.[1] ?? tokenInBasic(header) ?? ''
}

/** For programs that know names and passwords only: the name is theirs to choose, the password is a token, and no session. */
function tokenInBasic(header: string): string | null {
  const found = /^Basic ([A-Za-z0-9+/=]{1,600})$/i.exec(header)
  if (found?.[1] === undefined) return null
  const text = Buffer.from(found[1], 'base64').toString('utf8')
  const secret = text.slice(text.indexOf(':') + 1)
  return kindOfKey(secret) === 'token' ? secret : null
}

export async function callerBySecret(deps: RouteDeps, secret: string, access: AccessState): Promise<Caller> {
  const kind = kindOfKey(secret)
  if (kind === 'session') {
    const session = await deps.accounts.sessionOf(secret, access)
    if (session === null) return nobody('This sign-in is over. Sign in again.')
    return { kind: 'person', id: session.person, session, token: null }
  }
  if (kind === 'token') return callerByToken(deps, secret, access)
  return nobody('This is no session or token of this server.')
}

async function callerByToken(deps: RouteDeps, secret: string, access: AccessState): Promise<Caller> {
  const kept = await deps.store.getEntry(TOKENS, hashOfKey(secret))
  const token = kept === null ? undefined : access.tokens.get((JSON.parse(kept.json) as { token: string }).token)
  if (token === undefined) return nobody('This token is not known here.')
  if (token.isRevoked) return nobody('This token has been revoked.')
  if (token.expires <= deps.clock.now()) return nobody('This token has expired.')
  if (!isActive(access, token.holder)) return nobody('The holder of this token is disabled.')
  await deps.accounts.saw('token', token.id)
  const used = { id: token.id, scope: token.scope }
  return access.machines.has(token.holder)
    ? { kind: 'machine', id: token.holder, token: used }
    : { kind: 'person', id: token.holder, session: null, token: used }
}

/**
 * A browser sends cookies whoever made the page: what changes something, and what streams, must come from a page of ours.
 * Every browser says where a request comes from; silence is no proof.
 */
export function refuseCrossSite(deps: RouteDeps, context: Context<ApiEnv>): void {
  const site = context.req.header('sec-fetch-site')
  const origin = context.req.header('origin')
  const isReading = context.req.method === 'GET' || context.req.method === 'HEAD'
  const isOurs = origin === undefined ? site === 'same-origin' : deps.web.origins.includes(origin)
  const isOpened = isReading && origin === undefined && (site === undefined || site === 'none')
  if ((isOurs && (site === undefined || site === 'same-origin')) || isOpened) return
  throw new RouteRefusal('cross-site', 'This request comes from a page of another site.')
}

function tooMany(waitMs: number): RouteRefusal {
  const retryAfter = Math.ceil(waitMs / 1_000)
  return new RouteRefusal('rate-limited', `Too many requests; the next one is answered in ${retryAfter} s.`, {
    retryAfter,
  })
}

function nobody(why: string): Caller {
  return { kind: 'nobody', why }
}
