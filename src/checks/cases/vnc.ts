/** What the contract asks of `vnc`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const variables = {
  get port(): string {
    return String(place.port)
  },
}

export const cases: CheckCases = {
  config: { host: '127.0.0.1', port: '{{ port }}' },
  broken: [
    { name: 'nobody listens', powers: { variables: { port: '1' } } },
    {
      name: 'a page answers in place of a WebSocket',
      config: { host: undefined, url: 'ws://127.0.0.1:{{ port }}/steer' },
      powers: { variables },
    },
    { name: 'the port has no value' },
  ],
  hangs: { powers: { variables } },
}
