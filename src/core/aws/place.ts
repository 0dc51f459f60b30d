/** Where a block asks AWS and as whom, from its settings. */
import type { AwsPlace } from './client.ts'

/** As checks, actions and traffic drivers have them; keys are names of declared secrets. */
export interface AwsSettings {
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  readonly 'access-key': string
  readonly 'secret-key': string
  readonly 'session-token'?: string | undefined
  readonly role?: string | undefined
}

/** `secret` gives the value of a declared secret, and throws when it may not be had. */
export function awsPlace(given: AwsSettings, secret: (name: string) => string): AwsPlace {
  const { region = null, endpoint = null, role = null, 'session-token': token } = given
  const credentials = {
    accessKey: secret(given['access-key']),
    secretKey: secret(given['secret-key']),
    sessionToken: token === undefined ? null : secret(token),
  }
  return { credentials, role, region, endpoint }
}
