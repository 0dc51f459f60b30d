/** What the contract asks of `external`. */
import type { CheckCases } from '../checks.contract.ts'

export const cases: CheckCases = {
  config: { from: 'load tests' },
  broken: [
    {
      name: 'nobody can report here',
      powers: { reported: () => Promise.reject(new Error('there is nobody to report')) },
    },
    {
      name: 'what is reported steers a terminal',
      powers: {
        reported: () =>
          Promise.resolve({
            outcome: 'failed',
            say: '\u001b[2Jall is\nwell',
            by: 'ci',
            at: 1,
            facts: {},
            evidence: [],
          }),
      },
    },
  ],
  hangs: {},
}
