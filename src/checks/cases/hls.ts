/** What the contract asks of `hls`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const variables = {
  get port(): string {
    return String(place.port)
  },
}

export const cases: CheckCases = {
  config: { url: 'http://127.0.0.1:{{ port }}/live.m3u8' },
  broken: [
    { name: 'nobody listens', powers: { variables: { port: '1' } } },
    { name: 'nobody listens, and it should be gone', config: { gone: true }, powers: { variables: { port: '1' } } },
    { name: 'it answers with an error', config: { url: 'http://127.0.0.1:{{ port }}/steer' }, powers: { variables } },
    {
      name: 'it answers with an error, and it should be gone',
      config: { url: 'http://127.0.0.1:{{ port }}/steer', gone: true },
      powers: { variables },
    },
    { name: 'the address has no value' },
  ],
  hangs: { powers: { variables } },
}
