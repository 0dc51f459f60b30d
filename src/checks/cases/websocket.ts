/** What the contract asks of `websocket`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const variables = {
  get port(): string {
    return String(place.port)
  },
}

export const cases: CheckCases = {
  config: { url: 'ws://127.0.0.1:{{ port }}/live', steps: [{ expect: 'hello' }] },
  broken: [
    { name: 'nobody listens', powers: { variables: { port: '1' } } },
    {
      name: 'nobody listens, and a refusal was expected',
      config: { steps: undefined, refused: [401] },
      powers: { variables: { port: '1' } },
    },
    { name: 'it answers as for a page', config: { url: 'ws://127.0.0.1:{{ port }}/steer' }, powers: { variables } },
    { name: 'the trusted certificates are gone', config: { ca: 'gone.pem' }, powers: { variables } },
    { name: 'the address has no value' },
  ],
  hangs: { powers: { variables } },
}
