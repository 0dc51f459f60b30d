/** Queries in the text are asked of a metric source, where their limit is said as well. */
import { describe, expect, test } from 'vitest'
import { seen, task } from './cases.ts'

const query = 'sum(rate(http_errors_total{job="shop"}[5m]))'

test.for([
  [`Errors below 3: \`${query}\``, `\`\`\`promql check on=metrics below=3\n${query}\n\`\`\``],
  [
    `Errors stay under 2% for 15 minutes: \`${query}\``,
    `\`\`\`promql check on=metrics below=2% for=15m\n${query}\n\`\`\``,
  ],
  [`Enough orders: \`${query} > 5\``, `\`\`\`promql check on=metrics above=5\n${query}\n\`\`\``],
] as const)('%s', ([words, block]) => {
  expect(task(words)).toMatchObject({ kind: 'metric-threshold', params: { query }, proposal: { block, risk: 'reads' } })
})

test('a block of PromQL in an item or below a heading', () => {
  expect(seen(`- [ ] Few errors\n  \`\`\`promql\n  ${query} < 4\n  \`\`\`\n`, 1).proposal?.block).toContain('below=4')
  expect(seen(`## Errors below 1%\n\n\`\`\`promql\n${query}\n\`\`\`\n`, 3).proposal?.block).toContain('below=1%')
})

describe('nothing is asked', () => {
  test('where no limit is said', () => {
    expect(task(`Look at \`${query}\``)).toMatchObject({ kind: 'metric-threshold', proposal: null })
  })

  test.for(['Call `sum(a, b)` below 3', 'See `rate` below 1%', 'Run `max(1, 2)` < 3'])(
    'of code that is no query: %s',
    (words) => expect(task(words).params).not.toHaveProperty('query'),
  )
})
