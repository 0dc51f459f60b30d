/**
 * The part of AWS that checks, actions, metrics and traffic ask, from its public API descriptions: every request is held to its
 * signature and its time, rights are refused by action, limits and outages come when told to. What AWS refuses is refused here.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AwsAnswer, type AwsCall, type AwsHandler, Refusal, refusalAnswer } from './answers.ts'
import { type Cdn, cloudfrontHandler, emptyCdn } from './cloudfront.ts'
import { type Functions, lambdaHandler } from './lambda.ts'
import { loadBalancingHandler, type Splits } from './load-balancing.ts'
import { type Databases, emptyDatabases, rdsHandler } from './rds.ts'
import { type Roles, rolesHandler } from './roles.ts'
import { type Buckets, s3Handler } from './s3.ts'
import { type KnownKey, proven } from './signature.ts'
import { costHandler, emptyWatching, logsHandler, monitoringHandler, type Watching } from './watching.ts'

export interface AwsServer {
  readonly endpoint: string
  /** Of the key that is known; without a token. */
  readonly key: KnownKey
  readonly buckets: Buckets
  readonly databases: Databases
  readonly functions: Functions
  readonly cdn: Cdn
  readonly watching: Watching
  readonly splits: Splits
  readonly roles: Roles
  /** `s3:ListBucket 200`, in order. */
  readonly asked: string[]
  /** These actions are denied from now on: `s3:ListBucket`. */
  deny(...actions: string[]): void
  /** The next so many requests are refused with this status and code instead. */
  instead(times: number, status: number, code: string): void
  /** Its clock is off by this much. */
  skew(ms: number): void
  /** Keys for a while, with this token, from now on. */
  expectToken(token: string): void
  close(): Promise<void>
}

const exampleKey = { accessKey: 'AKIAEXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

export async function startAws(names: Pick<KnownKey, 'accessKey' | 'secretKey'> = exampleKey): Promise<AwsServer> {
  const buckets: Buckets = new Map()
  const databases = emptyDatabases()
  const functions: Functions = new Map()
  const cdn = emptyCdn()
  const watching = emptyWatching()
  const splits: Splits = new Map()
  const roles: Roles = { trusted: new Set(), given: [] }
  const handlers: Readonly<Record<string, AwsHandler>> = {
    s3: s3Handler(buckets),
    rds: rdsHandler(databases),
    lambda: lambdaHandler(functions),
    cloudfront: cloudfrontHandler(cdn),
    monitoring: monitoringHandler(watching),
    logs: logsHandler(watching),
    ce: costHandler(watching),
    sts: rolesHandler(roles),
    elasticloadbalancing: loadBalancingHandler(splits),
  }
  const asked: string[] = []
  const denied = new Set<string>()
  const state = { times: 0, status: 503, code: '', skewMs: 0 }
  let key: KnownKey = { ...names, token: null }

  const answerTo = (request: IncomingMessage, body: Buffer): AwsAnswer => {
    const { method = 'GET', url: target = '/', headers } = request
    const now = Date.now() + state.skewMs
    const proof = proven({ method, target, headers, body }, [key, ...roles.given], now)
    const handler = handlers['service' in proof ? proof.service : scopeIn(headers.authorization)]
    const protocol = handler?.protocol ?? 'rest-xml'
    let action = '?'
    try {
      if ('code' in proof) throw new Refusal(proof.status, proof.code, proof.message)
      if (handler === undefined) throw new Refusal(404, 'UnknownService', `there is no ${proof.service} here`)
      const call = callOf(method, target, headers, body, protocol, proof.region, now)
      action = handler.action(call)
      if (state.times > 0) {
        state.times -= 1
        throw new Refusal(state.status, state.code, 'told to')
      }
      if (denied.has(action)) throw new Refusal(403, 'AccessDenied', `not authorized to perform: ${action}`)
      const answer = handler.answer(call)
      asked.push(`${action} ${answer.status}`)
      return answer
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault
      asked.push(`${action} ${fault.status}`)
      return refusalAnswer(fault, protocol)
    }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { status, headers = {}, body } = answerTo(request, Buffer.concat(chunks))
      response.writeHead(status, headers)
      response.end(request.method === 'HEAD' ? undefined : Buffer.from(body, headers['etag'] ? 'latin1' : 'utf8'))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get key() {
      return key
    },
    buckets,
    databases,
    functions,
    cdn,
    watching,
    splits,
    roles,
    asked,
    deny: (...actions) => actions.forEach((action) => denied.add(action)),
    instead: (times, status, code) => void Object.assign(state, { times, status, code }),
    skew: (ms) => void (state.skewMs = ms),
    expectToken: (token) => void (key = { ...key, token }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function scopeIn(authorization = ''): string {
  return /\/([a-z0-9]+)\/aws4_request/.exec(authorization)?.[1] ?? ''
}

function callOf(
  method: string,
  target: string,
  headers: IncomingMessage['headers'],
  body: Buffer,
  protocol: AwsHandler['protocol'],
  region: string,
  now: number,
): AwsCall {
  const [path = '/', query = ''] = target.split('?')
  return {
    method,
    path: decodeURIComponent(path),
    query: new URLSearchParams(query),
    form: new URLSearchParams(protocol === 'query' ? body.toString() : ''),
    json: /json/.test(protocol) && body.length > 0 ? (JSON.parse(body.toString()) as Record<string, unknown>) : {},
    headers,
    body,
    region,
    now,
  }
}
