/** Signing in through the OpenID provider of a server: beginning, going there, coming back, and the code for a terminal. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { anyone, route } from '../auth/declare.ts'
import { hashOfKey, kindOfKey } from '../auth/keys.ts'
import { type OpenIdProvider, OpenIdFault, openProvider } from '../auth/openid.ts'
import {
  type LetIn,
  type SignIn,
  type SignIns,
  createSignIns,
  OPENID_CALLBACK,
  type Terminal,
  terminalAddress,
  terminalShape,
  type Wish,
} from '../auth/openid-sign-in.ts'
import { openIdActor } from '../auth/mapped-roles.ts'
import { asksMore, personFor } from '../auth/openid-person.ts'
import {
  createLogoutCheck,
  endSessions,
  isFirst,
  type LoggedOut,
  type LogoutCheck,
  OPENID_LOGOUT,
  openUnlessEnded,
} from '../auth/openid-logout.ts'
import { Rates } from '../auth/rate.ts'
import type { RouteDeps } from '../deps.ts'
import { type ApiEnv, doorOf } from '../env.ts'
import { page } from '../page.ts'
import { reply, router } from '../router.ts'
import { sessionShape } from '../wire/access-shapes.ts'
import { statusOf } from '../wire/codes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { fromOurPage, personAs, setSessionCookie, slowDown, welcomed } from './sign-in.ts'

const COOKIE_S = 600
/** Clocks of the provider and of this server need not agree to the second. */
const CLOCKS_MS = 30_000
/** When a provider ends, it may sign many people out at once. */
const manyLogouts = { burst: 200, everyMs: 50 }
const tries = { burst: 20, everyMs: 3_000 }

/** A page of ours, and no address of somebody else in disguise. */
const ownPage = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[\u0021-\u005b\u005d-\u007e]*$/, 'expected a path of this server, such as /releases')
const secret = z.string().regex(/^[\w-]{43,128}$/)
const elsewhere = { 302: { description: 'Go there' } }

const about = route(anyone, {
  method: 'get',
  path: '/v1/openid',
  summary: 'How people may sign in: through which OpenID provider, and whether there are pages for a browser',
  responses: answers('The ways', z.object({ issuer: z.string().nullable(), pages: z.boolean() })),
})
const begin = route(anyone, {
  method: 'post',
  path: '/v1/openid/begin',
  summary: 'Prepare a sign-in through the provider; the answer holds the address to open in a browser',
  request: {
    body: jsonBody(
      z.strictObject({
        /** Key of an invitation: the identity becomes that person's. */
        invitation: z.string().max(200).nullable().default(null),
        fresh: z.boolean().default(false),
        then: ownPage.default('/'),
        /** A command line on the browser's machine: it gets a code at this port, good only with what makes the challenge. */
        terminal: terminalShape.nullable().default(null),
      }),
    ),
  },
  responses: answers('Where to go', z.object({ address: z.string() }), 201),
})
const start = route(anyone, {
  method: 'get',
  path: '/v1/openid/start',
  summary: 'Go to the provider; `fresh=1` makes the person prove anew who they are',
  request: {
    query: z.strictObject({
      asked: secret.optional(),
      fresh: z.literal('1').optional(),
      then: ownPage.optional(),
    }),
  },
  responses: elsewhere,
})
const callback = route(anyone, {
  method: 'get',
  path: OPENID_CALLBACK,
  summary: 'Come back from the provider',
  responses: elsewhere,
})
const backChannelLogout = route(anyone, {
  method: 'post',
  path: OPENID_LOGOUT,
  summary: 'For the provider itself: somebody signed out there, so their sign-ins through it end here too',
  request: {
    body: {
      required: true,
      content: { 'application/x-www-form-urlencoded': { schema: z.object({ logout_token: z.string() }) } },
    },
  },
  responses: answers('Ended', z.object({ ok: z.literal(true) })),
})
const redeem = route(anyone, {
  method: 'post',
  path: '/v1/openid/redeem',
  summary: 'The session of a terminal, for the code that it got and what it made the challenge of',
  request: { body: jsonBody(z.strictObject({ code: secret, verifier: secret })) },
  responses: answers('Signed in', sessionShape, 201),
})

export function openIdRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const provider = deps.openid == null ? null : openProvider(deps.openid, deps.clock)
  const signIns = createSignIns(deps.store, deps.clock)
  const checkLogout = provider === null ? null : createLogoutCheck(provider, deps.clock)
  const rates = new Rates(tries)
  const logouts = new Rates(manyLogouts)

  routes.openapi(about, (context) =>
    reply(context, { issuer: provider?.settings.issuer ?? null, pages: deps.pages != null }),
  )

  routes.openapi(begin, async (context) => {
    fromOurPage(deps, context)
    slowDown(deps, rates, doorOf(context).from)
    needed(provider)
    const { invitation, ...wish } = context.req.valid('json')
    if (invitation !== null && kindOfKey(invitation) !== 'invitation')
      throw new RouteRefusal('used-up', 'This is no invitation of this server; copy the whole link.')
    const asked = await signIns.ask({ ...wish, invitation: invitation && hashOfKey(invitation) })
    return reply(context, { address: `${originOf(deps, context)}/v1/openid/start?asked=${asked}` }, 201)
  })

  routes.openapi(start, (context) =>
    inBrowser(context, null, async () => {
      slowDown(deps, rates, doorOf(context).from)
      const there = needed(provider)
      const { asked, fresh, then = '/' } = context.req.valid('query')
      const plain: Wish = { fresh: fresh !== undefined, then, invitation: null, terminal: null }
      const wish = asked === undefined ? plain : await signIns.asked(asked)
      if (wish === null)
        throw new RouteRefusal('used-up', 'This address was opened before, or too long ago. Begin again.')
      const { cookie, proof } = await signIns.begin(wish, `${originOf(deps, context)}${OPENID_CALLBACK}`)
      const address = await asRefusal(there.addressFor(proof, wish.fresh))
      setCookie(context, cookieOf(deps), cookie, { ...cookieFor(deps), maxAge: COOKIE_S })
      return context.redirect(address.href, 302)
    }),
  )

  routes.openapi(callback, async (context) => {
    const found = await endedSignIn(deps, signIns, context)
    const terminal = typeof found === 'string' ? null : found.terminal
    return inBrowser(context, terminal, async () => {
      if (typeof found === 'string') throw new RouteRefusal('openid-refused', found)
      const came = await cameBack(deps, needed(provider), found, context)
      const { person } = came
      if (found.terminal !== null)
        return toTerminal(context, found.terminal, { code: await signIns.leave(came, found.terminal) })
      const { secret: session } = await opened(deps, came)
      await deps.audit.tell({ kind: 'SignedIn', person, how: 'openid', from: doorOf(context).from }, personAs(person))
      setSessionCookie(deps, context, session)
      // A page of ours goes on from here: what the provider's page began would still count as theirs.
      return page(context, 200, 'Signed in', `You are signed in as ${person}.`, found.then)
    })
  })

  routes.openapi(redeem, async (context) => {
    fromOurPage(deps, context)
    slowDown(deps, rates, doorOf(context).from)
    const { code, verifier } = context.req.valid('json')
    const found = await signIns.fetch(code, verifier)
    if (found === null)
      throw new RouteRefusal('used-up', 'This code was used before, is too old, or is for another terminal.')
    return welcomed(deps, context, await opened(deps, found), 'token')
  })

  routes.openapi(backChannelLogout, async (context) => {
    slowDown(deps, logouts, doorOf(context).from)
    needed(provider)
    await signedOutThere(deps, await endedIn(deps, checkLogout, await context.req.text()))
    return reply(context, { ok: true })
  })
  return routes
}

async function opened(deps: RouteDeps, found: LetIn) {
  const session = await openUnlessEnded(deps, found)
  if (session !== null) return session
  throw new RouteRefusal('openid-refused', 'You signed out meanwhile. Sign in again.')
}

/** Whom a form of the provider signs out. The standard wants 400 for whatever is wrong with it. */
async function endedIn(deps: RouteDeps, check: LogoutCheck | null, form: string): Promise<LoggedOut> {
  const [token, ...more] = new URLSearchParams(form).getAll('logout_token')
  if (check === null || token === undefined || more.length > 0)
    throw new RouteRefusal('bad-logout', 'This is no logout of the provider: expected one logout_token in a form.')
  const ended = await check(token).catch((cause: unknown) => {
    if (cause instanceof OpenIdFault && cause.kind === 'refused') throw new RouteRefusal('bad-logout', cause.message)
    return asRefusal<LoggedOut>(Promise.reject(cause))
  })
  if (await isFirst(deps.store, deps.clock, ended)) return ended
  throw new RouteRefusal('bad-logout', 'This logout token came before.')
}

async function signedOutThere(deps: RouteDeps, ended: LoggedOut): Promise<void> {
  const people = await endSessions(deps, ended)
  for (const person of new Set(people)) {
    const sessions = people.filter((each) => each === person).length
    await deps.audit.tell({ kind: 'SignedOut', person, sessions, how: 'openid' }, openIdActor)
  }
}

async function endedSignIn(deps: RouteDeps, signIns: SignIns, context: Context<ApiEnv>): Promise<SignIn | string> {
  const states = context.req.queries('state') ?? []
  const [state] = states
  if (state === undefined || states.length > 1 || !/^[\w-]{43}$/.test(state))
    return 'This is no answer to a sign-in that was begun here. Begin again.'
  const ended = await signIns.end(state, getCookie(context, cookieOf(deps)))
  if (typeof ended !== 'string') deleteCookie(context, cookieOf(deps), cookieFor(deps))
  return ended
}

/** Who the provider says it is, as a person of this server. Refusals are told to the audit. */
async function cameBack(
  deps: RouteDeps,
  provider: OpenIdProvider,
  signIn: SignIn,
  context: Context<ApiEnv>,
): Promise<LetIn> {
  const answer = new URL(context.req.url).searchParams
  try {
    const wantsMore = asksMore(await deps.directory.current(), provider.settings)
    const identity = await asRefusal(provider.identityFrom(answer, signIn.proof, wantsMore))
    if (signIn.fresh && !((identity.provenAt ?? 0) >= signIn.begunAt - CLOCKS_MS))
      throw new RouteRefusal(
        'openid-refused',
        'The provider did not ask you anew who you are, so this is no fresh sign-in.',
      )
    const person = await personFor(deps, provider.settings, identity, signIn.invitation)
    const { issuer, subject, session, issuedAt } = identity
    return { person, provenAt: identity.provenAt ?? 0, how: 'openid', provider: { issuer, subject, session, issuedAt } }
  } catch (cause) {
    if (cause instanceof RouteRefusal)
      await deps.audit.tell(
        { kind: 'SignInRefused', person: 'openid', why: cause.message.slice(0, 300), from: doorOf(context).from },
        { id: 'openid', kind: 'person', assurance: 'claimed' },
      )
    throw cause
  }
}

async function asRefusal<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (cause) {
    if (!(cause instanceof OpenIdFault)) throw cause
    throw new RouteRefusal(cause.kind === 'down' ? 'openid-unavailable' : 'openid-refused', cause.message)
  }
}

/** Somebody looks at this in a browser: a page, or the terminal that waits, instead of JSON. */
async function inBrowser(
  context: Context<ApiEnv>,
  terminal: Terminal | null,
  work: () => Promise<Response>,
): Promise<never> {
  try {
    return (await work()) as never
  } catch (cause) {
    if (!(cause instanceof RouteRefusal)) throw cause
    if (terminal !== null)
      return toTerminal(context, terminal, { error: cause.code, reason: cause.message.slice(0, 500) }) as never
    const wantsPage = (context.req.header('accept') ?? '').includes('text/html')
    if (!wantsPage) throw cause
    return page(context, statusOf(cause.code), 'Not signed in', cause.message, null) as never
  }
}

function toTerminal(context: Context, terminal: Terminal, told: Readonly<Record<string, string>>): Response {
  return context.redirect(terminalAddress(terminal, told), 302)
}

function needed(provider: OpenIdProvider | null): OpenIdProvider {
  if (provider !== null) return provider
  throw new RouteRefusal(
    'openid-off',
    'Nobody signs in through an OpenID provider here. Use a password: holdpoint login URL',
  )
}

/** By which of its names the browser knows this server: there its cookies are. The host was checked before. */
function originOf(deps: RouteDeps, context: Context<ApiEnv>): string {
  const host = (context.req.header('host') ?? '').toLowerCase()
  const found = deps.web.origins.find((origin) => new URL(origin).host === host)
  if (found !== undefined) return found
  throw new RouteRefusal('wrong-host', 'Signing in through a provider needs the address of the server, not its socket.')
}

function cookieOf({ web }: RouteDeps): string {
  return web.isSecure ? '__Host-holdpoint-openid' : 'holdpoint-openid'
}

/** Lax: it has to come along when the provider's page sends the browser back. */
function cookieFor({ web }: RouteDeps) {
  return { path: '/', httpOnly: true, sameSite: 'Lax', secure: web.isSecure } as const
}
