/** Distributions of CloudFront: their state, their configuration, and invalidations of their caches. */
import type { Instant } from '../units.ts'
import { type Aws, AwsFault, type AwsRequest, orNone, xmlOf } from './client.ts'
import { encodePart } from './sign.ts'
import { escapeXml, nodesAt, textAt, writeXml, type XmlNode } from './xml.ts'

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

const root = '/2020-05-31'
const namespace = 'http://cloudfront.amazonaws.com/doc/2020-05-31/'

/** Null = there is none. Throws AwsFault. */
export async function distributionOf(aws: Aws, id: string): Promise<Distribution | null> {
  const node = await orNone(read(aws, { path: distributionPath(id) }), 'NoSuchDistribution')
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
  const body = `<?xml version="1.0" encoding="UTF-8"?><InvalidationBatch xmlns="${namespace}"><Paths><Quantity>${paths.length}</Quantity><Items>${items}</Items></Paths><CallerReference>${escapeXml(caller)}</CallerReference></InvalidationBatch>`
  const headers = { 'content-type': 'text/xml' }
  // A caller reference makes it safe to ask again.
  return invalidationIn(await read(aws, { method: 'POST', path: invalidationsOf(distribution), headers, body }))
}

/** Its configuration, with the ETag of that state; null = there is none. Throws AwsFault. */
export async function configOf(
  aws: Aws,
  id: string,
): Promise<{ readonly config: XmlNode; readonly etag: string } | null> {
  const answer = await orNone(aws.ask('cloudfront', { path: `${distributionPath(id)}/config` }), 'NoSuchDistribution')
  if (answer === null) return null
  const config = xmlOf(await answer.text(), `the configuration of ${id}`)
  const etag = answer.headers.get('etag')
  if (etag === null || config.name !== 'DistributionConfig')
    throw new AwsFault(`the answer about ${id} is not as CloudFront gives it`, '', 200)
  return { config, etag }
}

/** The whole configuration anew. Throws AwsFault, also when somebody has changed it since: `PreconditionFailed`. */
export async function updateConfig(aws: Aws, id: string, config: XmlNode, etag: string): Promise<void> {
  const headers = { 'content-type': 'text/xml', 'if-match': etag }
  const inside = config.children.map(writeXml).join('')
  const body = `<?xml version="1.0" encoding="UTF-8"?><DistributionConfig xmlns="${namespace}">${inside}</DistributionConfig>`
  await read(aws, { method: 'PUT', path: `${distributionPath(id)}/config`, headers, body, changes: true })
}

function invalidationsOf(distribution: string): string {
  return `${distributionPath(distribution)}/invalidation`
}

function distributionPath(id: string): string {
  return `${root}/distribution/${encodePart(id)}`
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
