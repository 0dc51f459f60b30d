/**
 * A real OpenID provider in a process of its own: prints its issuer, and signs anyone in by the name they give. It reads
 * the address of the server that it tells of logouts from stdin, to the end. `PUT /groups/NAME` says who is in which.
 */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

const ready = Promise.withResolvers<RequestListener>()
const server = createServer((request, response) => void ready.promise.then((answer) => answer(request, response)))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
process.stdout.write(`${JSON.stringify({ issuer })}\n`)

const groups = new Map<string, readonly string[]>()
const relying = (await textOf(process.stdin)).trim()
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'holdpoint',
      client_secret: 'a secret of the tests only',
      // A native client may come back to any port of this machine.
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/v1/openid/callback'],
      ...(relying === '' ? {} : toldOfLogouts(relying)),
    },
  ],
  pkce: { required: () => true },
  features: { backchannelLogout: { enabled: true } },
  scopes: ['openid', 'profile', 'email', 'groups'],
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  // It refuses to call machines of its own network, as it should; here there is no other.
  fetch: (url: string, { dispatcher: _dispatcher, ...options }: RequestInit & { dispatcher?: unknown }) =>
    fetch(url, options),
  cookies: { keys: ['of the tests only'] },
  findAccount: (_context: unknown, id: string) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: `${id} of the provider`,
      preferred_username: id.split('.')[0],
      email: `${id}@example.com`,
      email_verified: true,
      groups: groups.get(id) ?? [],
    }),
  }),
})
const answer = provider.callback()
ready.resolve((request, response) => {
  const name = /^\/groups\/([\w.-]+)$/.exec(request.url ?? '')?.[1]
  if (name === undefined) return answer(request, response)
  void textOf(request).then((body) => {
    groups.set(name, JSON.parse(body) as readonly string[])
    response.writeHead(204).end()
  })
})

function toldOfLogouts(address: string) {
  return {
    backchannel_logout_uri: `${address}/v1/openid/back-channel-logout`,
    backchannel_logout_session_required: true,
  }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}
