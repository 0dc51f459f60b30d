/** What the contract asks of `command`. */
import type { CheckCases } from '../checks.contract.ts'
import { ended } from '../parts/powers.fixture.ts'

export const cases: CheckCases = {
  config: { shell: 'bash', script: 'true' },
  broken: [
    {
      name: 'the launcher is gone',
      powers: { command: () => Promise.reject(new Error('the launcher does not answer')) },
    },
    {
      name: 'the launcher lost it',
      powers: { command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
    },
    { name: 'it prints what steers a terminal', config: { script: "printf '\\033[2J\\007' >&2; exit 1" } },
    { name: 'it prints 1 MB and fails', config: { script: 'yes | head -c 1000000; exit 1' } },
  ],
  // Its time is the launcher's to keep, which outlives this process.
  hangs: null,
}
