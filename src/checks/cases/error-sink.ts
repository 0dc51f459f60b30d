/** What the contract asks of `error-sink`. */
import { brokenService } from '../parts/broken-service.fixture.ts'

export const cases = brokenService(
  {
    organization: 'acme',
    projects: ['shop'],
    issues: 'is:unresolved',
    send: { shop: 'http://key@127.0.0.1:1/42' },
    within: '300ms',
    every: '100ms',
  },
  ['[]', '{"id":"another"}'],
)
