/** `yaml run kind: aws-cloudfront-config`: values in the configuration of a distribution are set, and that every place has them is waited for. */
import { z } from 'zod'
import type { Aws } from '../core/aws/client.ts'
import { configOf, distributionOf, updateConfig } from '../core/aws/cloudfront.ts'
import { awsAddresses, awsFields, awsSecrets } from '../core/aws/fields.ts'
import { elementsAt, isWay, withText } from '../core/aws/way.ts'
import type { XmlNode } from '../core/aws/xml.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { everyField, msOf, withAws } from './parts/aws.ts'

const config = z.strictObject({
  distribution: z.string().min(1).describe('Its id, such as E2EXAMPLE'),
  set: z
    .record(
      z.string().refine(isWay, { error: 'expected a way such as DefaultCacheBehavior.TargetOriginId' }),
      z.union([z.string(), z.number(), z.boolean()]),
    )
    .refine((ways) => Object.keys(ways).length > 0, { error: 'expected at least one way and its value' })
    .describe(
      'Ways in its configuration and what has to stand there, such as `Origins.Items.Origin[Id=web].OriginPath: /v2`',
    ),
  wait: z.boolean().default(true).describe('Until every place has it'),
  every: everyField,
  ...awsFields,
})

type Config = z.infer<typeof config>

export const awsCloudfrontConfig = defineAction({
  kind: 'aws-cloudfront-config',
  summary:
    'Values in the configuration of a distribution of CloudFront are set, changed only as it was read, and waited for',
  config,
  timeoutMs: 1_800_000,
  example:
    '```yaml run\nkind: aws-cloudfront-config\ndistribution: E2EXAMPLE\nset: { DefaultCacheBehavior.TargetOriginId: canary }\nirreversible: the rollback sets the origin before\n```',
  captures: [],
  secrets: (given) => awsSecrets(given),
  programs: [],
  addresses: awsAddresses(['cloudfront']),
  run: (given, powers) =>
    withAws(given, powers, async (aws) => {
      const { distribution } = given
      const { config: before, etag } = await read(aws, given)
      const different = differences(before, given)
      if (different.length > 0) {
        powers.say(`setting ${different.join(', ')}`)
        await updateConfig(aws, distribution, changed(before, given), etag)
        const left = differences((await read(aws, given)).config, given)
        if (left.length > 0)
          throw new ActionFault(`${left.join(', ')} is not as it was set; does somebody else change it?`)
      }
      if (given.wait) await deployed(aws, given, powers)
      return different.length === 0
        ? `${distribution} was configured so already`
        : `${distribution}: ${different.join(', ')} set`
    }),
  probe: (given, powers) =>
    withAws(given, powers, async (aws) => {
      if (differences((await read(aws, given)).config, given).length > 0) return false
      return !given.wait || (await distributionOf(aws, given.distribution))?.status === 'Deployed'
    }),
})

async function read(aws: Aws, { distribution }: Config): Promise<{ readonly config: XmlNode; readonly etag: string }> {
  const found = await configOf(aws, distribution)
  if (found === null) throw new ActionFault(`there is no distribution ${distribution}`)
  return found
}

/** Ways whose value is another. One that leads nowhere, to many or to more than a value is a mistake. */
function differences(tree: XmlNode, { distribution, set }: Config): readonly string[] {
  return Object.entries(set).flatMap(([way, value]) => {
    const found = elementsAt(tree, way)
    const [one] = found
    if (one === undefined) throw new ActionFault(`there is no ${way} in the configuration of ${distribution}`)
    if (found.length > 1)
      throw new ActionFault(
        `${way} stands ${found.length} times in the configuration of ${distribution}; choose one by [Id=…]`,
      )
    if (one.children.length > 0)
      throw new ActionFault(`${way} is no single value in the configuration of ${distribution}`)
    return one.text === String(value) ? [] : [way]
  })
}

function changed(tree: XmlNode, { set }: Config): XmlNode {
  return Object.entries(set).reduce((now, [way, value]) => withText(now, way, String(value)), tree)
}

async function deployed(aws: Aws, { distribution, every }: Config, powers: ActionPowers): Promise<void> {
  for (;;) {
    const found = await distributionOf(aws, distribution)
    if (found === null) throw new ActionFault(`distribution ${distribution} is gone`)
    if (found.status === 'Deployed') return
    await powers.sleep(msOf(every))
  }
}
