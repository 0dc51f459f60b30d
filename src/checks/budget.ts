/** `yaml check kind: budget`: of what may go wrong in a period, enough is left. */
import { z } from 'zod'
import { renderPromql } from '../core/plan/promql-template.ts'
import { parseQuantity } from '../core/plan/quantity.ts'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { durationField, millisOf } from './parts/fields.ts'
import { oneLine, sayMillis, sayNumber } from './parts/say.ts'

const share = (least: number, most: number, error: string) =>
  z
    .string()
    .refine(
      (text) => {
        const quantity = parseQuantity(text)
        return (
          quantity.ok &&
          quantity.value.unit !== 'seconds' &&
          quantity.value.value >= least &&
          quantity.value.value <= most
        )
      },
      { error },
    )
    .meta({ title: 'share' })

const config = z.strictObject({
  on: z.string().min(1).describe('Declared metric source; the only one needs no naming'),
  objective: share(0.5, 0.9999999, 'expected an objective from 50% to 99.99999%, such as 99.9%').describe(
    'Share that shall go well: `99.9%`',
  ),
  over: durationField.default('30d').describe('The period of the objective; `{{ period }}` in the queries'),
  bad: z.string().min(1).describe('What went wrong in the period: sum(increase(errors_total[{{ period }}]))'),
  total: z.string().min(1).describe('All of it: sum(increase(requests_total[{{ period }}]))'),
  left: share(0, 1, 'expected a share from 0% to 100%, such as 20%')
    .default('0%')
    .describe('Share of the budget that must be left; a budget that is spent never passes'),
})

type Config = z.infer<typeof config>

export const budget = defineCheck<Config>({
  kind: 'budget',
  summary: 'Enough of an error budget is left',
  config,
  needs: ['metric'],
  timeoutMs: 60_000,
  example:
    '```yaml check\nkind: budget\non: metrics\nobjective: 99.9%\nover: 30d\nbad: sum(increase(http_errors_total[{{ period }}]))\ntotal: sum(increase(http_requests_total[{{ period }}]))\nleft: 20%\n```',
  facts: { left: 'double', share: 'double', allowed: 'double', bad: 'double', total: 'double' },
  async run(given, powers) {
    const [bad, total] = await Promise.all([count('bad', given, powers), count('total', given, powers)])
    if ('why' in bad) return { outcome: 'inconclusive', say: bad.why, evidence: [] }
    if ('why' in total) return { outcome: 'inconclusive', say: total.why, evidence: [] }
    return conclude(given, bad.value, total.value, powers)
  },
})

async function count(
  name: 'bad' | 'total',
  given: Config,
  powers: CheckPowers,
): Promise<{ readonly value: number } | { readonly why: string }> {
  const query = renderPromql(given[name], { ...powers.variables, period: given.over })
  if (!query.ok) return { why: `${name}: ${query.why}` }
  const answer = await powers.metric(given.on, query.text, powers.clock.now())
  if ('noData' in answer) return { why: `${name}: no data: ${oneLine(answer.noData, 300)}` }
  return answer.value >= 0 ? answer : { why: `${name}: ${sayNumber(answer.value)}, a count expected` }
}

function conclude(given: Config, bad: number, total: number, powers: CheckPowers): CheckResult {
  // Rounded, so that 0.1 % is the number it looks like: a budget that is just spent is spent.
  const allowed = Number((1 - amount(given.objective)).toPrecision(12))
  const inconclusive = (why: string): CheckResult => ({ outcome: 'inconclusive', say: why, evidence: [] })
  if (total === 0)
    return inconclusive(`nothing happened in ${sayMillis(millisOf(given.over))}: no budget was put to the test`)
  if (bad > total) return inconclusive(`${sayNumber(bad)} went wrong of ${sayNumber(total)} in all, which cannot be`)
  const spent = bad / total / allowed
  const left = 1 - spent
  const wanted = amount(given.left)
  const facts = { left, share: bad / total, allowed, bad, total }
  const words = `${percent(left)} of the error budget is left: ${percent(bad / total)} of ${sayNumber(total)} went wrong in ${given.over}, ${percent(allowed)} may (objective ${given.objective})${wanted > 0 ? `; at least ${given.left} wanted` : ''}`
  const answer = (outcome: CheckResult['outcome'], say: string): CheckResult => ({ outcome, say, evidence: [], facts })
  if (left <= 0 || left < wanted) return answer('failed', words)
  const verdict = powers.expect(facts)
  if (verdict === null || verdict === true) return answer('passed', words)
  if (verdict === false) return answer('failed', `${words}, expected ${powers.expectation ?? ''}`)
  return answer('inconclusive', `${words}; cannot decide ${powers.expectation ?? ''}: ${verdict.inconclusive}`)
}

/** Both have been read by the schema. */
function amount(text: string): number {
  const quantity = parseQuantity(text)
  return quantity.ok ? quantity.value.value : Number.NaN
}

function percent(value: number): string {
  return `${sayNumber(Number((value * 100).toPrecision(3)))} %`
}
