/** What one question to GitHub found: fine, not good, or not known. */
import type { Json } from '../../core/units.ts'
import type { z } from 'zod'
import { GithubFault } from '../../core/github/api.ts'

export interface Finding {
  readonly state: 'good' | 'bad' | 'unknown'
  readonly say: string
  /** For the evidence. */
  readonly lines: readonly string[]
  readonly facts: Readonly<Record<string, Json>>
}

/** An answer by its shape; one of another shape is no answer. */
export function shaped<S extends z.ZodType>(schema: S, body: Json | readonly Json[] | null, what: string): z.infer<S> {
  if (body === null) throw new GithubFault(`there is no ${what}, or the token may not see it (404)`, 404)
  const read = schema.safeParse(body)
  if (read.success) return read.data
  throw new GithubFault(`the answer about ${what} is not as GitHub's: ${read.error.issues[0]?.path.join('.')}`, 0)
}

export function listed(names: readonly string[]): string {
  const more = names.length > 4 ? ` and ${names.length - 4} more` : ''
  return `${names.slice(0, 4).join(', ')}${more}`
}

export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}
