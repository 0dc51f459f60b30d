/** Lambda as its API describes it: versions that are published once per code, aliases with weights and a revision that orders must name. */
import { createHash, randomUUID } from 'node:crypto'
import { type AwsAnswer, type AwsCall, type AwsHandler, json, Refusal } from './answers.ts'

export interface FunctionThere {
  /** Code of what is not published, and of each version. */
  latest: string
  readonly versions: Map<string, string>
  readonly aliases: Map<string, { version: string; weights: Record<string, number>; revision: string }>
  state: string
  lastUpdate: string
  runtime: string
}

export type Functions = Map<string, FunctionThere>

export function functionThere(versions: number): FunctionThere {
  const all = Array.from({ length: versions }, (_, index) => [String(index + 1), `code ${index + 1}`] as const)
  const rest = { state: 'Active', lastUpdate: 'Successful', runtime: 'nodejs22.x' }
  return { latest: `code ${versions}`, versions: new Map(all), aliases: new Map(), ...rest }
}

export function aliasThere(
  version: string,
  weights: Record<string, number> = {},
): { version: string; weights: Record<string, number>; revision: string } {
  return { version, weights, revision: randomUUID() }
}

export function lambdaHandler(functions: Functions): AwsHandler {
  return {
    protocol: 'rest-json',
    action: ({ method, path }) =>
      path.includes('/aliases/')
        ? `lambda:${method === 'PUT' ? 'UpdateAlias' : 'GetAlias'}`
        : path.endsWith('/configuration')
          ? 'lambda:GetFunctionConfiguration'
          : `lambda:${method === 'POST' ? 'PublishVersion' : 'ListVersionsByFunction'}`,
    answer: (call) => {
      const [, name = '', kind = '', rest = ''] =
        /^\/2015-03-31\/functions\/([^/]+)\/(\w+)(?:\/(.+))?$/.exec(call.path) ?? []
      const found = functions.get(name)
      if (!found) throw new Refusal(404, 'ResourceNotFoundException', `Function not found: ${name}`)
      if (kind === 'configuration') return json(configurationOf(name, found, call.query.get('Qualifier')))
      if (kind === 'versions') return call.method === 'POST' ? published(name, found, call) : listed(name, found, call)
      const alias = found.aliases.get(rest)
      if (kind !== 'aliases' || !alias)
        throw new Refusal(404, 'ResourceNotFoundException', `Cannot find alias arn: ${rest}`)
      if (call.method === 'PUT') return changed(rest, found, call)
      return aliasAnswer(rest, found)
    },
  }
}

function aliasAnswer(name: string, { aliases }: FunctionThere): AwsAnswer {
  const { version, weights, revision } = aliases.get(name) ?? aliasThere('1')
  const routing = Object.keys(weights).length > 0 ? { RoutingConfig: { AdditionalVersionWeights: weights } } : {}
  return json({ Name: name, FunctionVersion: version, Description: '', ...routing, RevisionId: revision })
}

function changed(name: string, found: FunctionThere, { body }: AwsCall): AwsAnswer {
  const given = JSON.parse(body.toString()) as {
    FunctionVersion?: string
    RevisionId?: string
    RoutingConfig?: { AdditionalVersionWeights?: Record<string, number> }
  }
  const alias = found.aliases.get(name) ?? aliasThere('1')
  if (given.RevisionId !== undefined && given.RevisionId !== alias.revision)
    throw new Refusal(
      412,
      'PreconditionFailedException',
      'The Revision Id provided does not match the latest Revision Id.',
    )
  const version = given.FunctionVersion ?? alias.version
  const weights = given.RoutingConfig?.AdditionalVersionWeights ?? alias.weights
  const entries = Object.entries(weights)
  for (const each of [version, ...Object.keys(weights)])
    if (!found.versions.has(each))
      throw new Refusal(404, 'ResourceNotFoundException', `Function not found: ${name}:${each}`)
  if (entries.length > 1)
    throw new Refusal(400, 'InvalidParameterValueException', 'At most one additional version is allowed.')
  if (entries.some(([, weight]) => !(weight >= 0 && weight <= 1)))
    throw new Refusal(400, 'InvalidParameterValueException', 'Weights must be between 0 and 1.')
  if (version in weights)
    throw new Refusal(
      400,
      'InvalidParameterValueException',
      'Invalid function version. Function version is already used in routing.',
    )
  found.aliases.set(name, aliasThere(version, weights))
  return aliasAnswer(name, found)
}

function configurationOf(name: string, found: FunctionThere, qualifier: string | null): unknown {
  const version = qualifier === null ? '$LATEST' : (found.aliases.get(qualifier)?.version ?? qualifier)
  const code = version === '$LATEST' ? found.latest : found.versions.get(version)
  if (code === undefined) throw new Refusal(404, 'ResourceNotFoundException', `Function not found: ${name}:${version}`)
  return {
    FunctionName: name,
    Version: version,
    CodeSha256: shaOf(code),
    Runtime: found.runtime,
    MemorySize: 512,
    State: found.state,
    LastUpdateStatus: found.lastUpdate,
    RevisionId: 'r',
  }
}

function published(name: string, found: FunctionThere, { body }: AwsCall): AwsAnswer {
  const wanted = (JSON.parse(body.toString() || '{}') as { CodeSha256?: string }).CodeSha256
  if (wanted !== undefined && wanted !== shaOf(found.latest))
    throw new Refusal(
      400,
      'InvalidParameterValueException',
      'CodeSHA256 is different from current CodeSHA256 in $LATEST.',
    )
  const newest = [...found.versions.keys()].map(Number).toSorted((a, b) => b - a)[0] ?? 0
  const isThere = found.versions.get(String(newest)) === found.latest
  const version = isThere ? String(newest) : String(newest + 1)
  found.versions.set(version, found.latest)
  return json(configurationOf(name, found, version), 201)
}

/** Two to a page. */
const page = 2

function listed(name: string, found: FunctionThere, { query }: AwsCall): AwsAnswer {
  const all = ['$LATEST', ...found.versions.keys()]
  const from = Number(query.get('Marker') ?? 0)
  const next = from + page < all.length ? { NextMarker: String(from + page) } : {}
  return json({
    Versions: all.slice(from, from + page).map((version) => configurationOf(name, found, version)),
    ...next,
  })
}

function shaOf(code: string): string {
  return createHash('sha256').update(code).digest('base64')
}
