/** What the contract asks of `follow-ups`. */
import type { CheckCases } from '../checks.contract.ts'

export const cases: CheckCases = {
  config: {},
  broken: [
    {
      name: 'nobody keeps any here',
      powers: { followUps: () => Promise.reject(new Error('nobody keeps follow-ups here')) },
    },
  ],
  hangs: null,
}
