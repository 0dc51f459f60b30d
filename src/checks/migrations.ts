/** `yaml check kind: migrations`: what a folder of migrations would do to a PostgreSQL database, before it is done. */
import { z } from 'zod'
import type { SourcePlan } from '../core/plan/plan.ts'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { layouts, migrationsIn } from './migration-folder/folder.ts'
import { historyQuery, type Ran, ranOf, standingOf, tableQuery, usualTables } from './migration-folder/history.ts'
import { judgeMigrations, type Seen } from './migration-folder/judge.ts'
import { identityQuery, rehearse } from './migration-folder/rehearsal.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, millisOf } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine, wordsOf } from './parts/say.ts'

const table = z
  .string()
  .regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/, { error: 'expected the name of a table, such as schema_migrations' })

const config = z.strictObject({
  on: z.string().min(1).describe('Declared source of kind postgres; it is only read'),
  folder: z.string().min(1).describe("Folder of the migrations, relative to the checklist's"),
  layout: z
    .enum(layouts)
    .describe(
      '`prisma`, `sqlx`, `flyway`, `alembic` (its folder `versions`; known operations and SQL that stands in `op.execute` are judged, any other Python cannot be told), or `plain`: files of SQL that end in `.sql`, `.up.sql` and `.down.sql`, or have `-- migrate:down`',
    ),
  table: table.optional().describe('Table of what ran, with `layout: plain`, or where the tool has another than usual'),
  column: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, { error: 'expected the name of a column, such as version' })
    .default('version')
    .describe('With `layout: plain`: the column that has the file, its name, or the number it begins with'),
  'max-pending': z.number().int().min(0).optional().describe('Most migrations that have not run; 0 = all have'),
  destructive: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('`refuse`: what destroys fails, what cannot be told is inconclusive'),
  accept: z
    .array(z.string().min(1))
    .default([])
    .describe('Migrations that somebody has looked at and that may run as they are'),
  back: z.boolean().default(false).describe('Each pending migration has a way back; with `copy`, one that was run'),
  copy: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Declared source of kind postgres: a copy, on which what is pending runs in a transaction that is taken back',
    ),
  'max-time': durationField.optional().describe('With `copy`: most time that all of them take there'),
})

export type MigrationsConfig = z.infer<typeof config>

export const migrations = defineCheck({
  kind: 'migrations',
  summary: 'What is pending destroys nothing, has a way back, and ran on a copy in time',
  config: config.superRefine((given, context) => {
    const problem =
      given.layout === 'plain' && given.table === undefined
        ? 'expected table: the table that says what ran, such as schema_migrations'
        : given['max-time'] !== undefined && given.copy === undefined
          ? 'expected copy: a source on which the time is measured; max-time needs one'
          : given.layout === 'alembic' && given.copy !== undefined
            ? 'expected no copy: Alembic runs Python; run `alembic upgrade head` on one by a command'
            : given.copy === given.on
              ? `expected copy: another source than ${given.on}`
              : null
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  }),
  needs: ['source', 'files'],
  timeoutMs: 600_000,
  example:
    '```yaml check\nkind: migrations\non: orders\nfolder: api/prisma/migrations\nlayout: prisma\nback: true\ncopy: orders-staging\nmax-time: 5m\n```',
  facts: {
    pending: 'int',
    pending_names: 'list',
    applied: 'int',
    destructive: 'list',
    unknown: 'list',
    without_back: 'list',
    seconds: 'double',
    slowest: 'string',
    copy_share: 'double',
  },
  async run(given, powers) {
    let seen: Seen | string
    try {
      seen = await look(given, powers)
    } catch (fault) {
      if (fault instanceof ConfigFault) return none('errored', fault.message)
      return none('errored', powers.signal.aborted ? 'the database did not answer in time' : wordsOf(fault))
    }
    if (typeof seen === 'string') return none('inconclusive', seen)
    const maxMs = given['max-time'] === undefined ? null : millisOf(given['max-time'])
    const { outcome, say, facts, lines } = judgeMigrations(seen, {
      maxPending: given['max-pending'] ?? null,
      destructive: given.destructive === 'allow',
      accept: given.accept,
      back: given.back,
      maxMs,
    })
    const evidence = textEvidence('migrations.txt', `${lines.join('\n')}\n`)
    if (outcome !== 'passed') return { outcome, say: oneLine(say), evidence, facts }
    return judged(powers, facts, { say: oneLine(say), evidence })
  },
  async probe(given, powers) {
    try {
      const ran = await ranOn(given.on, given, powers)
      return typeof ran === 'string'
        ? { ok: false, say: ran }
        : { ok: true, say: `${given.on} has ${ran.length} of them` }
    } catch (fault) {
      return { ok: false, say: `${given.on}: ${wordsOf(fault)}` }
    }
  },
})

function none(outcome: 'errored' | 'inconclusive', say: string): CheckResult {
  return { outcome, say: oneLine(say), evidence: [] }
}

/** What was seen, or why nothing can be said. */
async function look(given: MigrationsConfig, powers: CheckPowers): Promise<Seen | string> {
  const folder = await migrationsIn(given.folder, given.layout, powers)
  const strange = given.accept.find((name) => !folder.some((migration) => migration.name === name))
  if (strange !== undefined) throw new ConfigFault(`accept names ${strange}, and the folder has no such migration`)
  const ran = await ranOn(given.on, given, powers)
  if (typeof ran === 'string') return ran
  const standing = standingOf(folder, ran, given.layout)
  if (given.copy === undefined || standing.pending.length === 0) return { standing, copy: null }
  const share = await shareOf(given.copy, given.on, powers)
  const there = await ranOn(given.copy, given, powers)
  if (typeof there === 'string') return there
  const names = standingOf(folder, there, given.layout).pending.map(({ name }) => name)
  if (names.join('\n') !== standing.pending.map(({ name }) => name).join('\n'))
    return `${given.copy} is no copy of where ${given.on} stands: ${names.length} pending there, ${standing.pending.length} here`
  powers.progress(`running ${names.length} on ${given.copy}`)
  const back = given.back && standing.pending.every((migration) => migration.back !== null)
  const { timeoutMs, signal } = powers
  const url = urlOf(given.copy, powers.source(given.copy))
  return {
    standing,
    copy: {
      name: given.copy,
      share,
      rehearsed: await rehearse({ url, migrations: standing.pending, back, timeoutMs, signal }),
    },
  }
}

/** Bytes of the copy for each of the original's. Throws where both are one database, or where that cannot be told. */
async function shareOf(copy: string, original: string, powers: CheckPowers): Promise<number> {
  const [[one, size], [other, whole]] = (await Promise.all(
    [copy, original].map(async (name) => (await ask(name, identityQuery, powers))[0] ?? []),
  )) as [unknown[], unknown[]]
  if (typeof one !== 'string' || typeof other !== 'string' || one === other)
    throw new ConfigFault(`${copy} is the same database as ${original}: nothing was run`)
  return Number(size) / Number(whole)
}

async function ranOn(name: string, given: MigrationsConfig, powers: CheckPowers): Promise<readonly Ran[] | string> {
  const from = given.table ?? (given.layout === 'plain' ? '' : usualTables[given.layout])
  const [there] = await ask(name, tableQuery(from), powers)
  if (there?.[0] !== true) return `${name} has no table ${from}: nobody can tell what ran there`
  const [answer] = await ask(name, historyQuery(given.layout, from, given.column), powers)
  return ranOf(given.layout, (answer?.[0] ?? []) as Parameters<typeof ranOf>[1])
}

async function ask(name: string, text: string, powers: CheckPowers): Promise<readonly (readonly unknown[])[]> {
  const { askPostgres } = await import('./sql-query/postgres.ts')
  const url = urlOf(name, powers.source(name))
  const { rows } = await askPostgres(url, { text, names: [] }, [], powers.timeoutMs, powers.signal)
  return rows
}

function urlOf(name: string, source: SourcePlan): string {
  const url = source.config['url']
  if (source.kind !== 'postgres') throw new ConfigFault(`${name} is a source of kind ${source.kind}, expected postgres`)
  if (typeof url !== 'string' || url === '') throw new ConfigFault(`source ${name} has no url`)
  return url
}
