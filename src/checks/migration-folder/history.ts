/** What ran already, from the table in which the tool keeps it, beside what the folder holds. */
import { headsOf, withAllBefore } from './alembic.ts'
import type { Layout, Migration } from './folder.ts'
import { flywayVersion, inOrder } from './folder.ts'

/** One line of the table: what it says of one migration, the last word only. */
export interface Ran {
  readonly key: string
  readonly state: 'applied' | 'failed' | 'undone' | 'marked-back' | 'baseline'
  readonly checksum: string | null
}

export interface Standing {
  readonly pending: readonly Migration[]
  readonly applied: number
  /** Ran and stopped in the middle. */
  readonly failed: readonly string[]
  /** Marked as rolled back: nothing was reverted by that. */
  readonly marked: readonly string[]
  /** Ran, and the folder does not have it. */
  readonly missing: readonly string[]
  /** Ran with another text than the folder has. */
  readonly changed: readonly string[]
  /** Pending before one that ran: it would run out of order. */
  readonly late: readonly string[]
  /** More than one that nothing comes after: nobody says where to go. */
  readonly heads: readonly string[]
}

export const usualTables: Readonly<Record<Exclude<Layout, 'plain'>, string>> = {
  prisma: '_prisma_migrations',
  sqlx: '_sqlx_migrations',
  flyway: 'flyway_schema_history',
  alembic: 'alembic_version',
}

/** One row, one column: null = there is no such table; else a list of `[key, state, checksum]`, oldest first. */
export function historyQuery(layout: Layout, table: string, column: string): string {
  const [from, rows] = [quoted(table), rowsOf(layout, column)]
  return `select json_agg(json_build_array(key, state, checksum) order by nr) from (${rows.replace('$from', () => from)}) history`
}

export function tableQuery(table: string): string {
  return `select to_regclass('${quoted(table)}') is not null`
}

/** Names come from a schema that lets only letters, digits, _ and . through. */
function quoted(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')
}

function rowsOf(layout: Layout, column: string): string {
  switch (layout) {
    case 'prisma':
      return `select migration_name as key, checksum, row_number() over (order by started_at, finished_at nulls first) as nr,
        case when rolled_back_at is not null then 'marked-back' when finished_at is null then 'failed' else 'applied' end as state from $from`
    case 'sqlx':
      return `select version::text as key, encode(checksum, 'hex') as checksum, version as nr,
        case when success then 'applied' else 'failed' end as state from $from`
    case 'flyway':
      return `select coalesce(version, script) as key, checksum::text, installed_rank as nr,
        case when not success then 'failed' when type like 'UNDO%' then 'undone' when type = 'DELETE' then 'undone'
        when type = 'BASELINE' then 'baseline' else 'applied' end as state from $from where type <> 'SCHEMA'`
    case 'alembic':
      return `select version_num as key, null as checksum, row_number() over (order by version_num) as nr, 'applied' as state from $from`
    case 'plain':
      return `select "${column}"::text as key, null as checksum, row_number() over (order by "${column}") as nr, 'applied' as state from $from`
  }
}

export function ranOf(
  layout: Layout,
  rows: readonly (readonly [string, Ran['state'], string | null])[],
): readonly Ran[] {
  const last = new Map<string, Ran>()
  for (const [key, state, checksum] of rows) {
    const name = layout === 'flyway' && /^\d[\d._]*$/.test(key) ? flywayVersion(key) : key
    last.delete(name)
    last.set(name, { key: name, state, checksum })
  }
  return [...last.values()]
}

/** Alembic keeps only the last of each line: what stands before it ran too. */
function allRan(folder: readonly Migration[], last: readonly Ran[], layout: Layout): readonly Ran[] {
  if (layout !== 'alembic') return last
  const keys = withAllBefore(
    folder,
    last.map(({ key }) => key),
  )
  return [...keys].map((key) => ({ key, state: 'applied', checksum: null }))
}

export function standingOf(folder: readonly Migration[], last: readonly Ran[], layout: Layout): Standing {
  const ran = allRan(folder, last, layout)
  const baseline = ran
    .filter(({ state }) => state === 'baseline')
    .map(({ key }) => key)
    .toSorted(inOrder)
    .at(-1)
  const isBelow = (key: string): boolean => baseline !== undefined && inOrder(key, baseline) <= 0
  const found = new Map(ran.map((each) => [each, migrationOf(folder, each, layout)]))
  const ofMigration = new Map([...found].map(([each, migration]) => [migration, each]))
  const done = (migration: Migration): boolean => {
    const each = ofMigration.get(migration)
    if (migration.repeats) return each?.state === 'applied' && each.checksum === migration.checksum
    if (each === undefined || each.state === 'baseline') return isBelow(migration.key)
    return each.state === 'applied' || each.state === 'failed'
  }
  const pending = folder.filter((migration) => !done(migration))
  const applied = ran.filter(({ state }) => state === 'applied')
  const lastRun = folder.findLastIndex(
    (migration) => !migration.repeats && ofMigration.get(migration)?.state === 'applied',
  )
  const keys = (some: readonly Ran[]): readonly string[] => some.map((each) => found.get(each)?.name ?? each.key)
  return {
    pending,
    applied: applied.length,
    failed: keys(ran.filter(({ state }) => state === 'failed')),
    marked: keys(ran.filter(({ state }) => state === 'marked-back')),
    missing: keys(applied.filter((each) => found.get(each) === undefined)),
    changed: keys(applied.filter((each) => isChanged(each, found.get(each)))),
    // Of those that name what they come after, none can run out of order.
    late: pending
      .filter((each) => !each.repeats && each.parents === undefined && folder.indexOf(each) < lastRun)
      .map(({ name }) => name),
    heads: layout === 'alembic' ? headsOf(folder).map(({ name }) => name) : [],
  }
}

function isChanged({ checksum }: Ran, migration: Migration | undefined): boolean {
  if (migration === undefined || migration.repeats) return false
  return checksum !== null && migration.checksum !== null && checksum !== migration.checksum
}

/** Own runners keep the file, its name, or only the number it begins with. */
function migrationOf(folder: readonly Migration[], { key }: Ran, layout: Layout): Migration | undefined {
  if (layout !== 'plain') return folder.find((migration) => migration.key === key)
  const bare = key.replace(/(?:\.up)?\.sql$/, '')
  const exact = folder.find((migration) => migration.key === bare)
  if (exact || !/^\d+$/.test(bare)) return exact
  const same = folder.filter((migration) => {
    const number = /^\d+/.exec(migration.key)?.[0]
    return number !== undefined && BigInt(number) === BigInt(bare)
  })
  return same.length === 1 ? same[0] : undefined
}
