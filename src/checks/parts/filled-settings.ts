/** All settings of a block with their values filled in, held to the same rules once more. */
import type { z } from 'zod'
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault, fill } from './fields.ts'

/** Throws ConfigFault. */
export function filledBy<S extends z.ZodType>(
  schema: S,
  given: z.infer<S>,
  { variables }: Pick<CheckPowers, 'variables'>,
): z.infer<S> {
  const over = (value: unknown): unknown => {
    if (typeof value === 'string') return fill(value, variables)
    if (Array.isArray(value)) return value.map(over)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, over(inner)]))
  }
  const again = schema.safeParse(over(given))
  if (again.success) return again.data
  const [issue] = again.error.issues
  throw new ConfigFault(`${issue?.path.join('.')} is not as it should be: ${issue?.message}`)
}
