/** `yaml run kind: aws-cloudfront-invalidate`: a cache is cleared, once per step of a release, and that it was is waited for. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  createInvalidation,
  distributionOf,
  type Invalidation,
  invalidationOf,
  newestInvalidations,
} from '../core/aws/cloudfront.ts'
import { awsAddresses, awsFields, awsSecrets } from '../core/aws/fields.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { everyField, msOf, withAws } from './parts/aws.ts'

const config = z.strictObject({
  distribution: z.string().min(1).describe('Its id, such as E2EXAMPLE'),
  paths: z
    .array(z.string().startsWith('/', { error: 'expected a path such as /index.html or /*' }))
    .min(1)
    .max(3000)
    .default(['/*'])
    .describe('Paths, with * at their end'),
  every: everyField,
  ...awsFields,
})

type Config = z.infer<typeof config>

/** One of ours is among them, unless somebody clears the cache many times in a step. */
const mostLooked = 20

export const awsCloudfrontInvalidate = defineAction({
  kind: 'aws-cloudfront-invalidate',
  summary: 'The cache of a distribution of CloudFront is cleared, once per step of a release, and that is waited for',
  config,
  timeoutMs: 1_200_000,
  example:
    '```yaml run\nkind: aws-cloudfront-invalidate\ndistribution: E2EXAMPLE\npaths: [/*]\nirreversible: an empty cache fills by itself\n```',
  captures: ['invalidation'],
  secrets: (given) => awsSecrets(given),
  programs: [],
  addresses: awsAddresses(['cloudfront']),
  run: (given, powers) =>
    withAws(given, powers, async (aws) => {
      const { distribution, paths } = given
      const caller = callerOf(given, powers)
      if ((await distributionOf(aws, distribution)) === null)
        throw new ActionFault(`there is no distribution ${distribution}`)
      // The same caller and paths are the same invalidation, however often it is asked for.
      let current: Invalidation = await createInvalidation(aws, distribution, caller, paths)
      powers.capture('invalidation', current.id)
      powers.say(`invalidation ${current.id} of ${paths.join(', ')}`)
      while (current.status !== 'Completed') {
        await powers.sleep(msOf(given.every))
        const seen = await invalidationOf(aws, distribution, current.id)
        if (seen === null) throw new ActionFault(`invalidation ${current.id} is gone`)
        current = seen
      }
      return `invalidation ${current.id} is completed`
    }),
  probe: (given, powers) =>
    withAws(given, powers, async (aws) => {
      const caller = callerOf(given, powers)
      if ((await distributionOf(aws, given.distribution)) === null)
        throw new ActionFault(`there is no distribution ${given.distribution}`)
      const newest = await newestInvalidations(aws, given.distribution, mostLooked)
      return newest.some((each) => each.caller === caller && each.status === 'Completed')
    }),
})

/** The same for every attempt of a step, and another for its undo, other paths, another step or release. */
function callerOf({ distribution, paths }: Config, { facts }: ActionPowers): string {
  const { release = '', attempt = '' } = facts
  if (release === '') throw new ActionFault('it belongs to no release, and what was cleared could not be found again')
  const step = attempt.slice(0, attempt.lastIndexOf('/') + 1)
  const isUndo = /\/undo-\d+$/.test(attempt)
  const named = JSON.stringify([release, step, isUndo, distribution, paths])
  return `holdpoint-${createHash('sha256').update(named).digest('hex').slice(0, 24)}`
}
