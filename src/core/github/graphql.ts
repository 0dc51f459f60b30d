/** Where GraphQL of a GitHub answers, and what its answers are held to: boards and links of issues are only there. */
import type { Json } from '../units.ts'
import { GithubFault } from './refusal.ts'

/** Beside the REST API: `https://api.github.com/graphql`, or `https://HOST/api/graphql` for `https://HOST/api/v3`. */
export function graphqlAt(base: string): string {
  return `${base.replace(/\/v3$/, '')}/graphql`
}

/** GraphQL says errors with status 200, also beside data: then the data is not whole. Throws GithubFault. */
export function dataOf(body: Json): Json {
  const { data, errors } = (typeof body === 'object' && body !== null ? body : {}) as {
    data?: Json
    errors?: readonly { message?: Json; type?: Json }[]
  }
  const [error] = Array.isArray(errors) ? (errors as readonly { message?: Json; type?: Json }[]) : []
  if (error !== undefined) {
    const words = typeof error.message === 'string' ? error.message : 'without a word'
    throw new GithubFault(`GitHub refuses: ${words}`.slice(0, 400), 200)
  }
  if (data === undefined || data === null) throw new GithubFault("the answer is not as GitHub's: it has no data", 0)
  return data
}
