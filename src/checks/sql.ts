/** `sql check`: a read-only query on a declared PostgreSQL, SQLite or ClickHouse source; `expect` decides. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { SourcePlan } from '../core/plan/plan.ts'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine, wordsOf } from './parts/say.ts'
import { factsOf, rowCap, type Rows, tableOf } from './sql-query/rows.ts'
import { askClickhouse } from './sql-query/clickhouse.ts'
import { askSqlite } from './sql-query/sqlite.ts'
import { type Dialect, parseStatement } from './sql-query/statement.ts'

const dialects: readonly Dialect[] = ['postgres', 'sqlite', 'clickhouse']

const config = z.strictObject({
  on: z
    .string()
    .min(1, { error: 'expected on=NAME, a source of kind postgres, sqlite or clickhouse' })
    .describe('Declared source'),
  query: z
    .string()
    .superRefine((query, context) => {
      const wrong = dialects.map((dialect) => parseStatement(query, dialect))
      const problem = wrong.every((one) => 'problem' in one) ? wrong[0] : undefined
      if (problem && 'problem' in problem) context.addIssue({ code: 'custom', message: problem.problem })
    })
    .describe('One statement that only reads; {{ name }} is a bind parameter, of ClickHouse a quoted text'),
})

type Config = z.infer<typeof config>

export const sql = defineCheck({
  kind: 'sql',
  summary: 'A read-only query on a database',
  config,
  needs: ['source', 'http'],
  timeoutMs: 30_000,
  example:
    '```sql check on=orders expect="value == 0"\nselect count(*) from orders where state = \'stuck\' and version = {{ version }}\n```',
  facts: { value: 'dyn', row: 'map', rows: 'list', count: 'int' },
  async run(given, powers) {
    if (powers.expectation === null) return errored('it says nothing about what to expect; add expect="value == 0"')
    let rows: Rows
    try {
      rows = await ask(given, powers.source(given.on), powers)
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
    const value = oneLine(JSON.stringify(facts.value), 120)
    const say =
      rows.rows.length === 1
        ? `value ${value}`
        : `${rows.rows.length} rows${rows.rows.length === 0 ? '' : `, first value ${value}`}`
    return judged(powers, facts, { say, evidence })
  },
  async probe(given, powers) {
    try {
      await ask({ ...given, query: 'select 1' }, powers.source(given.on), powers)
      return { ok: true, say: `${given.on} answers` }
    } catch (fault) {
      return { ok: false, say: `${given.on}: ${wordsOf(fault)}` }
    }
  },
})

async function ask(given: Config, source: SourcePlan, powers: CheckPowers): Promise<Rows> {
  const dialect = dialectOf(given.on, source)
  const statement = parseStatement(given.query, dialect)
  if ('problem' in statement) throw new ConfigFault(statement.problem)
  const values = statement.names.map((name) => valueOf(name, powers.variables))
  if (dialect === 'postgres') {
    // Loaded when it is needed: most checklists ask no database, and every command would wait for the driver.
    const { askPostgres } = await import('./sql-query/postgres.ts')
    return askPostgres(setting(given.on, source, 'url'), statement, values, powers.timeoutMs, powers.signal)
  }
  if (dialect === 'clickhouse')
    return askClickhouse(setting(given.on, source, 'url'), statement, values, powers.timeoutMs, powers)
  return askSqlite(await databaseFile(given.on, source, powers.root), statement, values, powers.signal)
}

/** A closed set: another kind of source is never asked as if it were one of these. */
function dialectOf(name: string, source: SourcePlan): Dialect {
  const dialect = dialects.find((one) => one === source.kind)
  if (dialect !== undefined) return dialect
  throw new ConfigFault(`${name} is a source of kind ${source.kind}, expected ${dialects.join(', ')}`)
}

function valueOf(name: string, variables: Readonly<Record<string, string>>): string {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined
  if (value === undefined) throw new ConfigFault(`{{ ${name} }} has no value`)
  return value
}

function setting(name: string, source: SourcePlan, key: string): string {
  const value = source.config[key]
  if (typeof value !== 'string' || value === '') throw new ConfigFault(`source ${name} has no ${key}`)
  return value
}

/** The document names this file itself, so it may lie anywhere; opening it must not create it. */
async function databaseFile(name: string, source: SourcePlan, root: string): Promise<string> {
  const path = resolve(root, setting(name, source, 'file'))
  const found = await stat(path).catch(() => null)
  if (!found?.isFile()) throw new ConfigFault(`the file of source ${name} does not exist`)
  return path
}

function errored(say: string): CheckResult {
  return { outcome: 'errored', say, evidence: [] }
}
