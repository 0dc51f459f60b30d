/** What the contract asks of `promql`. */
import type { CheckCases } from '../checks.contract.ts'

export const cases: CheckCases = {
  config: { on: 'metrics', query: 'up', below: '1%' },
  broken: [
    { name: 'there is no data' },
    { name: 'the source throws', powers: { metric: () => Promise.reject(new Error('down\n\u001b[2J')) } },
    { name: 'the answer is NaN', powers: { metric: () => Promise.resolve({ value: Number.NaN }) } },
  ],
  hangs: { config: { for: '1h', every: '30m' }, powers: { metric: () => Promise.resolve({ value: 0 }) } },
}
