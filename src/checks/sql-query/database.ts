/** Asks a declared database one statement that only reads, whichever kind it is. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SourcePlan } from '../../core/plan/plan.ts'
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault } from '../parts/fields.ts'
import { askClickhouse } from './clickhouse.ts'
import { askMysql } from './mysql.ts'
import type { Rows } from './rows.ts'
import { askSqlite } from './sqlite.ts'
import { type Dialect, dialects, parseStatement } from './statement.ts'

export type DatabasePowers = Pick<CheckPowers, 'http' | 'place' | 'signal' | 'variables' | 'root' | 'timeoutMs'>

/** `on` = name of the source, for sentences. Throws ConfigFault and what the database says. */
export async function askDatabase(
  given: { readonly on: string; readonly query: string },
  source: SourcePlan,
  powers: DatabasePowers,
): Promise<Rows> {
  const dialect = dialectOf(given.on, source)
  const statement = parseStatement(given.query, dialect)
  if ('problem' in statement) throw new ConfigFault(statement.problem)
  const values = statement.names.map((name) => valueOf(name, powers.variables))
  if (dialect === 'postgres') {
    // Loaded when it is needed: most checklists ask no database, and every command would wait for the driver.
    const { askPostgres } = await import('./postgres.ts')
    return askPostgres(setting(given.on, source, 'url'), statement, values, powers.timeoutMs, powers.signal)
  }
  if (dialect === 'mysql')
    return askMysql(setting(given.on, source, 'url'), statement, values, powers.timeoutMs, powers)
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
