/** What the contract asks of `http`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

export const cases: CheckCases = {
  config: { requests: 'GET http://127.0.0.1:{{ port }}/drip' },
  broken: [
    { name: 'nobody answers', powers: { variables: { port: '1' } } },
    {
      name: 'the answer steers a terminal',
      config: { requests: '# @expect text == "ok"\nGET http://127.0.0.1:{{ port }}/steer' },
      powers: {
        get variables() {
          return { port: String(place.port) }
        },
      },
    },
  ],
  hangs: {
    powers: {
      get variables() {
        return { port: String(place.port) }
      },
    },
  },
}
