/** What the contract asks of `kafka`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const variables = {
  get port(): string {
    return String(place.port)
  },
}

export const cases: CheckCases = {
  config: { hosts: ['127.0.0.1:1'] },
  broken: [
    { name: 'nobody listens' },
    { name: 'it speaks as a web server', config: { hosts: ['127.0.0.1:{{ port }}'] }, powers: { variables } },
    { name: 'it speaks no TLS', config: { hosts: ['127.0.0.1:{{ port }}'], tls: true }, powers: { variables } },
    { name: 'the host has no value', config: { hosts: ['{{ broker }}'] } },
  ],
  hangs: { config: { hosts: ['192.0.2.1:9092'] } },
}
