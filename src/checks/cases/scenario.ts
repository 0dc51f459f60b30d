/** What the contract asks of `scenario`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'
import { ended } from '../parts/powers.fixture.ts'

const variables = {
  get port(): string {
    return String(place.port)
  },
}

const ask = (path: string) => ({ kind: 'http', requests: `GET http://127.0.0.1:{{ port }}${path}` })

export const cases: CheckCases = {
  config: { steps: [ask('/nothing')] },
  broken: [
    { name: 'nobody listens', powers: { variables: { port: '1' } } },
    {
      name: 'a step in the background fails',
      config: { steps: [{ ...ask('/steer'), background: true }] },
      powers: { variables },
    },
    {
      name: 'only its cleanup fails',
      config: {
        steps: [
          { kind: 'command', script: 'true' },
          { kind: 'command', script: 'exit 3', cleanup: true },
        ],
      },
    },
    {
      name: 'a value cannot be captured',
      config: { steps: [{ kind: 'command', script: 'echo', json: false, capture: { id: 'json.id' } }] },
    },
    {
      name: 'the launcher lost a command',
      config: { steps: [{ kind: 'command', script: 'true' }] },
      powers: { command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
    },
    {
      name: 'a source is gone',
      config: { steps: [{ kind: 'sql', on: 'db', query: 'select 1', expect: 'value == 1' }] },
    },
  ],
  hangs: { powers: { variables } },
}
