/** An OpenID provider that sends whatever a test wants it to: for attacks that no real provider would take part in. */
import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Claims = Readonly<Record<string, unknown>>

export interface EvilProvider {
  readonly issuer: string
  /** What the token endpoint answers next: the identity token, or a status of its own. */
  answer: { idToken: string } | { status: number; body: unknown }
  userinfo: Claims
  /** Where a browser that comes to sign in is sent at once; null = there is no such page. */
  letIn: ((asked: URLSearchParams) => string) | null
  /** Bodies that the token endpoint was sent, newest last. */
  readonly asked: URLSearchParams[]
  discoveries: number
  isDown: boolean
  sign(claims: Claims, header?: Readonly<Record<string, unknown>>, key?: KeyObject): string
  close(): void
}

const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 })
export const keyOfSomebodyElse = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey

export async function evilProvider(): Promise<EvilProvider> {
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (provider.isDown) return void response.destroy()
    const path = new URL(request.url ?? '/', provider.issuer).pathname
    if (path === '/.well-known/openid-configuration') {
      provider.discoveries += 1
      return send(200, metadata(provider.issuer))
    }
    if (path === '/jwks')
      return send(200, { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig' }] })
    if (path === '/userinfo') return send(200, provider.userinfo)
    if (path === '/authorize' && provider.letIn !== null)
      return void response
        .writeHead(302, { location: provider.letIn(new URL(request.url ?? '/', provider.issuer).searchParams) })
        .end()
    if (path !== '/token') return send(404, {})
    void bodyOf(request).then((body) => {
      provider.asked.push(new URLSearchParams(body))
      const { answer } = provider
      if ('status' in answer) return send(answer.status, answer.body)
      return send(200, { access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: answer.idToken })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const provider: EvilProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: { status: 400, body: { error: 'invalid_grant' } },
    userinfo: {},
    letIn: null,
    asked: [],
    discoveries: 0,
    isDown: false,
    sign: signed,
    close: () => void server.close(),
  }
  return provider
}

function metadata(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    // It would also sign with the client secret, or not at all: neither is to be accepted.
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
    authorization_response_iss_parameter_supported: true,
  }
}

function signed(claims: Claims, header: Readonly<Record<string, unknown>> = {}, key = keys.privateKey): string {
  const full = { alg: 'RS256', kid: 'a', ...header }
  const input = [full, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  if (full.alg === 'none') return `${input}.`
  if (full.alg === 'HS256') return `${input}.${createHmac('sha256', 'client secret').update(input).digest('base64url')}`
  return `${input}.${createSign('RSA-SHA256').update(input).sign(key).toString('base64url')}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}
