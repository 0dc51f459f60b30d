/** AWS as traffic drivers ask it: keys from declared secrets, requests through the guard, and refusals as readings that cannot tell. */
import { type Aws, awsAt } from '../core/aws/client.ts'
import { awsPlace, type AwsSettings } from '../core/aws/place.ts'
import type { Reading, TrafficPowers } from '../core/ports/traffic.ts'

export function awsFor(given: AwsSettings, powers: TrafficPowers): Aws {
  return awsAt(
    awsPlace(given, (name) => powers.secret(name)),
    {
      ask: (url, { body, ...init }) =>
        powers.http(url, {
          ...init,
          ...(typeof body === 'string' && { body }),
          signal: powers.signal,
          redirect: 'manual',
        }),
      now: () => powers.clock.now(),
      sleep: (ms) => powers.clock.sleep(ms, powers.signal),
    },
  )
}

/** What cannot be read is said, and never a weight. */
export async function readingOf(read: () => Promise<Reading>): Promise<Reading> {
  try {
    return await read()
  } catch (fault) {
    return cannotTell(fault instanceof Error ? fault.message : String(fault))
  }
}

export function cannotTell(say: string): Reading {
  return { kind: 'cannot-tell', say }
}
