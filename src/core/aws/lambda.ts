/** Functions of Lambda: their versions, and aliases that send a part of the calls to a second version. */
import { z } from 'zod'
import { type Aws, AwsFault, type AwsRequest, jsonOf, orNone } from './client.ts'
import { encodePart } from './sign.ts'

const alias = z.object({
  FunctionVersion: z.string(),
  RevisionId: z.string(),
  RoutingConfig: z.object({ AdditionalVersionWeights: z.record(z.string(), z.number()).nullish() }).nullish(),
})

const configuration = z.object({
  Version: z.string(),
  CodeSha256: z.string(),
  Runtime: z.string().nullish(),
  LastModified: z.string().nullish(),
  MemorySize: z.number().nullish(),
  State: z.string().nullish(),
  StateReason: z.string().nullish(),
  LastUpdateStatus: z.string().nullish(),
  RevisionId: z.string().nullish(),
})

export interface LambdaAlias {
  readonly version: string
  /** Parts of the calls, 0 to 1, that go to other versions. */
  readonly weights: Readonly<Record<string, number>>
  /** Changes with every change; an order for another one is refused. */
  readonly revision: string
}

export interface LambdaVersion {
  /** `$LATEST`, or a number. */
  readonly version: string
  readonly codeSha256: string
  /** Null = an image of its own, or it does not say. */
  readonly runtime: string | null
  readonly memoryMb: number | null
  /** `Active`; null = it does not say. */
  readonly state: string | null
  readonly stateReason: string | null
  /** `Successful`; null = it does not say. */
  readonly lastUpdate: string | null
}

/** Null = there is no such function or alias. Throws AwsFault. */
export async function aliasOf(aws: Aws, name: string, of: string): Promise<LambdaAlias | null> {
  return aliasIn(await orNone(read(aws, { path: aliasPath(name, of) }), 'ResourceNotFoundException'))
}

/** Of a version, an alias, or what is not published; null = there is none. Throws AwsFault. */
export async function functionOf(aws: Aws, name: string, qualifier?: string): Promise<LambdaVersion | null> {
  const query = qualifier === undefined ? {} : { query: [['Qualifier', qualifier] as const] }
  const body = await orNone(read(aws, { path: `${pathOf(name)}/configuration`, ...query }), 'ResourceNotFoundException')
  return body === null ? null : versionIn(body)
}

/** Throws AwsFault, also when somebody has changed it since: `PreconditionFailedException`. */
export async function updateAlias(
  aws: Aws,
  name: string,
  of: string,
  to: Pick<LambdaAlias, 'version' | 'weights' | 'revision'>,
): Promise<LambdaAlias> {
  const body = JSON.stringify({
    FunctionVersion: to.version,
    RoutingConfig: { AdditionalVersionWeights: to.weights },
    RevisionId: to.revision,
  })
  const answer = await read(aws, {
    method: 'PUT',
    path: aliasPath(name, of),
    body,
    headers: jsonHeaders,
    changes: true,
  })
  return aliasIn(answer) as LambdaAlias
}

/** The version with the code that is not published yet; where that is published already, the one that has it. Throws AwsFault. */
export async function publishVersion(aws: Aws, name: string, codeSha256: string): Promise<LambdaVersion> {
  const body = JSON.stringify({ CodeSha256: codeSha256 })
  const path = `${pathOf(name)}/versions`
  return versionIn(await read(aws, { method: 'POST', path, body, headers: jsonHeaders, changes: true }))
}

/** Published ones, the oldest first. Throws AwsFault. */
export async function versionsOf(aws: Aws, name: string): Promise<readonly LambdaVersion[]> {
  const found: LambdaVersion[] = []
  let marker: string | null = null
  do {
    const query: [string, string][] = [
      ['MaxItems', '50'],
      ...(marker === null ? [] : [['Marker', marker] as [string, string]]),
    ]
    const page = z
      .object({ Versions: z.array(z.unknown()), NextMarker: z.string().nullish() })
      .safeParse(await read(aws, { path: `${pathOf(name)}/versions`, query }))
    if (!page.success) throw new AwsFault(`the list of versions of ${name} is not as Lambda gives it`, '', 200)
    found.push(...page.data.Versions.map(versionIn))
    marker = page.data.NextMarker ?? null
  } while (marker !== null && marker !== '')
  return found.filter(({ version }) => version !== '$LATEST').toSorted((a, b) => Number(a.version) - Number(b.version))
}

const jsonHeaders = { 'content-type': 'application/json' }

function pathOf(name: string): string {
  return `/2015-03-31/functions/${encodePart(name)}`
}

function aliasPath(name: string, of: string): string {
  return `${pathOf(name)}/aliases/${encodePart(of)}`
}

async function read(aws: Aws, request: AwsRequest): Promise<unknown> {
  return jsonOf(await (await aws.ask('lambda', request)).text(), 'a question to Lambda')
}

function aliasIn(body: unknown): LambdaAlias | null {
  if (body === null) return null
  const read = alias.safeParse(body)
  if (!read.success) throw new AwsFault('the answer about the alias is not as Lambda gives it', '', 200)
  const { FunctionVersion: version, RevisionId: revision, RoutingConfig: routing } = read.data
  return { version, revision, weights: routing?.AdditionalVersionWeights ?? {} }
}

function versionIn(body: unknown): LambdaVersion {
  const read = configuration.safeParse(body)
  if (!read.success) throw new AwsFault('the answer about the function is not as Lambda gives it', '', 200)
  const { data } = read
  return {
    version: data.Version,
    codeSha256: data.CodeSha256,
    runtime: data.Runtime ?? null,
    memoryMb: data.MemorySize ?? null,
    state: data.State ?? null,
    stateReason: data.StateReason ?? null,
    lastUpdate: data.LastUpdateStatus ?? null,
  }
}
