/** Coming in and going out: the first administrator, sign-in by password, invitations, the caller's own account. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { grantsOf } from '../../core/access/access.ts'
import { standInGrants } from '../../core/access/delegations.ts'
import { isActive } from '../../core/access/may.ts'
import { rights } from '../../core/access/rights.ts'
import type { Actor } from '../../core/release/events.ts'
import type { Session } from '../auth/accounts.ts'
import { callerMayAnywhere } from '../auth/caller.ts'
import { known, route, anyone } from '../auth/declare.ts'
import { deviceCookie, knownDeviceSeconds } from '../auth/devices.ts'
import { cookieName, refuseCrossSite } from '../auth/identify.ts'
import { SHORTEST, weakness } from '../auth/passwords.ts'
import { Rates } from '../auth/rate.ts'
import { dropSetupKeys, isSetupKey } from '../auth/setup.ts'
import type { RouteDeps } from '../deps.ts'
import { type ApiEnv, doorOf } from '../env.ts'
import { reply, router } from '../router.ts'
import { accessName, callerShape, sessionShape } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { shortText } from '../wire/shapes.ts'

const password = z.string().min(1).max(1_000)
/** `cookie` for a browser, which gets nothing it could read; `token` for a program. */
const wanted = z.enum(['cookie', 'token']).default('cookie')
const done = z.object({ ok: z.literal(true) })
/** Ten tries at once, then one in half a minute: for one name from one address. */
const guesses = { burst: 10, everyMs: 30_000 }
/** For one name from a browser that it has signed in with before, whatever others try. */
const guessesOfDevice = guesses
/** For one name, wherever the tries come from: slower than any list is long. */
const guessesAtAll = { burst: 50, everyMs: 10_000 }

const setup = route(anyone, {
  method: 'post',
  path: '/v1/setup',
  summary: 'Make the first administrator, with the key of the link that the server printed',
  request: {
    body: jsonBody(
      z.strictObject({
        key: z.string().max(200),
        organisation: accessName,
        project: accessName,
        person: accessName,
        name: shortText,
        email: shortText.nullable(),
        password,
        as: wanted,
      }),
    ),
  },
  responses: answers('Signed in', sessionShape, 201),
})

const signIn = route(anyone, {
  method: 'post',
  path: '/v1/sign-in',
  summary: 'Sign in with a password',
  request: {
    body: jsonBody(z.strictObject({ person: z.string().min(1).max(200), password, as: wanted }), {
      person: 'ana',
      password: 'seven lamps under the bridge',
      as: 'token',
    }),
  },
  responses: answers('Signed in', sessionShape, 201),
})

const welcome = route(anyone, {
  method: 'post',
  path: '/v1/welcome',
  summary: 'Choose a password, with the key of an invitation',
  request: { body: jsonBody(z.strictObject({ key: z.string().max(200), password, as: wanted })) },
  responses: answers('Signed in', sessionShape, 201),
})

const signOut = route(known, {
  method: 'post',
  path: '/v1/sign-out',
  summary: 'End this sign-in, or all of the caller',
  request: { body: jsonBody(z.strictObject({ everywhere: z.boolean().default(false) })) },
  responses: answers('Over', done),
})

const change = route(known, {
  method: 'post',
  path: '/v1/password',
  summary: 'Change the own password; every other sign-in is over then',
  request: { body: jsonBody(z.strictObject({ before: password, after: password })) },
  responses: answers('Signed in anew', sessionShape, 201),
})

const me = route(known, {
  method: 'get',
  path: '/v1/me',
  summary: 'Who the caller is, and what they may do where',
  responses: answers('The caller', callerShape),
})

export function signInRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const tries = { here: new Rates(guesses), anywhere: new Rates(guessesAtAll), device: new Rates(guessesOfDevice) }

  routes.openapi(setup, async (context) => {
    fromOurPage(deps, context)
    const body = context.req.valid('json')
    slowDown(deps, tries.here, `setup ${doorOf(context).from}`)
    refuseWeak(body.password, [body.person, body.organisation, body.project])
    if (!(await isSetupKey(deps.store, deps.clock, body.key)))
      throw new RouteRefusal(
        'used-up',
        'This link is not valid any more: it was used, or is older than a day. While nobody can sign in, a restart of the server prints a new one.',
      )
    const { organisation, project, person, name, email } = body
    const by: Actor = { id: 'setup', kind: 'engine', assurance: 'engine' }
    const decided = await deps.directory.ask({ kind: 'SetUp', organisation, project, person, name, email }, by, null)
    if (decided.kind === 'refused') throw new RouteRefusal(decided.code, decided.reason)
    await dropSetupKeys(deps.store)
    await deps.accounts.setPassword(person, body.password)
    return letIn(deps, context, person, 'setup', body.as)
  })

  routes.openapi(signIn, async (context) => {
    fromOurPage(deps, context)
    const body = context.req.valid('json')
    const person = body.person.toLowerCase()
    const { from } = doorOf(context)
    const device = await deviceOf(deps, context, person)
    if (device === null) {
      slowDown(deps, tries.here, `${person} ${from}`)
      slowDown(deps, tries.anywhere, person)
    } else slowDown(deps, tries.device, `${person} ${device}`)
    const isRight = await deps.accounts.checkPassword(person, body.password)
    if (!isRight || !isActive(await deps.directory.refresh(), person)) {
      const why = isRight ? 'disabled' : 'wrong password'
      await deps.audit.tell({ kind: 'SignInRefused', person: person.slice(0, 80), why, from }, nobodyAs(person))
      // One sentence for all: whether an account exists is nobody's business.
      throw new RouteRefusal('wrong-password', 'This name and password do not belong together here.')
    }
    return letIn(deps, context, person, 'password', body.as)
  })

  routes.openapi(welcome, async (context) => {
    fromOurPage(deps, context)
    const body = context.req.valid('json')
    slowDown(deps, tries.here, `welcome ${doorOf(context).from}`)
    refuseWeak(body.password, [])
    const person = await deps.accounts.redeem(body.key)
    // The key is used up by now: whether the person is active is not to be asked of what another replica may have changed since.
    if (person === null || !isActive(await deps.directory.refresh(), person))
      throw new RouteRefusal('used-up', 'This invitation is not valid any more. Ask for a new one.')
    await deps.accounts.setPassword(person, body.password)
    return letIn(deps, context, person, 'password', body.as)
  })

  routes.openapi(signOut, async (context) => {
    const caller = context.get('caller')
    if (caller.kind !== 'person' || caller.session === null)
      throw new RouteRefusal(
        'not-signed-in',
        'There is no sign-in to end: tokens are revoked, and the local socket needs none.',
      )
    const all = context.req.valid('json').everywhere
    const sessions = all ? await deps.accounts.closeAllSessions(caller.id) : 1
    if (!all) await deps.accounts.closeSession(caller.session.key)
    deleteCookie(context, cookieName(deps.web.isSecure), { path: '/', secure: deps.web.isSecure })
    await deps.audit.tell({ kind: 'SignedOut', person: caller.id, sessions }, personAs(caller.id))
    return reply(context, { ok: true })
  })

  routes.openapi(change, async (context) => {
    const caller = context.get('caller')
    const { before, after } = context.req.valid('json')
    if (caller.kind !== 'person' || caller.session === null)
      throw new RouteRefusal('not-signed-in', 'Sign in with your password to change it.')
    slowDown(deps, tries.anywhere, caller.id)
    if (!(await deps.accounts.checkPassword(caller.id, before)))
      throw new RouteRefusal('wrong-password', 'That is not the password you have now.')
    refuseWeak(after, [caller.id])
    await deps.accounts.setPassword(caller.id, after)
    await deps.accounts.closeAllSessions(caller.id)
    await deps.audit.tell(
      { kind: 'PasswordChanged', person: caller.id, from: doorOf(context).from },
      personAs(caller.id),
    )
    return letIn(deps, context, caller.id, 'password', context.req.header('authorization') ? 'token' : 'cookie')
  })

  routes.openapi(me, (context) => {
    const caller = context.get('caller')
    const state = context.get('access')
    if (caller.kind === 'nobody') throw new RouteRefusal('not-signed-in', caller.why)
    if (caller.kind === 'local')
      return reply(context, { id: caller.actor.id, kind: 'local', grants: [], rights, session: null })
    const session = caller.kind === 'person' ? caller.session : null
    return reply(context, {
      id: caller.id,
      kind: caller.kind,
      name: state.people.get(caller.id)?.name ?? state.machines.get(caller.id)?.about ?? caller.id,
      grants: grantsOf(state, caller.id).map(({ holder: _holder, ...grant }) => grant),
      standsIn: standInGrants(state, caller.id).map(({ role, place, for: of, until }) => ({
        role,
        place,
        for: of,
        until,
      })),
      rights: rights.filter((right) => callerMayAnywhere(state, caller, right)),
      session: session && { signedInAt: session.signedInAt },
      scope: caller.token?.scope ?? null,
    })
  })
  return routes
}

/** null = this browser is not known to be this person's: it shares its tries with everybody who guesses there. */
async function deviceOf(deps: RouteDeps, context: Context<ApiEnv>, person: string): Promise<string | null> {
  const mark = getCookie(context, deviceCookie(deps.web.isSecure))
  return mark === undefined ? null : deps.accounts.deviceOf(person, mark)
}

/** A browser that signs in must be on a page of ours: else a foreign page could sign its visitor in as somebody else. */
export function fromOurPage(deps: RouteDeps, context: Context<ApiEnv>): void {
  const isBrowser = context.req.header('origin') !== undefined || context.req.header('sec-fetch-site') !== undefined
  if (isBrowser) refuseCrossSite(deps, context)
}

export function slowDown(deps: RouteDeps, rates: Rates, who: string): void {
  const waitMs = rates.take(who, deps.clock.now())
  if (waitMs > 0)
    throw new RouteRefusal('rate-limited', `Too many tries; the next one counts in ${Math.ceil(waitMs / 1_000)} s.`, {
      retryAfter: Math.ceil(waitMs / 1_000),
    })
}

function refuseWeak(text: string, names: readonly string[]): void {
  const why = weakness(text, names)
  if (why !== null) throw new RouteRefusal('weak-password', `Choose another password: ${why}.`, { shortest: SHORTEST })
}

/** A new session every time: what was known before the sign-in opens nothing after it. */
export async function letIn(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  person: string,
  how: 'password' | 'openid' | 'passkey' | 'setup',
  as: 'cookie' | 'token',
  provenAt?: number,
): Promise<never> {
  const opened = await deps.accounts.openSession(person, how, provenAt)
  const mark = as === 'cookie' && how === 'password' ? await deps.accounts.markDevice(person) : null
  return welcomed(deps, context, opened, as, mark)
}

/** It opens nothing, so it outlives the sign-in: it is for the next one. */
function rememberDevice(deps: RouteDeps, context: Context<ApiEnv>, mark: string): void {
  setCookie(context, deviceCookie(deps.web.isSecure), mark, {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: deps.web.isSecure,
    maxAge: knownDeviceSeconds,
  })
}

/** Tells of a session that was opened, once. */
export async function welcomed(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  { secret, session }: { readonly secret: string; readonly session: Session },
  as: 'cookie' | 'token',
  device: string | null = null,
): Promise<never> {
  const { person, how } = session
  await deps.audit.tell({ kind: 'SignedIn', person, how, from: doorOf(context).from }, personAs(person))
  const body = { person, signedInAt: session.signedInAt }
  if (as === 'token') return reply(context, { ...body, session: secret }, 201)
  setSessionCookie(deps, context, secret)
  if (device !== null) rememberDevice(deps, context, device)
  return reply(context, body, 201)
}

export function setSessionCookie(deps: RouteDeps, context: Context<ApiEnv>, secret: string): void {
  setCookie(context, cookieName(deps.web.isSecure), secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: deps.web.isSecure,
    maxAge: 7 * 86_400,
  })
}

export function personAs(id: string): Actor {
  return { id, kind: 'person', assurance: 'proven' }
}

function nobodyAs(name: string): Actor {
  return { id: name.slice(0, 80), kind: 'person', assurance: 'claimed' }
}
