/** How much of the calls a policy of CloudFront gives to a staging distribution. */
import { type Aws, AwsFault, orNone, xmlOf } from './client.ts'
import { encodePart } from './sign.ts'
import { withText } from './way.ts'
import { textAt, writeXml, type XmlNode } from './xml.ts'

export interface DeploymentPolicy {
  readonly isEnabled: boolean
  /** Part of the calls, 0 to 0.15; null = it goes by a header instead. */
  readonly weight: number | null
  readonly config: XmlNode
  /** Of this state; an order for another one is refused. */
  readonly etag: string
}

const root = 'ContinuousDeploymentPolicyConfig'

/** Null = there is none. Throws AwsFault. */
export async function deploymentPolicyOf(aws: Aws, id: string): Promise<DeploymentPolicy | null> {
  const asked = aws.ask('cloudfront', { path: `${pathOf(id)}/config` })
  const answer = await orNone(asked, 'NoSuchContinuousDeploymentPolicy')
  if (answer === null) return null
  const config = xmlOf(await answer.text(), `policy ${id}`)
  const etag = answer.headers.get('etag')
  const enabled = textAt(config, 'Enabled')
  if (etag === null || config.name !== root || (enabled !== 'true' && enabled !== 'false'))
    throw new AwsFault(`the answer about policy ${id} is not as CloudFront gives it`, '', 200)
  const weight = Number(textAt(config, 'TrafficConfig', 'SingleWeightConfig', 'Weight') ?? Number.NaN)
  return { isEnabled: enabled === 'true', weight: Number.isNaN(weight) ? null : weight, config, etag }
}

/** With another weight, and everything else as it was. Throws AwsFault, also when somebody has changed it since: `PreconditionFailed`. */
export async function setDeploymentWeight(
  aws: Aws,
  id: string,
  { config, etag }: Pick<DeploymentPolicy, 'config' | 'etag'>,
  to: { readonly weight: number; readonly isEnabled: boolean },
): Promise<void> {
  const weighed = withText(config, 'TrafficConfig.SingleWeightConfig.Weight', String(to.weight))
  const inside = withText(weighed, 'Enabled', String(to.isEnabled)).children.map(writeXml).join('')
  const body = `<?xml version="1.0" encoding="UTF-8"?><${root} xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">${inside}</${root}>`
  const headers = { 'content-type': 'text/xml', 'if-match': etag }
  await aws.ask('cloudfront', { method: 'PUT', path: pathOf(id), headers, body, changes: true })
}

function pathOf(id: string): string {
  return `/2020-05-31/continuous-deployment-policy/${encodePart(id)}`
}
