/** `github`: repositories whose deployments wait for gates of a project. */
import { change, printTable, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { text } from '../values.ts'

interface Binding {
  readonly repository: string
  readonly githubEnvironment: string
  readonly service: string
  readonly environment: string
  readonly point: { readonly kind: string; readonly step?: string; readonly phase?: string; readonly stage?: unknown }
}

export const list: Run = async (context, [project = '']) => {
  const client = await context.client()
  const all = await client.ask<readonly Binding[]>('GET', path(project))
  if (context.json) {
    printJson(context, all)
    return 0
  }
  if (all.length === 0) context.err(`no repository asks gates of ${project}; see docs/gates.md`)
  else
    printTable(
      context,
      ['REPOSITORY', 'ITS ENVIRONMENT', 'WAITS FOR', 'IN', 'OPEN AT'],
      all.map(({ repository, githubEnvironment, service, environment, point }) => ({
        cells: [repository, githubEnvironment, service, environment, pointWords(point)],
      })),
    )
  return 0
}

export const bind: Run = (context, [project = '', repository = '', githubEnvironment = ''], options) => {
  const service = text(options, 'service') ?? ''
  const environment = text(options, 'environment') ?? githubEnvironment
  const named = ['step', 'phase', 'stage'].map((name) => [name, text(options, name)] as const)
  const point = Object.fromEntries(named.filter(([, value]) => value !== null))
  return change(context, path(project), { repository, githubEnvironment, service, environment, ...point }, () => [
    `deployments of ${repository} to ${githubEnvironment} wait for the gate of ${service} in ${environment}`,
    'at GitHub, enable the protection rule of the App for that environment',
  ])
}

export const unbind: Run = (context, [project = '', repository = '', githubEnvironment = '']) =>
  change(context, `${path(project)}/remove`, { repository, githubEnvironment }, () => [
    `${repository} ${githubEnvironment} asks no gate of ${project} any more; what waits goes on waiting`,
  ])

function pointWords({ kind, step, phase, stage }: Binding['point']): string {
  if (kind === 'release') return 'its end'
  const which = step ?? phase ?? stage
  return `${kind} ${typeof which === 'string' || typeof which === 'number' ? which : JSON.stringify(which)}`
}

function path(project: string): string {
  return `/v1/projects/${segment(project)}/github-gates`
}
