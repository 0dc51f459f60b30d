/** `sql check`: a read-only query on a declared PostgreSQL, MySQL, SQLite or ClickHouse source; `expect` decides. */
import { z } from 'zod'
import { type CheckResult, defineCheck } from '../core/ports/check.ts'
import { namedEnvironments } from './parts/by-environment.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine, wordsOf } from './parts/say.ts'
import { factsOf, rowCap, type Rows, tableOf } from './sql-query/rows.ts'
import { keptBy, limitsField } from './sql-query/limits.ts'
import { askDatabase } from './sql-query/database.ts'
import { dialects, parseStatement } from './sql-query/statement.ts'

const config = z.strictObject({
  on: z
    .string()
    .min(1, { error: 'expected on=NAME, a source of kind postgres, mysql, sqlite or clickhouse' })
    .describe('Declared source'),
  query: z
    .string()
    .superRefine((query, context) => {
      const wrong = dialects.map((dialect) => parseStatement(query, dialect))
      const problem = wrong.every((one) => 'problem' in one) ? wrong[0] : undefined
      if (problem && 'problem' in problem) context.addIssue({ code: 'custom', message: problem.problem })
    })
    .describe('One statement that only reads; {{ name }} is a bind parameter, of ClickHouse a quoted text'),
  limits: limitsField
    .optional()
    .describe(
      'What each column has to keep, in every row: `{ stuck: "<= 0", lag: "< 10s" }`, durations in seconds; also by environment, `{ lag: { production: "< 10s", else: "< 1m" } }`; in an opening line `limits="stuck <= 0, lag < 10s"`',
    ),
})

const howToDecide = 'expect="value == 0", or limits="stuck <= 0, old < 10" for the columns of the answer'

export const sql = defineCheck({
  kind: 'sql',
  summary: 'A read-only query on a database',
  config,
  needs: ['source', 'http', 'place', 'files'],
  sourceKinds: ['postgres', 'mysql', 'sqlite', 'clickhouse'],
  environments: ({ limits }) =>
    typeof limits === 'object' && limits !== null ? namedEnvironments(Object.values(limits)) : [],
  undecided: ({ limits }) => (limits === undefined ? howToDecide : null),
  timeoutMs: 30_000,
  example:
    '```sql check on=orders expect="value == 0"\nselect count(*) from orders where state = \'stuck\' and version = {{ version }}\n```',
  facts: { value: 'dyn', row: 'map', rows: 'list', count: 'int' },
  async run(given, powers) {
    if (powers.expectation === null && given.limits === undefined && powers.forItsValue !== true)
      return errored('it says nothing about what to expect; add expect="value == 0"')
    let rows: Rows
    try {
      rows = await askDatabase(given, powers.source(given.on), powers)
    } catch (fault) {
      if (fault instanceof ConfigFault) return errored(fault.message)
      return errored(`${given.on}: ${powers.signal.aborted ? 'no answer in time' : wordsOf(fault)}`)
    }
    const evidence = textEvidence('rows.tsv', tableOf(rows), 'text/tab-separated-values; charset=utf-8')
    const facts = factsOf(rows)
    if (rows.more)
      return {
        outcome: 'errored',
        say: `the query gives more than ${rowCap} rows; let it count or limit itself`,
        evidence,
      }
    if (given.limits === undefined && powers.expectation === null && facts.value === null)
      return { outcome: 'inconclusive', say: `no value: ${sayOf(facts)}`, evidence, facts }
    if (given.limits === undefined) return judged(powers, facts, { say: sayOf(facts), evidence })
    const kept = keptBy(facts.rows, given.limits, powers.variables['environment'] ?? '')
    if (kept.outcome !== 'passed') return { outcome: kept.outcome, say: oneLine(kept.say), evidence, facts }
    return judged(powers, facts, { say: oneLine(kept.say), evidence })
  },
  async probe(given, powers) {
    try {
      await askDatabase({ ...given, query: 'select 1' }, powers.source(given.on), powers)
      return { ok: true, say: `${given.on} answers` }
    } catch (fault) {
      return { ok: false, say: `${given.on}: ${wordsOf(fault)}` }
    }
  },
})

function errored(say: string): CheckResult {
  return { outcome: 'errored', say, evidence: [] }
}

function sayOf({ value, count }: ReturnType<typeof factsOf>): string {
  const first = oneLine(JSON.stringify(value), 120)
  return count === 1 ? `value ${first}` : `${count} rows${count === 0 ? '' : `, first value ${first}`}`
}
