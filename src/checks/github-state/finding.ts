/** What the answers of GitHub are held to before anything is found in them. */
import type { Json } from '../../core/units.ts'
import type { z } from 'zod'
import { GithubFault } from '../../core/github/api.ts'

export { counted, type Finding, listed } from '../parts/finding.ts'

/** An answer by its shape; one of another shape is no answer. */
export function shaped<S extends z.ZodType>(schema: S, body: Json | readonly Json[] | null, what: string): z.infer<S> {
  if (body === null) throw new GithubFault(`there is no ${what}, or the token may not see it (404)`, 404)
  const read = schema.safeParse(body)
  if (read.success) return read.data
  throw new GithubFault(`the answer about ${what} is not as GitHub's: ${read.error.issues[0]?.path.join('.')}`, 0)
}
