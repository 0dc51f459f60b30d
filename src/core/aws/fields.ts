/** Settings that everything about AWS has: which region, with which keys, and where a stand-in of it answers. */
import { z } from 'zod'
import type { Json } from '../units.ts'
import { type AwsService, endpointOf } from './services.ts'

const secretName = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, { error: 'expected the name of a secret such as AWS_ACCESS_KEY_ID, never its value' })

const names = { 'access-key': 'AWS_ACCESS_KEY_ID', 'secret-key': 'AWS_SECRET_ACCESS_KEY' } as const

export const awsRegion = z
  .string()
  .regex(/^(?:[a-z]{2,3}(?:-[a-z]+)+-\d{1,2}|[^{]*\{\{.*)$/, { error: 'expected a region such as eu-west-1' })
  .describe('Where it is, such as eu-west-1')

export const awsEndpoint = z
  .string()
  .regex(/^(?:https?:\/\/\S|\{\{)/, { error: 'expected an address such as http://127.0.0.1:5000' })
  .optional()
  .describe('Address that is asked instead of that of AWS')

export const awsRole = z
  .string()
  .regex(/^(?:arn:aws[\w-]*:iam::\d{12}:role\/\S+|.*\{\{.*)$/, {
    error: 'expected an ARN such as arn:aws:iam::123456789012:role/release',
  })
  .optional()
  .describe('ARN of the role that is taken on with these keys')

/** Keys by the names of declared secrets: of checks and actions. */
export const awsFields = {
  'access-key': secretName
    .default(names['access-key'])
    .describe('Name of the declared secret with the id of the access key'),
  'secret-key': secretName
    .default(names['secret-key'])
    .describe('Name of the declared secret with the secret access key'),
  'session-token': secretName.optional().describe('Name of the declared secret with the token of temporary keys'),
  role: awsRole,
  endpoint: awsEndpoint,
}

/** Names of secrets that settings, as they are written, need. */
export function awsSecrets(given: Readonly<Record<string, Json | undefined>>): readonly string[] {
  const token = given['session-token']
  return [
    ...(['access-key', 'secret-key'] as const).map((field) => {
      const name = given[field]
      return typeof name === 'string' ? name : names[field]
    }),
    ...(typeof token === 'string' ? [token] : []),
  ]
}

/** Where these services are asked under these settings, as they are written. */
export function awsAddresses(
  services: readonly AwsService[],
): (given: Readonly<Record<string, Json | undefined>>) => readonly string[] {
  return ({ region, endpoint, role }) => {
    if (typeof endpoint === 'string') return [endpoint]
    const all = typeof role === 'string' ? [...services, 'sts' as const] : services
    return all.map((service) => endpointOf(service, typeof region === 'string' ? region : null))
  }
}
