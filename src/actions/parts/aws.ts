/** AWS as actions use it: keys from declared secrets, and its refusals as theirs. */
import { z } from 'zod'
import { type Aws, awsAt, AwsFault } from '../../core/aws/client.ts'
import { awsPlace, type AwsSettings } from '../../core/aws/place.ts'
import { parseDuration } from '../../core/plan/duration.ts'
import { ActionFault, type ActionPowers } from '../../core/ports/action.ts'
import type { Millis } from '../../core/units.ts'

export async function withAws<T>(given: AwsSettings, powers: ActionPowers, use: (aws: Aws) => Promise<T>): Promise<T> {
  const aws = awsAt(
    awsPlace(given, (name) => powers.secret(name)),
    { ask: powers.http, now: () => Date.now(), sleep: powers.sleep },
  )
  try {
    return await use(aws)
  } catch (fault) {
    throw fault instanceof AwsFault ? new ActionFault(fault.message, fault.status) : fault
  }
}

/** How often something is looked at that takes a while. */
export const everyField = z
  .string()
  .refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 10s' })
  .default('10s')
  .describe('How often it is looked at until it is so')

export function msOf(duration: string): Millis {
  const parsed = parseDuration(duration)
  return parsed.ok ? parsed.value : 0
}
