/** What the contract asks of `webhook-sink`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const variables = {
  get port(): string {
    return String(place.port)
  },
}

export const cases: CheckCases = {
  config: { trigger: 'POST http://127.0.0.1:{{ port }}/hooks', within: '1s' },
  broken: [
    { name: 'nobody takes the trigger', powers: { variables: { port: '1' } } },
    {
      name: 'the trigger is refused',
      config: { trigger: 'POST http://127.0.0.1:{{ port }}/steer' },
      powers: { variables },
    },
    { name: 'nothing comes', config: { trigger: undefined, command: 'true', within: '100ms' } },
    { name: 'its command fails', config: { trigger: undefined, command: 'echo no such order; exit 3' } },
    {
      name: 'somebody else has its port',
      config: {
        get port(): number {
          return place.port
        },
      },
    },
    { name: 'the public address has no value', config: { public: '{{ hooks }}' } },
  ],
  hangs: { powers: { variables } },
}
