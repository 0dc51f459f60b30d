/** AWS as checks ask it: their settings with values, keys from declared secrets, requests through the guard. */
import { type Aws, awsAt } from '../../core/aws/client.ts'
import { awsPlace, type AwsSettings } from '../../core/aws/place.ts'
import type { CheckPowers } from '../../core/ports/check.ts'

export { filledBy } from '../parts/filled-settings.ts'

export function awsFor(given: AwsSettings, powers: CheckPowers): Aws {
  return awsAt(
    awsPlace(given, (name) => powers.secret(name)),
    {
      ask: (url, init) => powers.http(url, { ...init, signal: powers.signal, redirect: 'manual' }),
      now: () => powers.clock.now(),
      sleep: (ms) => powers.clock.sleep(ms, powers.signal),
    },
  )
}
