/** `people`, `machine` and `role`: who there is on a server, and what they may do where. */
import { addressOf, change, printTable, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { type Context, printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { type GrantOnWire, placeAsked, placeWords, sourceWords } from '../place-argument.ts'
import type { Row } from '../terminal/table.ts'
import { tellUndeclared } from '../undeclared-environment.ts'
import { text } from '../values.ts'

interface HolderOnWire {
  readonly id: string
  readonly disabled: boolean
  readonly grants: readonly GrantOnWire[]
}
interface Directory {
  readonly people: readonly (HolderOnWire & { readonly name: string; readonly email: string | null })[]
  readonly machines: readonly (HolderOnWire & { readonly about: string })[]
}
interface Invited {
  readonly person: string
  readonly invitation: string | null
}

export const list: Run = async (context) => {
  const client = await context.client()
  const directory = await client.ask<Directory>('GET', '/v1/people')
  if (context.json) {
    printJson(context, directory)
    return 0
  }
  const people = directory.people.flatMap((person) => rowsOf(person, person.name))
  const machines = directory.machines.flatMap((machine) => rowsOf(machine, machine.about))
  if (people.length === 0)
    context.err('nobody yet; the set-up link that holdpoint serve prints makes the first administrator')
  printTable(context, ['PERSON', 'NAME', 'ROLE', 'WHERE', 'BY'], people)
  if (people.length > 0 && machines.length > 0) context.out('')
  printTable(context, ['MACHINE', 'ABOUT', 'ROLE', 'WHERE', 'BY'], machines)
  return 0
}

/** One row per role; the name stands in the first. */
function rowsOf({ id, disabled, grants }: HolderOnWire, name: string): readonly Row[] {
  const tone = disabled ? 'dim' : 'plain'
  const called = disabled ? `${name} (disabled)` : name
  if (grants.length === 0) return [{ cells: [id, called, 'no role', '', ''], tone }]
  return grants.map((grant, at) => ({
    cells: [at === 0 ? id : '', at === 0 ? called : '', grant.role, placeWords(grant.place), sourceWords(grant)],
    tone,
  }))
}

export const add: Run = async (context, [person = ''], options) => {
  const issuer = text(options, 'issuer')
  const subject = text(options, 'subject')
  if ((issuer === null) !== (subject === null))
    throw new UsageFault(
      'an identity of a provider is its issuer and what it calls the person; for example: holdpoint people add ana --at acme/shop --issuer https://login.example.com --subject 4711',
    )
  const body = {
    person,
    name: text(options, 'name') ?? person,
    email: text(options, 'email'),
    place: placeAsked(options, 'holdpoint people add ana --at acme/shop'),
    openid: issuer !== null && subject !== null ? { issuer, subject } : null,
  }
  await changeWithLink(context, '/v1/people', body, ({ invitation }) =>
    invitation === null
      ? `${person} may come in through ${issuer}, as a viewer of ${placeWords(body.place)}`
      : `${person} is a viewer of ${placeWords(body.place)}`,
  )
  await tellUndeclared(context, body.place)
  return 0
}

export const invite: Run = (context, [person = '']) =>
  changeWithLink(
    context,
    `/v1/people/${segment(person)}/invitation`,
    {},
    () => `${person} may choose a new password; every sign-in and every link before is over`,
  )

/** The link is for one person and works once: it is printed here and nowhere else. */
async function changeWithLink(
  context: Context,
  path: string,
  body: unknown,
  say: (answer: Invited) => string,
): Promise<0> {
  const address = await addressOf(context, await context.client())
  return change<Invited>(context, path, body, (answer) => [
    say(answer),
    ...(answer.invitation === null ? [] : linkLines(answer.person, answer.invitation, address)),
  ])
}

function linkLines(person: string, invitation: string, address: string | null): readonly string[] {
  return [
    `send this to ${person}; it works once, within three days:`,
    `  holdpoint login '${address ?? 'ADDRESS'}/welcome#${invitation}'`,
    ...(address === null ? ['ADDRESS is where this store will be served: holdpoint serve'] : []),
  ]
}

export const disable: Run = (context, [holder = ''], options) =>
  change(context, `/v1/people/${segment(holder)}/disable`, { reason: text(options, 'reason') ?? '' }, () => [
    `${holder} is disabled: sign-ins, streams and tokens end now`,
  ])

export const enable: Run = (context, [holder = ''], options) =>
  change(context, `/v1/people/${segment(holder)}/enable`, { reason: text(options, 'reason') ?? '' }, () => [
    `${holder} may come in again`,
  ])

export const grant: Run = async (context, [holder = '', role = ''], options) => {
  const place = placeAsked(options, 'holdpoint people grant ana approver --at acme/shop/production')
  await change(context, '/v1/grants', { holder, role, place }, () => [`${holder} is ${role} at ${placeWords(place)}`])
  await tellUndeclared(context, place)
  return 0
}

export const revoke: Run = (context, [holder = '', role = ''], options) => {
  const place = placeAsked(options, 'holdpoint people revoke ana approver --at acme/shop/production')
  return change(context, '/v1/grants/revoke', { holder, role, place }, () => [
    `${holder} is not ${role} at ${placeWords(place)} any more`,
  ])
}

/** With its role at once: a machine without any belongs to nobody and could be given no token. */
export const addMachine: Run = async (context, [machine = ''], options) => {
  const place = placeAsked(options, 'holdpoint machine add build-1 --role worker --at acme/shop/staging')
  const role = text(options, 'role') ?? 'worker'
  const client = await context.client()
  await client.ask('POST', '/v1/machines', { machine, about: text(options, 'about') ?? machine, place })
  await change(context, '/v1/grants', { holder: machine, role, place }, () => [
    `${machine} is a ${role} at ${placeWords(place)}`,
    `it comes in with a token: holdpoint token issue ${machine} --expires 90d`,
  ])
  await tellUndeclared(context, place)
  return 0
}

export const defineRole: Run = (context, [role = ''], options) =>
  change(context, '/v1/roles', { role, about: text(options, 'about') ?? role }, () => [
    `${role} may sign where it is granted, for example: holdpoint people grant ana ${role} --at acme/shop`,
  ])

interface RoleOnWire {
  readonly id: string
  readonly about: string
  readonly own: boolean
  readonly rights: readonly string[]
}

export const listRoles: Run = async (context) => {
  const client = await context.client()
  const roles = await client.ask<readonly RoleOnWire[]>('GET', '/v1/roles')
  if (context.json) printJson(context, roles)
  else
    printTable(
      context,
      ['ROLE', 'ABOUT', 'RIGHTS'],
      roles.map(({ id, about, own, rights }) => ({ cells: [id, own ? `${about} (own)` : about, rights.join(' ')] })),
    )
  return 0
}
