/**
 * The part of GitHub that a deployment protection rule meets, from the public description of its API: App tokens (RS256,
 * ten minutes at most), installation tokens, and the callback of a run. What GitHub refuses is refused here.
 */
import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, verify } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Reviewed {
  readonly run: number
  readonly environment: string
  readonly state: string
  readonly comment: string
}

export interface FakeGithub {
  readonly api: string
  readonly app: string
  readonly key: string
  readonly webhookSecret: string
  /** What its protection rules were told, in order. */
  readonly reviewed: readonly Reviewed[]
  /** What was refused, with why. */
  readonly refused: readonly string[]
  /** Answers the next calls with this status instead. */
  failNext(times: number, status: number): void
  /** A job of this run reached the environment and waits for the rule. */
  request(run: number, changes?: Partial<RequestedChanges>): { headers: Record<string, string>; body: string }
  close(): Promise<void>
}

interface RequestedChanges {
  readonly environment: string
  readonly sha: string
  readonly ref: string
  readonly repository: string
  readonly callback: string
  readonly delivery: string
  readonly secret: string
  readonly action: string
}

const INSTALLATION = 4711
const LONGEST_APP_TOKEN_S = 600

export async function fakeGithub(): Promise<FakeGithub> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const app = 'Iv23liExample'
  const webhookSecret = 'a secret of the webhook'
  const tokens = new Map<string, number>()
  const pending = new Map<string, string>()
  const reviewed: Reviewed[] = []
  const refused: string[] = []
  let failures = { times: 0, status: 500 }

  const refuse = (status: number, why: string) => {
    refused.push(`${status} ${why}`)
    return { status, body: { message: why } }
  }
  const answerTo = (request: IncomingMessage, text: string): { status: number; body: unknown } => {
    if (failures.times > 0) {
      failures = { ...failures, times: failures.times - 1 }
      return refuse(failures.status, 'told to fail')
    }
    const { headers, url = '', method } = request
    if (!headers['user-agent']) return refuse(403, 'Request forbidden by administrative rules: no user agent')
    if (method !== 'POST') return refuse(404, 'Not Found')
    if (headers['x-github-api-version'] !== '2022-11-28') return refuse(400, 'unsupported API version')
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
    if (url === `/app/installations/${INSTALLATION}/access_tokens`) return tokenFor(bearer)
    const found = /^\/repos\/([\w.-]+\/[\w.-]+)\/actions\/runs\/(\d+)\/deployment_protection_rule$/.exec(url)
    if (!found) return refuse(404, 'Not Found')
    if ((tokens.get(bearer) ?? 0) < Date.now()) return refuse(401, 'Bad credentials')
    return review(Number(found[2]), found[1] ?? '', text)
  }

  const tokenFor = (jwt: string): { status: number; body: unknown } => {
    const [header = '', claims = '', signature = ''] = jwt.split('.')
    const isSigned = verify(
      'sha256',
      Buffer.from(`${header}.${claims}`),
      createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
      Buffer.from(signature, 'base64url'),
    )
    if (!isSigned) return refuse(401, 'A JSON web token could not be decoded')
    const { iat, exp, iss } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, number>
    const now = Date.now() / 1_000
    if (String(iss) !== app) return refuse(401, 'Integration not found')
    if ((iat ?? Infinity) > now) return refuse(401, "'Issued at' claim is in the future")
    if ((exp ?? 0) < now || (exp ?? Infinity) > now + LONGEST_APP_TOKEN_S)
      return refuse(401, "'Expiration time' claim is too far in the future")
    const token = `ghs_${randomUUID()}`
    const until = Date.now() + 3_600_000
    tokens.set(token, until)
    return { status: 201, body: { token, expires_at: new Date(until).toISOString() } }
  }

  const review = (run: number, repository: string, text: string): { status: number; body: unknown } => {
    const body = JSON.parse(text) as { environment_name?: unknown; state?: unknown; comment?: unknown }
    const { environment_name: environment, state, comment } = body
    if (typeof environment !== 'string') return refuse(422, 'environment_name is missing')
    if (state !== 'approved' && state !== 'rejected') return refuse(422, 'state is not included in the list')
    if (comment !== undefined && typeof comment !== 'string') return refuse(422, 'comment is no string')
    const name = `${repository}/${run}/${environment}`
    if (!pending.delete(name)) return refuse(422, 'no pending deployment requests')
    reviewed.push({ run, environment, state, comment: comment ?? '' })
    return { status: 204, body: null }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { status, body } = answerTo(request, Buffer.concat(chunks).toString())
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(body === null ? undefined : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    api,
    app,
    key,
    webhookSecret,
    reviewed,
    refused,
    failNext: (times, status) => {
      failures = { times, status }
    },
    request: (run, changes = {}) => {
      const {
        environment = 'production',
        sha = 'a'.repeat(40),
        ref = 'main',
        repository = 'acme/shop',
        callback = `${api}/repos/${repository}/actions/runs/${run}/deployment_protection_rule`,
        delivery = randomUUID(),
        secret = webhookSecret,
        action = 'requested',
      } = changes
      pending.set(`${repository}/${run}/${environment}`, sha)
      const body = JSON.stringify({
        action,
        environment,
        event: 'push',
        deployment_callback_url: callback,
        deployment: { id: 1, sha, ref, task: 'deploy', environment },
        pull_requests: [],
        repository: { id: 5, full_name: repository, private: true },
        organization: { login: 'acme' },
        installation: { id: INSTALLATION },
        sender: { login: 'octocat' },
      })
      return {
        body,
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'deployment_protection_rule',
          'x-github-delivery': delivery,
          'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        },
      }
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
