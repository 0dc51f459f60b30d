/** What can be broken about an error budget. */
import type { CheckCases } from '../checks.contract.ts'

export const cases: CheckCases = {
  config: {
    on: 'metrics',
    objective: '99.9%',
    bad: 'sum(increase(bad[{{ period }}]))',
    total: 'sum(increase(all[30d]))',
  },
  broken: [
    { name: 'nothing is measured' },
    { name: 'a query names a value that is not there', config: { total: 'sum(all{version="{{ nobody }}"})' } },
    { name: 'nothing happened', powers: { metric: async () => ({ value: 0 }) } },
    { name: 'a count is negative', powers: { metric: async () => ({ value: -1 }) } },
    { name: 'everything went wrong', powers: { metric: async () => ({ value: 10 }) } },
  ],
  hangs: null,
}
