/** What the contract asks of `security-probe`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const there = {
  get variables() {
    return { port: String(place.port) }
  },
}

export const cases: CheckCases = {
  config: { base: 'http://127.0.0.1:{{ port }}', headers: { pages: ['GET /drip'] } },
  broken: [
    { name: 'nobody answers', powers: { variables: { port: '1' } } },
    { name: 'the page breaks and steers a terminal', config: { headers: { pages: ['GET /steer'] } }, powers: there },
    { name: 'the base has no value' },
    { name: 'the environment is protected', powers: { variables: { port: '1' }, isProtected: true } },
  ],
  hangs: { powers: there },
}
