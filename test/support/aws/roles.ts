/** The service of AWS that gives temporary keys for a role, to whom the role trusts. */
import { type AwsHandler, elements, formAnswer, Refusal } from './answers.ts'
import type { KnownKey } from './signature.ts'

export interface Roles {
  /** ARNs of roles that may be taken on. */
  readonly trusted: Set<string>
  /** What was given, newest last. */
  readonly given: KnownKey[]
}

export function rolesHandler(roles: Roles): AwsHandler {
  return {
    protocol: 'query',
    action: ({ form }) => `sts:${form.get('Action')}`,
    answer: ({ form, now }) => {
      const arn = form.get('RoleArn') ?? ''
      if (form.get('Action') !== 'AssumeRole' || form.get('Version') !== '2011-06-15')
        throw new Refusal(400, 'InvalidAction', 'Could not find operation')
      if (!roles.trusted.has(arn))
        throw new Refusal(403, 'AccessDenied', `not authorized to perform: sts:AssumeRole on ${arn}`)
      const count = roles.given.length + 1
      const key = { accessKey: `ASIAEXAMPLE${count}`, secretKey: `temporary/${count}`, token: `token+${count}==` }
      roles.given.push(key)
      const expires = new Date(now + Number(form.get('DurationSeconds')) * 1000).toISOString()
      const values = {
        AccessKeyId: key.accessKey,
        SecretAccessKey: key.secretKey,
        SessionToken: key.token,
        Expiration: expires,
      }
      return formAnswer('AssumeRole', `<Credentials>${elements(values)}</Credentials>`)
    },
  }
}
