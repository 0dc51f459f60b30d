/** People, machines, their roles and tokens. */
import { randomBytes } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { type AccessState, grantsOf, type Place, type Token } from '../../core/access/access.ts'
import type { AccessCommand } from '../../core/access/commands.ts'
import { callerMay, callerMayAnywhere, everywhere } from '../auth/caller.ts'
import { known, needs, route } from '../auth/declare.ts'
import { askDirectory } from '../auth/ask-directory.ts'
import { actorOf } from '../auth/guard.ts'
import { TOKENS } from '../auth/identify.ts'
import { hashOfKey, makeKey } from '../auth/keys.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import {
  accessName,
  machineShape,
  pageQuery,
  personShape,
  placeShape,
  scopeShape,
  tokenShape,
} from '../wire/access-shapes.ts'
import { pageOf } from '../wire/paging.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { instant, shortText, text } from '../wire/shapes.ts'

const INVITATION_MS = 3 * 86_400_000
const done = z.object({ ok: z.literal(true) })
const holderParam = z.object({ holder: accessName })
const reason = z.strictObject({ reason: text })
const invited = z.object({ person: z.string(), invitation: z.string().nullable() })

const people = route(needs('people.manage', 'somewhere'), {
  method: 'get',
  path: '/v1/people',
  summary: 'People and machines, with their roles, in the order of their names; with `limit` a page of both together',
  request: { query: pageQuery },
  responses: answers(
    'All of them',
    z.object({
      people: z.array(personShape),
      machines: z.array(machineShape),
      next: z.string().nullable().openapi({ description: 'What `after` has to be for the next page; null = no more' }),
    }),
  ),
})
const addPerson = route(needs('people.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/people',
  summary: 'Add a person as a viewer of a place; the answer holds the key of an invitation to choose a password',
  request: {
    body: jsonBody(
      z.strictObject({
        person: accessName,
        name: shortText,
        email: shortText.nullable(),
        place: placeShape,
        /** For somebody who signs in through an OpenID provider; then there is no invitation. */
        openid: z.strictObject({ issuer: shortText, subject: shortText }).nullable().default(null),
      }),
    ),
  },
  responses: answers('Added', invited, 201),
})
const invite = route(needs('people.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/people/{holder}/invitation',
  summary: 'A new invitation to choose a password; any before is worthless, and every sign-in of the person is over',
  request: { params: holderParam, body: jsonBody(z.strictObject({})) },
  responses: answers('The key', invited, 201),
})
const addMachine = route(needs('people.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/machines',
  summary: 'Add a worker or a pipeline, which acts by tokens and never signs',
  request: {
    body: jsonBody(z.strictObject({ machine: accessName, about: shortText, place: placeShape }), {
      machine: 'load-tests',
      about: 'load tests in CI',
      place: { organisation: 'acme', project: 'shop', environment: null },
    }),
  },
  responses: answers('Added', done, 201),
})
const grant = route(needs('people.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/grants',
  summary: 'Give a role at a place',
  request: {
    body: jsonBody(z.strictObject({ holder: accessName, role: accessName, place: placeShape }), {
      holder: 'ana',
      role: 'approver',
      place: { organisation: 'acme', project: 'shop', environment: 'production' },
    }),
  },
  responses: answers('Given', done, 201),
})
const revoke = route(needs('people.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/grants/revoke',
  summary: 'Take a role away',
  request: { body: jsonBody(z.strictObject({ holder: accessName, role: accessName, place: placeShape })) },
  responses: answers('Taken', done),
})
const disable = route(needs('people.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/people/{holder}/disable',
  summary: 'Disable a person or a machine; sign-ins, streams and tokens end at once',
  request: { params: holderParam, body: jsonBody(reason, { reason: 'left the team' }) },
  responses: answers('Disabled', done),
})
const enable = route(needs('people.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/people/{holder}/enable',
  summary: 'Enable again',
  request: { params: holderParam, body: jsonBody(reason) },
  responses: answers('Enabled', done),
})
const tokens = route(known, {
  method: 'get',
  path: '/v1/tokens',
  summary: "The caller's tokens, and those of whom they manage; never the secret",
  responses: answers('Tokens', z.array(tokenShape)),
})
const issue = route(known, {
  method: 'post',
  path: '/v1/tokens',
  summary: 'Issue a token for oneself or for a machine; its secret is told once, here',
  request: {
    body: jsonBody(
      z.strictObject({ holder: accessName.nullable(), name: shortText, scope: scopeShape, expires: instant }),
    ),
  },
  responses: answers('The secret', z.object({ token: z.string(), secret: z.string(), expires: z.number() }), 201),
})
const revokeToken = route(known, {
  method: 'post',
  path: '/v1/tokens/{token}/revoke',
  summary: 'Revoke a token; it works nowhere a second later',
  request: { params: z.object({ token: accessName }), body: jsonBody(reason) },
  responses: answers('Revoked', done),
})

export function peopleRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const ask = (context: Context<ApiEnv>, command: AccessCommand) => askDirectory(deps, context, command)
  const accept = async (context: Context<ApiEnv>, command: AccessCommand, status: 200 | 201 = 200) => {
    await ask(context, command)
    return reply(context, { ok: true }, status)
  }

  routes.openapi(people, async (context) => {
    const state = context.get('access')
    const query = context.req.valid('query')
    const mine = [...state.people.keys(), ...state.machines.keys()].filter((id) => manages(state, context, id))
    const { items, next } = pageOf(query.limit === undefined ? mine : mine.toSorted(byName), (id) => id, query)
    const seen = await deps.accounts.lastSeen('person')
    return reply(context, {
      people: items.flatMap((id) => personOnWire(state, id, seen.get(id) ?? null)),
      machines: items.flatMap((id) => machineOnWire(state, id)),
      next,
    })
  })
  routes.openapi(addPerson, async (context) => {
    const { openid, ...person } = context.req.valid('json')
    const methods = openid === null ? [{ kind: 'password' as const }] : [{ kind: 'openid' as const, ...openid }]
    await ask(context, { kind: 'AddPerson', ...person, methods })
    const invitation = openid === null ? await inviteTo(deps, context, person.person) : null
    return reply(context, { person: person.person, invitation }, 201)
  })
  routes.openapi(invite, async (context) => {
    const person = context.req.valid('param').holder
    const state = await deps.directory.refresh()
    if (!state.people.has(person) || !manages(state, context, person, true))
      throw new RouteRefusal('unknown-holder', `There is no person "${person}" whom you manage.`)
    await deps.accounts.closeAllSessions(person)
    return reply(context, { person, invitation: await inviteTo(deps, context, person) }, 201)
  })
  routes.openapi(addMachine, (context) => accept(context, { kind: 'AddMachine', ...context.req.valid('json') }, 201))
  routes.openapi(grant, (context) => accept(context, { kind: 'Grant', ...context.req.valid('json') }, 201))
  routes.openapi(revoke, (context) => accept(context, { kind: 'Revoke', ...context.req.valid('json') }))
  routes.openapi(disable, async (context) => {
    const { holder } = context.req.valid('param')
    await ask(context, { kind: 'Disable', holder, reason: context.req.valid('json').reason })
    await deps.accounts.closeAllSessions(holder)
    return reply(context, { ok: true })
  })
  routes.openapi(enable, (context) =>
    accept(context, { kind: 'Enable', ...context.req.valid('param'), ...context.req.valid('json') }),
  )
  routes.openapi(tokens, async (context) => {
    const caller = context.get('caller')
    const state = context.get('access')
    const mine = caller.kind === 'person' || caller.kind === 'machine' ? caller.id : null
    const visible = [...state.tokens.values()].filter(
      ({ holder }) => holder === mine || manages(state, context, holder, true),
    )
    const used = await deps.accounts.lastSeen('token')
    return reply(
      context,
      visible.map((token) => tokenOnWire(token, used.get(token.id) ?? null)),
    )
  })
  routes.openapi(issue, async (context) => {
    const { holder, ...rest } = context.req.valid('json')
    const caller = context.get('caller')
    const own = caller.kind === 'person' || caller.kind === 'machine' ? caller.id : null
    const owner = holder ?? own
    if (owner === null)
      throw new RouteRefusal('bad-body', '"holder": name the person or machine that is to hold the token.')
    const token = randomBytes(6).toString('hex')
    await ask(context, { kind: 'IssueToken', token, holder: owner, ...rest })
    const secret = makeKey('token')
    await deps.store.putEntry(TOKENS, hashOfKey(secret), JSON.stringify({ token }), { expires: rest.expires })
    return reply(context, { token, secret, expires: rest.expires }, 201)
  })
  routes.openapi(revokeToken, (context) =>
    accept(context, { kind: 'RevokeToken', ...context.req.valid('param'), ...context.req.valid('json') }),
  )
  return routes
}

async function inviteTo(deps: RouteDeps, context: Context<ApiEnv>, person: string): Promise<string> {
  const secret = await deps.accounts.invite(person, INVITATION_MS)
  await deps.audit.tell({ kind: 'Invited', person }, actorOf(context, everywhere))
  return secret
}

/** Whether the caller manages a place where the holder has a role; with `all`, every such place. */
function manages(state: AccessState, context: Context<ApiEnv>, holder: string, all = false): boolean {
  const caller = context.get('caller')
  const places: readonly Place[] = grantsOf(state, holder).map(({ place }) => place)
  if (places.length === 0) return callerMay(state, caller, 'people.manage', everywhere)
  const isMine = (place: Place) => callerMay(state, caller, 'people.manage', place)
  return callerMayAnywhere(state, caller, 'people.manage') && (all ? places.every(isMine) : places.some(isMine))
}

function shown(state: AccessState, holder: string) {
  return grantsOf(state, holder).map(({ holder: _holder, ...grant }) => grant)
}

function byName(one: string, other: string): number {
  return one < other ? -1 : 1
}

function personOnWire(state: AccessState, id: string, lastSeen: number | null) {
  const person = state.people.get(id)
  if (person === undefined) return []
  const { name, email, isDisabled, methods } = person
  const kinds = methods.map(({ kind }) => kind)
  return [{ id, name, email, disabled: isDisabled, methods: kinds, lastSeen, grants: shown(state, id) }]
}

function machineOnWire(state: AccessState, id: string) {
  const machine = state.machines.get(id)
  if (machine === undefined) return []
  return [{ id, about: machine.about, disabled: machine.isDisabled, grants: shown(state, id) }]
}

function tokenOnWire(
  { id, holder, name, scope, issuedAt, issuedBy, expires, isRevoked }: Token,
  lastUsed: number | null,
) {
  return { id, holder, name, scope, issuedAt, issuedBy, expires, revoked: isRevoked, lastUsed }
}
