/** `organisation` and `project`: what belongs together on a server, and which environments are protected. */
import { addressOf, change, printTable, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { flag, list as many, text } from '../values.ts'

interface ProjectOnWire {
  readonly id: string
  readonly organisation: string
  readonly name: string
  readonly services: readonly string[]
  readonly environments: readonly { readonly name: string; readonly protected: boolean }[]
}

export const list: Run = async (context) => {
  const client = await context.client()
  const projects = await client.ask<readonly ProjectOnWire[]>('GET', '/v1/projects')
  if (context.json) {
    printJson(context, projects)
    return 0
  }
  if (projects.length === 0)
    context.err('no projects that you may see; for example: holdpoint project create shop --organisation acme')
  printTable(
    context,
    ['PROJECT', 'ORGANISATION', 'SERVICES', 'ENVIRONMENTS'],
    projects.map(({ id, organisation, services, environments }) => ({
      cells: [id, organisation, services.join(', '), environments.map(environmentWords).join(', ')],
    })),
  )
  return 0
}

function environmentWords({ name, protected: isProtected }: ProjectOnWire['environments'][number]): string {
  return isProtected ? `${name} (protected)` : name
}

interface OrganisationOnWire {
  readonly id: string
  readonly name: string
  readonly statusPage: boolean
}

export const listOrganisations: Run = async (context) => {
  const client = await context.client()
  const all = await client.ask<readonly OrganisationOnWire[]>('GET', '/v1/organisations')
  if (context.json) printJson(context, all)
  else
    printTable(
      context,
      ['ORGANISATION', 'NAME', 'STATUS PAGE'],
      all.map(({ id, name, statusPage: isOn }) => ({ cells: [id, name, isOn ? 'public' : 'off'] })),
    )
  return 0
}

export const statusPage: Run = async (context, [organisation = '', word = '']) => {
  if (word !== 'on' && word !== 'off')
    throw new UsageFault(
      `"${word}" is not on or off; for example: holdpoint organisation status-page ${organisation} on`,
    )
  const address = await addressOf(context, await context.client())
  const on = word === 'on'
  return change(context, `/v1/organisations/${segment(organisation)}/status-page`, { on }, () => [
    on
      ? `anybody may see now what ${organisation} releases: ${address ?? 'ADDRESS'}/status/${segment(organisation)}`
      : `the status page of ${organisation} is off`,
  ])
}

export const createOrganisation: Run = (context, [organisation = ''], options) =>
  change(context, '/v1/organisations', { organisation, name: text(options, 'name') ?? organisation }, () => [
    `organisation ${organisation} is there; next: holdpoint project create shop --organisation ${organisation}`,
  ])

export const create: Run = (context, [project = ''], options) => {
  const organisation = text(options, 'organisation') ?? ''
  const services = many(options, 'service')
  const body = { project, organisation, name: text(options, 'name') ?? project, services }
  return change(context, '/v1/projects', body, () => [
    `project ${organisation}/${project} is there${services.length > 0 ? ` with ${services.join(', ')}` : ''}`,
  ])
}

export const environment: Run = (context, [project = '', name = ''], options) => {
  const isProtected = flag(options, 'protected')
  const body = { environment: name, protected: isProtected }
  return change(context, `/v1/projects/${segment(project)}/environments`, body, () => [
    isProtected
      ? `${name} of ${project} is protected: what opens a gate there needs a fresh sign-in`
      : `${name} of ${project} is declared, and not protected`,
  ])
}
