/** What the contract asks of `github`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const variables = {
  commit: 'abc',
  get port(): string {
    return String(place.port)
  },
}

export const cases: CheckCases = {
  config: { repository: 'acme/shop', checks: 'all', base: 'http://127.0.0.1:1' },
  broken: [
    { name: 'nobody answers', powers: { variables } },
    { name: 'nobody knows the commit', powers: { variables: { commit: '' } } },
    { name: 'another service answers', config: { base: 'http://127.0.0.1:{{ port }}/steer#' }, powers: { variables } },
  ],
  hangs: { config: { base: 'http://127.0.0.1:{{ port }}/x' }, powers: { variables } },
}
