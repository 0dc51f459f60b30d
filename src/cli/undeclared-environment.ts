/** Says when something was given for an environment that its project does not declare: it is allowed, and mostly mistyped. */
import type { Place } from '../core/access/access.ts'
import type { Context } from './context.ts'

interface Declared {
  readonly id: string
  readonly environments: readonly { readonly name: string }[]
}

/** A project without any declared environment is still being set up: nothing can be told of it. */
export function undeclaredWords({ project, environment }: Place, projects: readonly Declared[]): string | null {
  const declared = projects.find(({ id }) => id === project)?.environments.map(({ name }) => name) ?? []
  if (environment === null || declared.length === 0 || declared.includes(environment)) return null
  return `note: ${project} declares no environment "${environment}", only ${declared.join(', ')}; if it is to be one: holdpoint project environment ${project} ${environment}`
}

export async function tellUndeclared(context: Context, place: Place): Promise<void> {
  if (place.project === null || place.environment === null) return
  const client = await context.client()
  const said = undeclaredWords(place, await client.ask<readonly Declared[]>('GET', '/v1/projects'))
  if (said !== null) context.err(said)
}
