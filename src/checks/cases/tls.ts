/** What the contract asks of `tls`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const variables = {
  get port(): string {
    return String(place.port)
  },
}

export const cases: CheckCases = {
  config: { host: '127.0.0.1', port: 1 },
  broken: [
    { name: 'nobody listens' },
    { name: 'it speaks no TLS', config: { port: '{{ port }}' }, powers: { variables } },
    { name: 'the trusted certificates are gone', config: { ca: 'gone.pem' } },
  ],
  hangs: { config: { host: '192.0.2.1', port: 443 } },
}
