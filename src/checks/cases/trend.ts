/** What can be broken about a trend. */
import type { CheckCases } from '../checks.contract.ts'

export const cases: CheckCases = {
  config: { on: 'metrics', query: 'sum(process_resident_memory_bytes)', rule: 'no-leak', over: '2h' },
  broken: [
    { name: 'nothing is measured' },
    { name: 'the query names a value that is not there', config: { query: 'up{version="{{ nobody }}"}' } },
    { name: 'every sample is missing', powers: seen(() => null) },
    { name: 'the source answers with what is no number', powers: seen(() => Number.NaN) },
    { name: 'it grows', powers: seen((index) => 100 + index) },
    { name: 'nobody knows when it restarted', config: { restarts: 'up{a="{{ nobody }}"}' }, powers: seen(() => 5) },
  ],
  hangs: null,
}

function seen(valueAt: (index: number) => number | null): CheckCases['broken'][number]['powers'] {
  return {
    series: async (_source, _query, instants) => ({
      points: instants.map((at, index) => ({ at, value: valueAt(index) })),
    }),
  }
}
