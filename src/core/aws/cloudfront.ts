/** Distributions of CloudFront: their state and configuration, invalidations, and how much of the calls a staging distribution gets. */
import type { Instant } from '../units.ts'
import { type Aws, AwsFault, type AwsRequest, orNone, xmlOf } from './client.ts'
import { encodePart } from './sign.ts'
import { escapeXml, nodesAt, textAt, type XmlNode } from './xml.ts'

export interface Distribution {
  /** `Deployed`, `InProgress`. */
  readonly status: string
  readonly domain: string
  readonly isEnabled: boolean
  /** `DistributionConfig`. */
  readonly config: XmlNode
}

export interface Invalidation {
  readonly id: string
  /** `Completed`, `InProgress`. */
  readonly status: string
  readonly at: Instant
  readonly paths: readonly string[]
  readonly caller: string
}

/** What a policy for continuous deployment says. */
export interface DeploymentPolicy {
  readonly isEnabled: boolean
  /** Part of the calls, 0 to 0.15, for the staging distribution; null = it goes by a header. */
  readonly weight: number | null
  readonly config: XmlNode
  /** The text it came in. */
  readonly text: string
  /** Of this state; an order for another one is refused. */
  readonly etag: string
}

const root = '/2020-05-31'

/** Null = there is none. Throws AwsFault. */
export async function distributionOf(aws: Aws, id: string): Promise<Distribution | null> {
  const node = await orNone(read(aws, { path: `${root}/distribution/${encodePart(id)}` }), 'NoSuchDistribution')
  if (node === null) return null
  const [config] = nodesAt(node, 'DistributionConfig')
  const status = textAt(node, 'Status')
  if (config === undefined || status === null)
    throw new AwsFault(`the answer about ${id} is not as CloudFront gives it`, '', 200)
  return { status, config, domain: textAt(node, 'DomainName') ?? '', isEnabled: textAt(config, 'Enabled') === 'true' }
}

/** Null = there is none. Throws AwsFault. */
export async function invalidationOf(aws: Aws, distribution: string, id: string): Promise<Invalidation | null> {
  const path = `${invalidationsOf(distribution)}/${encodePart(id)}`
  const node = await orNone(read(aws, { path }), 'NoSuchInvalidation')
  return node === null ? null : invalidationIn(node)
}

/** The newest ones, the newest first, at most so many. Throws AwsFault. */
export async function newestInvalidations(
  aws: Aws,
  distribution: string,
  most: number,
): Promise<readonly Invalidation[]> {
  const node = await read(aws, { path: invalidationsOf(distribution), query: [['MaxItems', String(most)]] })
  const ids = nodesAt(node, 'Items', 'InvalidationSummary').map((each) => ({
    id: textAt(each, 'Id') ?? '',
    at: Date.parse(textAt(each, 'CreateTime') ?? ''),
  }))
  const found: Invalidation[] = []
  for (const { id } of ids.toSorted((a, b) => b.at - a.at)) {
    const one = await invalidationOf(aws, distribution, id)
    if (one !== null) found.push(one)
  }
  return found
}

/** The same caller and paths give the same one, however often it is asked for. Throws AwsFault. */
export async function createInvalidation(
  aws: Aws,
  distribution: string,
  caller: string,
  paths: readonly string[],
): Promise<Invalidation> {
  const items = paths.map((path) => `<Path>${escapeXml(path)}</Path>`).join('')
  const body = `<?xml version="1.0" encoding="UTF-8"?><InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Paths><Quantity>${paths.length}</Quantity><Items>${items}</Items></Paths><CallerReference>${escapeXml(caller)}</CallerReference></InvalidationBatch>`
  const headers = { 'content-type': 'text/xml' }
  // A caller reference makes it safe to ask again.
  return invalidationIn(await read(aws, { method: 'POST', path: invalidationsOf(distribution), headers, body }))
}

/** Null = there is none. Throws AwsFault. */
export async function deploymentPolicyOf(aws: Aws, id: string): Promise<DeploymentPolicy | null> {
  const answer = await orNone(
    aws.ask('cloudfront', { path: `${policyPath(id)}/config` }),
    'NoSuchContinuousDeploymentPolicy',
  )
  if (answer === null) return null
  const text = await answer.text()
  const config = xmlOf(text, `policy ${id}`)
  const etag = answer.headers.get('etag')
  if (etag === null || config.name !== 'ContinuousDeploymentPolicyConfig')
    throw new AwsFault(`the answer about policy ${id} is not as CloudFront gives it`, '', 200)
  const weight = textAt(config, 'TrafficConfig', 'SingleWeightConfig', 'Weight')
  return {
    isEnabled: textAt(config, 'Enabled') === 'true',
    weight: weight === null || Number.isNaN(Number(weight)) ? null : Number(weight),
    config,
    text,
    etag,
  }
}

/** With another weight, and everything else as it was. Throws AwsFault, also when somebody has changed it since: `PreconditionFailed`. */
export async function setDeploymentWeight(
  aws: Aws,
  id: string,
  { etag, config }: Pick<DeploymentPolicy, 'etag' | 'config'>,
  to: { readonly weight: number; readonly isEnabled: boolean },
): Promise<void> {
  const changed = over(config, [], (way, text) =>
    way === 'Enabled'
      ? String(to.isEnabled)
      : way === 'TrafficConfig/SingleWeightConfig/Weight'
        ? String(Number(to.weight.toFixed(4)))
        : text,
  )
  const headers = { 'content-type': 'text/xml', 'if-match': etag }
  const body = `<?xml version="1.0" encoding="UTF-8"?>${changed.replace('<ContinuousDeploymentPolicyConfig>', '<ContinuousDeploymentPolicyConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">')}`
  await read(aws, { method: 'PUT', path: policyPath(id), headers, body, changes: true })
}

/** A tree as text, with other texts at some of its ways. */
function over(node: XmlNode, way: readonly string[], text: (way: string, text: string) => string): string {
  const inside =
    node.children.length > 0
      ? node.children.map((child) => over(child, [...way, child.name], text)).join('')
      : escapeXml(text(way.join('/'), node.text))
  return `<${node.name}>${inside}</${node.name}>`
}

function invalidationsOf(distribution: string): string {
  return `${root}/distribution/${encodePart(distribution)}/invalidation`
}

function policyPath(id: string): string {
  return `${root}/continuous-deployment-policy/${encodePart(id)}`
}

async function read(aws: Aws, request: AwsRequest): Promise<XmlNode> {
  return xmlOf(await (await aws.ask('cloudfront', request)).text(), 'a question to CloudFront')
}

function invalidationIn(node: XmlNode): Invalidation {
  const id = textAt(node, 'Id')
  const status = textAt(node, 'Status')
  const at = Date.parse(textAt(node, 'CreateTime') ?? '')
  if (id === null || status === null || Number.isNaN(at))
    throw new AwsFault('the answer about the invalidation is not as CloudFront gives it', '', 200)
  return {
    id,
    status,
    at,
    paths: nodesAt(node, 'InvalidationBatch', 'Paths', 'Items', 'Path').map(({ text }) => text),
    caller: textAt(node, 'InvalidationBatch', 'CallerReference') ?? '',
  }
}
