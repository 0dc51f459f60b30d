/** A real OpenID provider in a process of its own: prints its issuer, and signs anyone in by the name they give. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

const server = createServer()
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'holdpoint',
      client_secret: 'a secret of the tests only',
      // A native client may come back to any port of this machine.
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/v1/openid/callback'],
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  cookies: { keys: ['of the tests only'] },
  findAccount: (_context: unknown, id: string) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: `${id} of the provider`,
      preferred_username: id.split('.')[0],
      email: `${id}@example.com`,
      email_verified: true,
    }),
  }),
})
server.on('request', provider.callback())
process.stdout.write(`${JSON.stringify({ issuer })}\n`)
