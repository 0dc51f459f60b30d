/** AWS as checks ask it: their settings with values, keys from declared secrets, requests through the guard. */
import { type Aws, awsAt } from '../../core/aws/client.ts'
import type { CheckPowers } from '../../core/ports/check.ts'

export { filledBy } from '../parts/filled-settings.ts'

interface AwsSettings {
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  readonly 'access-key': string
  readonly 'secret-key': string
  readonly 'session-token'?: string | undefined
  readonly role?: string | undefined
}

export function awsFor(given: AwsSettings, powers: CheckPowers): Aws {
  const { region = null, endpoint = null, role = null, 'session-token': token } = given
  const credentials = {
    accessKey: powers.secret(given['access-key']),
    secretKey: powers.secret(given['secret-key']),
    sessionToken: token === undefined ? null : powers.secret(token),
  }
  return awsAt(
    { credentials, role, region, endpoint },
    {
      ask: (url, init) => powers.http(url, { ...init, signal: powers.signal, redirect: 'manual' }),
      now: () => powers.clock.now(),
      sleep: (ms) => powers.clock.sleep(ms, powers.signal),
    },
  )
}
