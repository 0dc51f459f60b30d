/** What the contract asks of `rabbitmq`. */
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
    { name: 'nobody listens, and a refusal was expected', config: { refused: true } },
    { name: 'it speaks as a web server', config: { port: '{{ port }}' }, powers: { variables } },
    {
      name: 'it speaks as a web server, and a refusal was expected',
      config: { port: '{{ port }}', refused: true },
      powers: { variables },
    },
    { name: 'the port is none', config: { port: '{{ port }}' }, powers: { variables: { port: 'x' } } },
  ],
  hangs: { config: { host: '192.0.2.1' } },
}
