/** GitHub as actions use it: the powers of an action, and its refusals as theirs. */
import { type Github, githubAt, GithubFault } from '../../core/github/api.ts'
import { ActionFault, type ActionPowers } from '../../core/ports/action.ts'
import type { Json } from '../../core/units.ts'
import { z } from 'zod'

export interface GithubSettings {
  readonly base: string
  readonly repository: string
  readonly token: string
}

export function githubFor({ base, repository, token }: GithubSettings, powers: ActionPowers): Github {
  const github = githubAt(
    { base: base.replace(/\/+$/, ''), repository, token: powers.secret(token) },
    { ask: powers.http, sleep: powers.sleep },
  )
  return {
    repository,
    get: (path) => inWords(github.get(path)),
    all: (path, name) => inWords(github.all(path, name)),
    send: (method, path, body) => inWords(github.send(method, path, body)),
    graphql: (query, variables) => inWords(github.graphql(query, variables)),
    upload: (address, bytes, type) => inWords(github.upload(address, bytes, type)),
  }
}

const rights = z.object({ permissions: z.object({ push: z.boolean() }).optional() })

/** For `doctor`: the repository is there, and whoever the token stands for may write to it. */
export async function askRepository(given: GithubSettings, powers: ActionPowers): Promise<string> {
  const { permissions } = shaped(rights, await githubFor(given, powers).get(''), given.repository)
  if (permissions?.push === false)
    throw new ActionFault(`${given.token} may only read ${given.repository}; give it the right to write there`)
  return `${given.repository} answers${permissions === undefined ? '' : ', and may be written to'}`
}

/** An answer by its shape; null = 404. */
export function shaped<S extends z.ZodType>(schema: S, body: Json | readonly Json[] | null, what: string): z.infer<S> {
  if (body === null) throw new ActionFault(`there is no ${what}, or the token may not see it (404)`)
  const read = schema.safeParse(body)
  if (read.success) return read.data
  throw new ActionFault(`the answer about ${what} is not as GitHub's: ${read.error.issues[0]?.path.join('.')}`)
}

async function inWords<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (fault) {
    throw fault instanceof GithubFault ? new ActionFault(fault.message, fault.status) : fault
  }
}
