/** What the contract asks of `browser`. */
import type { CheckCases } from '../checks.contract.ts'
import { ended } from '../parts/powers.fixture.ts'

export const cases: CheckCases = {
  config: { url: 'http://127.0.0.1:1/', sandbox: false, within: '1s' },
  broken: [
    { name: 'nobody answers' },
    { name: 'there is no Chromium', config: { program: '/no/such/chromium' } },
    {
      name: 'the launcher lost it',
      powers: { command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
    },
    { name: 'its program says nothing at all', powers: { command: () => Promise.resolve(ended({ exitCode: 0 })) } },
  ],
  // Its time is the launcher's to keep, which outlives this process.
  hangs: null,
}
