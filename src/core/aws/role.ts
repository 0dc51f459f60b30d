/** Takes on a role of AWS: temporary keys for it, kept as long as they last. */
import type { Instant } from '../units.ts'
import type { Aws } from './client.ts'
import { AwsFault } from './fault.ts'
import type { AwsCredentials } from './sign.ts'
import { textAt } from './xml.ts'

/** New keys are asked for when the old ones end this soon. */
const marginMs = 300_000

/** Asks with the keys that take it on. Throws AwsFault. */
export function roleKeys(role: string): (aws: Aws) => Promise<AwsCredentials> {
  let kept: { readonly credentials: AwsCredentials; readonly until: Instant } | null = null
  return async (aws) => {
    if (kept !== null && kept.until - aws.now() > marginMs) return kept.credentials
    const result = await aws.form('sts', '2011-06-15', 'AssumeRole', {
      RoleArn: role,
      RoleSessionName: 'holdpoint',
      DurationSeconds: '3600',
    })
    const said = (name: string): string => {
      const text = textAt(result, 'Credentials', name)
      if (text === null) throw new AwsFault(`the keys for ${role} come without ${name}`, '', 200)
      return text
    }
    const until = Date.parse(said('Expiration'))
    if (Number.isNaN(until)) throw new AwsFault(`the keys for ${role} do not say how long they last`, '', 200)
    const credentials = {
      accessKey: said('AccessKeyId'),
      secretKey: said('SecretAccessKey'),
      sessionToken: said('SessionToken'),
    }
    kept = { credentials, until }
    return credentials
  }
}
