/** Queries in the text itself, with the limit that stands behind them or in the words around. */
import { describe, expect, test } from 'vitest'
import { known, knownTask } from './cases.ts'
import { metricQuery } from './metric-query.ts'

describe('a query', () => {
  test.for([
    ['Errors: `sum(rate(http_errors_total[5m])) < 0.01`', 'below=0.01', 'sum(rate(http_errors_total[5m]))'],
    ['Queue `max(queue_depth{name="mail"})` stays under 100', 'below=100', 'max(queue_depth{name="mail"})'],
    ['Over 99 % answered: `avg(up{job="shop"})`', 'above=99%', 'avg(up{job="shop"})'],
  ] as const)('%s', ([words, limit, query]) => {
    const found = knownTask(metricQuery, words)
    expect(found).toMatchObject({ kind: 'metric-threshold', params: { query } })
    expect(found?.proposal).toEqual({
      block: `\`\`\`promql check on=metrics ${limit}\n${query}\n\`\`\``,
      risk: 'reads',
    })
  })

  test('in a block of its own has its limit behind it', () => {
    const text = '## Errors\n\n```promql\nrate(errors_total[5m]) < 2\n```\n'
    expect(known(metricQuery, text, 3)?.proposal?.block).toBe(
      '```promql check on=metrics below=2\nrate(errors_total[5m])\n```',
    )
  })

  test('without a limit is shown, and not proposed', () => {
    expect(knownTask(metricQuery, 'Look at `rate(errors_total[5m])`')).toMatchObject({ proposal: null })
  })

  test.for(['Call `rate(x)` in the code', 'Set `labels{}`', 'Run `npm test`', 'Errors below 1 %'])(
    'is none: %s',
    (words) => expect(knownTask(metricQuery, words)).toBeNull(),
  )
})
