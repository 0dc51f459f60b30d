/** CloudFront as its API describes it: distributions, invalidations by caller reference, configurations that are changed as a whole, and by their ETag only. */
import { type AwsAnswer, type AwsCall, type AwsHandler, elements, escaped, Refusal, xml } from './answers.ts'

export interface DistributionThere {
  status: string
  /** Inside of `DistributionConfig`. */
  config: string
  /** Of this state; another change gives another. */
  etag: string
  /** How often its last change is still seen on its way. */
  looks: number
  readonly invalidations: Map<string, { caller: string; paths: readonly string[]; at: number; looks: number }>
}

export interface PolicyThere {
  etag: string
  enabled: boolean
  /** Null = it goes by a header. */
  weight: number | null
}

export interface Cdn {
  readonly policies: Map<string, PolicyThere>
  readonly distributions: Map<string, DistributionThere>
}

export function emptyCdn(): Cdn {
  return { policies: new Map(), distributions: new Map() }
}

export function distributionThere(config = '<Enabled>true</Enabled>'): DistributionThere {
  return { status: 'Deployed', config, etag: 'E2QWRUHEXAMPLE', looks: 0, invalidations: new Map() }
}

const namespace = 'xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"'

export function cloudfrontHandler(cdn: Cdn): AwsHandler {
  return {
    protocol: 'query',
    action: ({ method, path }) =>
      `cloudfront:${method} ${path.replace('/2020-05-31/', '').replace(/\/[A-Z0-9]+/, '')}`.replace(/\/I\w+$/, '/ID'),
    answer: (call) => {
      if (call.region !== 'us-east-1')
        throw new Refusal(403, 'SignatureDoesNotMatch', 'Credential should be scoped to us-east-1')
      const [, kind = '', id = '', more = ''] = /^\/2020-05-31\/([a-z-]+)\/([^/]+)\/?(.*)$/.exec(call.path) ?? []
      if (kind === 'continuous-deployment-policy') return policyAnswer(cdn, id, more, call)
      const found = cdn.distributions.get(id)
      if (kind !== 'distribution' || !found)
        throw new Refusal(404, 'NoSuchDistribution', 'The specified distribution does not exist.')
      if (more === 'config') return configAnswer(found, call)
      if (more === '') {
        const status = found.looks > 0 ? 'InProgress' : found.status
        found.looks = Math.max(0, found.looks - 1)
        return xml(
          `<Distribution ${namespace}>${elements({ Id: id, Status: status, DomainName: 'd111.cloudfront.net' })}<DistributionConfig>${found.config}</DistributionConfig></Distribution>`,
          { etag: found.etag },
        )
      }
      return invalidationAnswer(found, more, call)
    },
  }
}

function configAnswer(found: DistributionThere, { method, headers, body }: AwsCall): AwsAnswer {
  if (method === 'PUT') {
    if (headers['if-match'] === undefined)
      throw new Refusal(400, 'InvalidIfMatchVersion', 'The If-Match version is missing or not valid for the resource.')
    if (headers['if-match'] !== found.etag) throw new Refusal(412, 'PreconditionFailed', 'The precondition failed.')
    const [, given = ''] = /<DistributionConfig xmlns="[^"]+">(.*)<\/DistributionConfig>$/s.exec(body.toString()) ?? []
    const names = (text: string): readonly string[] => [...text.matchAll(/<(\w+)/g)].map(([, name = '']) => name)
    if (names(given).join() !== names(found.config).join())
      throw new Refusal(400, 'IllegalUpdate', 'The update contains modifications that are not allowed.')
    Object.assign(found, { config: given, etag: `${found.etag}X`, looks: 2 })
  }
  return xml(`<DistributionConfig ${namespace}>${found.config}</DistributionConfig>`, { etag: found.etag })
}

function invalidationAnswer({ invalidations }: DistributionThere, more: string, call: AwsCall): AwsAnswer {
  const [, id = ''] = more.split('/')
  if (call.method === 'POST') return invalidated(invalidations, call)
  if (id !== '') return one(invalidations, id, 200)
  const most = Number(call.query.get('MaxItems') ?? 100)
  // The newest first.
  const all = [...invalidations].toSorted(([, a], [, b]) => b.at - a.at).slice(0, most)
  const items = all.map(
    ([each, { at, looks }]) =>
      `<InvalidationSummary>${elements({ Id: each, CreateTime: new Date(at).toISOString(), Status: looks > 0 ? 'InProgress' : 'Completed' })}</InvalidationSummary>`,
  )
  const head = elements({ Marker: '', MaxItems: most, IsTruncated: invalidations.size > most, Quantity: all.length })
  return xml(`<InvalidationList ${namespace}>${head}<Items>${items.join('')}</Items></InvalidationList>`)
}

function invalidated(invalidations: DistributionThere['invalidations'], { body, now }: AwsCall): AwsAnswer {
  const text = body.toString()
  const paths = [...text.matchAll(/<Path>([^<]*)<\/Path>/g)].map(([, path = '']) => path)
  const caller = /<CallerReference>([^<]+)<\/CallerReference>/.exec(text)?.[1]
  const quantity = Number(/<Quantity>(\d+)<\/Quantity>/.exec(text)?.[1])
  if (caller === undefined || quantity !== paths.length || paths.some((path) => !path.startsWith('/')))
    throw new Refusal(400, 'InvalidArgument', 'Your request contains one or more invalid invalidation paths.')
  const before = [...invalidations].find(([, each]) => each.caller === caller)
  if (before !== undefined && before[1].paths.join() !== paths.join())
    throw new Refusal(400, 'InvalidationBatchAlreadyExists', 'The caller reference was used with another batch.')
  const id = before?.[0] ?? `I${String(invalidations.size + 1).padStart(13, '0')}`
  if (before === undefined) invalidations.set(id, { caller, paths, at: now, looks: 2 })
  return one(invalidations, id, 201)
}

function one(invalidations: DistributionThere['invalidations'], id: string, status: number): AwsAnswer {
  const found = invalidations.get(id)
  if (!found) throw new Refusal(404, 'NoSuchInvalidation', 'The specified invalidation does not exist.')
  const state = found.looks > 0 ? 'InProgress' : 'Completed'
  if (status === 200) found.looks = Math.max(0, found.looks - 1)
  const paths = found.paths.map((path) => `<Path>${escaped(path)}</Path>`).join('')
  const batch = `<InvalidationBatch><Paths><Quantity>${found.paths.length}</Quantity><Items>${paths}</Items></Paths>${elements({ CallerReference: found.caller })}</InvalidationBatch>`
  return xml(
    `<Invalidation ${namespace}>${elements({ Id: id, Status: state, CreateTime: new Date(found.at).toISOString() })}${batch}</Invalidation>`,
    {},
    status,
  )
}

const staging = 'd222.cloudfront.net'

function policyAnswer({ policies }: Cdn, id: string, more: string, { method, headers, body }: AwsCall): AwsAnswer {
  const found = policies.get(id)
  if (!found) throw new Refusal(404, 'NoSuchContinuousDeploymentPolicy', 'The policy does not exist.')
  if (method === 'PUT') {
    if (headers['if-match'] === undefined)
      throw new Refusal(400, 'InvalidIfMatchVersion', 'The If-Match version is missing or not valid for the resource.')
    if (headers['if-match'] !== found.etag) throw new Refusal(412, 'PreconditionFailed', 'The precondition failed.')
    const text = body.toString()
    const weight = Number(/<SingleWeightConfig>.*?<Weight>([^<]*)<\/Weight>/.exec(text)?.[1] ?? Number.NaN)
    if (!text.includes(namespace) || !text.includes(`<DnsName>${staging}</DnsName>`) || !text.includes('<IdleTTL>300'))
      throw new Refusal(400, 'InvalidArgument', 'All fields of the policy must be sent.')
    if (!(weight >= 0 && weight <= 0.15))
      throw new Refusal(400, 'InvalidArgument', 'Weight must be between 0 and 0.15.')
    Object.assign(found, { weight, enabled: text.includes('<Enabled>true</Enabled>'), etag: `${found.etag}X` })
  } else if (more !== 'config') throw new Refusal(404, 'NoSuchResource', 'not known here')
  const sticky = '<SessionStickinessConfig><IdleTTL>300</IdleTTL><MaximumTTL>600</MaximumTTL></SessionStickinessConfig>'
  const traffic =
    found.weight === null
      ? '<SingleHeaderConfig><Header>aws-cf-cd-new</Header><Value>1</Value></SingleHeaderConfig><Type>SingleHeader</Type>'
      : `<SingleWeightConfig><Weight>${found.weight}</Weight>${sticky}</SingleWeightConfig><Type>SingleWeight</Type>`
  const config = `<ContinuousDeploymentPolicyConfig ${namespace}><StagingDistributionDnsNames><Quantity>1</Quantity><Items><DnsName>${staging}</DnsName></Items></StagingDistributionDnsNames><Enabled>${found.enabled}</Enabled><TrafficConfig>${traffic}</TrafficConfig></ContinuousDeploymentPolicyConfig>`
  if (method === 'GET') return xml(config, { etag: found.etag })
  return xml(`<ContinuousDeploymentPolicy ${namespace}>${elements({ Id: id })}${config}</ContinuousDeploymentPolicy>`, {
    etag: found.etag,
  })
}
