/** Passkeys of people: registering one after a fresh sign-in, signing in with one, and taking one away. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { isActive } from '../../core/access/may.ts'
import { anyone, known, route } from '../auth/declare.ts'
import { type Asked, keptPasskeys, type KeptPasskeys } from '../auth/kept-passkeys.ts'
import {
  type Answer,
  askToRegister,
  askToSignIn,
  PasskeyFault,
  provenBy,
  QUESTION_MS,
  registeredBy,
  type Site,
  siteOf,
} from '../auth/passkeys.ts'
import { Rates } from '../auth/rate.ts'
import { freshSignInMs } from '../../core/release/rules/approvals.ts'
import type { RouteDeps } from '../deps.ts'
import { type ApiEnv, doorOf } from '../env.ts'
import { reply, router } from '../router.ts'
import { sessionShape } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { fromOurPage, letIn, personAs, slowDown } from './sign-in.ts'

/** Of one address. */
const tries = { burst: 20, everyMs: 5_000 }
const MOST_OF_ONE_PERSON = 20

const text = z.string().min(1).max(20_000)
const answerShape = z.looseObject({
  id: z.string().min(1).max(1_400),
  rawId: z.string().min(1).max(1_400),
  type: z.literal('public-key'),
  clientExtensionResults: z.looseObject({}).default({}),
  response: z.looseObject({
    clientDataJSON: text,
    attestationObject: text.optional(),
    authenticatorData: text.optional(),
    signature: text.optional(),
    userHandle: z.string().max(200).nullish(),
    transports: z.array(z.string().max(50)).max(20).optional(),
  }),
})
const asked = z.object({ options: z.looseObject({}).openapi({ description: 'For `navigator.credentials`' }) })
const passkeyShape = z
  .object({
    id: z.string(),
    name: z.string(),
    domain: z.string(),
    addedAt: z.number(),
    usedAt: z.number().nullable(),
  })
  .openapi('Passkey')

const beginRegister = route(known, {
  method: 'post',
  path: '/v1/passkeys/register/begin',
  summary: 'What the browser asks an authenticator, to make a passkey for the caller; takes a fresh sign-in',
  responses: answers('The question', asked, 201),
})
const finishRegister = route(known, {
  method: 'post',
  path: '/v1/passkeys/register/finish',
  summary: 'Keep the public key of the passkey that was made',
  request: { body: jsonBody(z.strictObject({ name: z.string().trim().min(1).max(60), answer: answerShape })) },
  responses: answers('Kept', passkeyShape, 201),
})
const list = route(known, {
  method: 'get',
  path: '/v1/passkeys',
  summary: 'The passkeys of the caller',
  responses: answers('The passkeys, oldest first', z.array(passkeyShape)),
})
const remove = route(known, {
  method: 'post',
  path: '/v1/passkeys/{id}/remove',
  summary: 'Take away a passkey of the caller: it lets nobody in any more',
  request: { params: z.object({ id: z.string().min(1).max(100) }) },
  responses: answers('Gone', z.object({ ok: z.literal(true) })),
})
const beginSignIn = route(anyone, {
  method: 'post',
  path: '/v1/passkeys/sign-in/begin',
  summary: 'What the browser asks an authenticator, to sign in; no name is needed',
  responses: answers('The question', asked, 201),
})
const finishSignIn = route(anyone, {
  method: 'post',
  path: '/v1/passkeys/sign-in/finish',
  summary: 'Sign in with what the authenticator answered; counts as a fresh sign-in',
  request: { body: jsonBody(z.strictObject({ answer: answerShape })) },
  responses: answers('Signed in', sessionShape, 201),
})

export function passkeyRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const passkeys = keptPasskeys(deps.store, deps.clock)
  const rates = new Rates(tries)
  const slow = (context: Context<ApiEnv>) => slowDown(deps, rates, doorOf(context).from)

  routes.openapi(beginRegister, async (context) => {
    const person = freshPerson(deps, context)
    slow(context)
    const site = siteHere(deps, context)
    const mine = await passkeys.of(person)
    if (mine.length >= MOST_OF_ONE_PERSON)
      throw new RouteRefusal('passkey-refused', `You have ${mine.length} passkeys. Remove one that you do not use.`)
    const name = context.get('access').people.get(person)?.name ?? person
    const { challenge, options } = askToRegister(site, { id: person, name }, mine)
    setQuestion(deps, context, await passkeys.ask({ challenge, origin: site.origin, person }))
    return reply(context, { options }, 201)
  })

  routes.openapi(finishRegister, async (context) => {
    const person = freshPerson(deps, context)
    slow(context)
    const { name, answer } = context.req.valid('json')
    const { question, site } = await questionOf(deps, context, passkeys)
    if (question.person !== person) throw new RouteRefusal('passkey-refused', 'Somebody else began this. Begin again.')
    const key = asRefusal(() => registeredBy(answer as Answer, question.challenge, site))
    const passkey = { ...key, person, name, domain: site.domain, addedAt: deps.clock.now(), usedAt: null }
    if (!(await passkeys.add(passkey)))
      throw new RouteRefusal('passkey-refused', 'This passkey is registered already. Use another authenticator.')
    await deps.audit.tell({ kind: 'PasskeyAdded', person, name, from: doorOf(context).from }, personAs(person))
    const kept = await passkeys.find(key.credential)
    return reply(context, passkeyShape.parse(kept), 201)
  })

  routes.openapi(list, async (context) => {
    const mine = await passkeys.of(signedInPerson(context).id)
    return reply(
      context,
      mine.map((each) => passkeyShape.parse(each)),
    )
  })

  routes.openapi(remove, async (context) => {
    const person = signedInPerson(context).id
    const { id } = context.req.valid('param')
    if (!(await passkeys.remove(person, id)))
      throw new RouteRefusal('unknown-passkey', 'You have no such passkey; it may be gone already.')
    await deps.audit.tell({ kind: 'PasskeyRemoved', person, from: doorOf(context).from }, personAs(person))
    return reply(context, { ok: true })
  })

  routes.openapi(beginSignIn, async (context) => {
    fromOurPage(deps, context)
    slow(context)
    const site = siteHere(deps, context)
    const { challenge, options } = askToSignIn(site)
    setQuestion(deps, context, await passkeys.ask({ challenge, origin: site.origin, person: null }))
    return reply(context, { options }, 201)
  })

  routes.openapi(finishSignIn, async (context) => {
    fromOurPage(deps, context)
    slow(context)
    const { answer } = context.req.valid('json')
    const { question, site } = await questionOf(deps, context, passkeys)
    const person = await whoAnswered(deps, context, passkeys, answer as Answer, question, site)
    return letIn(deps, context, person, 'passkey', 'cookie')
  })
  return routes
}

/** One sentence for all that does not fit: which passkeys there are is nobody's business. The audit is told why. */
async function whoAnswered(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  passkeys: KeptPasskeys,
  answer: Answer,
  question: Asked,
  site: Site,
): Promise<string> {
  const passkey = await passkeys.find(answer.id)
  const person = passkey?.person ?? 'passkey'
  const why = await whyNot()
  if (why === null) return person
  await deps.audit.tell(
    { kind: 'SignInRefused', person, why, from: doorOf(context).from },
    { id: person, kind: 'person', assurance: 'claimed' },
  )
  throw new RouteRefusal('passkey-refused', 'This passkey lets nobody in here. Try again, or sign in another way.')

  async function whyNot(): Promise<string | null> {
    if (question.person !== null) return 'an answer to another question'
    if (passkey === null || passkey.domain !== site.domain) return 'unknown passkey'
    try {
      const counter = provenBy(answer, question.challenge, site, passkey, passkey.person)
      if (!isActive(await deps.directory.refresh(), passkey.person)) return 'disabled'
      return (await passkeys.used(passkey, counter)) ? null : 'used elsewhere at the same time'
    } catch (cause) {
      if (!(cause instanceof PasskeyFault)) throw cause
      return reasonIn(cause)
    }
  }
}

function reasonIn({ cause }: PasskeyFault): string {
  return `passkey: ${cause instanceof Error ? cause.message : 'no proof'}`.slice(0, 200)
}

async function questionOf(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  passkeys: KeptPasskeys,
): Promise<{ question: Asked; site: Site }> {
  const site = siteHere(deps, context)
  const question = await passkeys.answered(getCookie(context, cookieOf(deps)))
  deleteCookie(context, cookieOf(deps), cookieFor(deps))
  if (question === null || question.origin !== site.origin)
    throw new RouteRefusal(
      'used-up',
      'This was asked too long ago, in another browser, or answered before. Begin again.',
    )
  return { question, site }
}

function asRefusal<T>(proof: () => T): T {
  try {
    return proof()
  } catch (cause) {
    if (!(cause instanceof PasskeyFault)) throw cause
    throw new RouteRefusal('passkey-refused', cause.message)
  }
}

function signedInPerson(context: Context<ApiEnv>): { id: string; signedInAt: number } {
  const caller = context.get('caller')
  if (caller.kind === 'person' && caller.session !== null)
    return { id: caller.id, signedInAt: caller.session.signedInAt }
  throw new RouteRefusal('sign-in-required', 'Passkeys belong to a person who has signed in, in a browser.')
}

/** Whoever finds an open window makes no key to come back with. */
function freshPerson(deps: RouteDeps, context: Context<ApiEnv>): string {
  const { id, signedInAt } = signedInPerson(context)
  if (deps.clock.now() - signedInAt <= freshSignInMs) return id
  throw new RouteRefusal(
    'sign-in-required',
    'A new passkey needs a sign-in that is not older than 15 minutes. Sign in again, then add it.',
  )
}

/** By which of its names the browser knows this server. The host was checked before. */
function siteHere(deps: RouteDeps, context: Context<ApiEnv>): Site {
  const host = (context.req.header('host') ?? '').toLowerCase()
  const origin = deps.web.origins.find((each) => new URL(each).host === host)
  const site = origin === undefined ? null : siteOf(origin)
  if (site !== null) return site
  throw new RouteRefusal('passkeys-off', 'Passkeys need a server with a name, such as https://releases.example.com.')
}

function cookieOf({ web }: RouteDeps): string {
  return web.isSecure ? '__Host-holdpoint-passkey' : 'holdpoint-passkey'
}

function cookieFor({ web }: RouteDeps) {
  return { path: '/', httpOnly: true, sameSite: 'Strict', secure: web.isSecure } as const
}

function setQuestion(deps: RouteDeps, context: Context<ApiEnv>, secret: string): void {
  setCookie(context, cookieOf(deps), secret, { ...cookieFor(deps), maxAge: QUESTION_MS / 1_000 })
}
