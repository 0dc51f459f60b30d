/** What the contract asks of `rtmp`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const variables = {
  get port(): string {
    return String(place.port)
  },
}

export const cases: CheckCases = {
  config: { url: 'rtmp://127.0.0.1:{{ port }}/live/key' },
  broken: [
    { name: 'nobody listens', powers: { variables: { port: '1' } } },
    {
      name: 'nobody listens, and a refusal was expected',
      config: { refused: true },
      powers: { variables: { port: '1' } },
    },
    { name: 'it speaks as a web server', powers: { variables } },
    { name: 'it speaks as a web server, and a refusal was expected', config: { refused: true }, powers: { variables } },
    { name: 'it speaks no TLS', config: { url: 'rtmps://127.0.0.1:{{ port }}/live/key' }, powers: { variables } },
  ],
  hangs: { config: { url: 'rtmp://192.0.2.1/live/key' } },
}
