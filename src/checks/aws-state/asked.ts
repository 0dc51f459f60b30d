/** AWS as checks ask it: their settings with values, keys from declared secrets, requests through the guard. */
import type { z } from 'zod'
import { type Aws, awsAt } from '../../core/aws/client.ts'
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault, fill } from '../parts/fields.ts'

interface AwsSettings {
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  readonly 'access-key': string
  readonly 'secret-key': string
  readonly 'session-token'?: string | undefined
}

export function awsFor(given: AwsSettings, powers: CheckPowers): Aws {
  const { region = null, endpoint = null, 'session-token': token } = given
  const credentials = {
    accessKey: powers.secret(given['access-key']),
    secretKey: powers.secret(given['secret-key']),
    sessionToken: token === undefined ? null : powers.secret(token),
  }
  return awsAt(
    { credentials, region, endpoint },
    {
      ask: (url, init) => powers.http(url, { ...init, signal: powers.signal, redirect: 'manual' }),
      now: () => powers.clock.now(),
      sleep: (ms) => powers.clock.sleep(ms, powers.signal),
    },
  )
}

/** Every text of the settings with its values, held to the same rules once more. Throws ConfigFault. */
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
