/** `yaml check kind: restore-drill`: the newest complete PostgreSQL dump restores, holds what it should, and in time. */
import { z } from 'zod'
import { parseLimit } from '../core/plan/limit.ts'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import { tellingLine } from '../core/telling-line.ts'
import { textEvidence } from './parts/evidence.ts'
import { bytesOf, ConfigFault, durationField, fill, millisOf, sizeField } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine, sayMillis } from './parts/say.ts'
import { judgeDrill, type Targets } from './restore-drill/judge.ts'
import { type DrillSettings, type DrillTold, script } from './restore-drill/script.ts'
import { lookWhereCommandsRun } from './parts/where-commands-run.ts'

const name = z
  .string()
  .regex(/^[A-Za-z_][\w.]{0,99}$/, { error: 'expected the name of a table, such as orders or shop.orders' })
const limit = z
  .string()
  .refine((text) => parseLimit(text).ok, { error: 'expected a comparator and a number, such as ">= 1000"' })

const config = z.strictObject({
  dumps: z
    .string()
    .min(1)
    .describe('Files or folders of pg_dump, such as /var/backups/shop/*.dump; * in the last part'),
  server: z
    .string()
    .refine((text) => /^(postgres(ql)?:\/\/|\{\{)/.test(text), { error: 'expected postgres://user@host/postgres' })
    .refine((text) => !/^postgres(ql)?:\/\/[^/@]*:[^/@]*@/.test(text), {
      error: 'expected no password in the address; give it as secrets: PGPASSWORD',
    })
    .describe('Server on which a throw-away database is made; the password as `secrets: PGPASSWORD`'),
  production: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('Hosts, or host:port, that must never be that server, under whatever name'),
  'same-server': z
    .boolean()
    .default(false)
    .describe('true = the server may hold the database from which the dump was made'),
  tables: z
    .record(name, limit)
    .optional()
    .describe('Tables and how many rows they have to have: `{ orders: ">= 1000" }`'),
  newest: z
    .string()
    .regex(/^[\w.]+\.[A-Za-z_]\w*$/, { error: 'expected table.column, such as orders.placed_at' })
    .optional()
    .describe('Column with the time of each row: the newest says how old the data is. Without it the dump does'),
  verify: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_-]{0,59}$/),
      z.strictObject({ query: z.string().min(1), is: z.string().optional(), limit: limit.optional() }),
    )
    .optional()
    .describe('Questions to the restored data, such as a checksum: `{ sum: { query: "select …", is: "42" } }`'),
  'max-recovery': durationField.optional().describe('Target of the recovery time, from the start to verified data'),
  'max-data-age': durationField.optional().describe('Target of the age of the restored data'),
  'min-size': sizeField.default('1kB').describe('Smaller dumps are passed over'),
  settled: durationField.default('10s').describe('A dump that changed less long ago may still be written'),
  'clock-skew': durationField.default('5s').describe('How far clocks may differ before an age says nothing'),
})

type Config = z.infer<typeof config>

export const restoreDrill = defineCheck({
  kind: 'restore-drill',
  summary: 'The newest complete PostgreSQL dump restores, holds what it should, and in time',
  config: config.superRefine((given, context) => {
    if (given.tables !== undefined || given.verify !== undefined) return
    context.addIssue({
      code: 'custom',
      message: 'expected tables or verify: a restore that nobody looks into proves nothing',
    })
  }),
  needs: ['command'],
  timeoutMs: 3_600_000,
  example:
    '```yaml check\nkind: restore-drill\ndumps: /var/backups/shop/*.dump\nserver: postgres://drill@scratch.internal/postgres\nproduction: db.internal\ntables: { orders: ">= 1000" }\nnewest: orders.placed_at\nmax-recovery: 30m\nmax-data-age: 24h\nrecord: restore-test\n```',
  facts: {
    recovery: 'double',
    data_age: 'double',
    dump: 'string',
    dump_bytes: 'int',
    dump_age: 'double',
    skipped: 'int',
    answers: 'map',
  },
  async run(given, powers) {
    const result = await powers.command({
      shell: 'node',
      script,
      cwd: null,
      timeoutMs: powers.timeoutMs,
      env: { HOLDPOINT_DRILL: JSON.stringify(settingsOf(given, powers)) },
    })
    const told = toldIn(result)
    if (told === null) return { outcome: 'errored', say: whyNot(result, powers), evidence: [] }
    return resultOf(told, given, powers)
  },
  /** Nothing is restored, and the server is not asked: that takes the drill. */
  probe(given, powers) {
    const { dumps } = settingsOf(given, powers)
    return lookWhereCommandsRun({ files: [dumps], programs: ['pg_restore', 'psql'] }, powers)
  },
})

function settingsOf(given: Config, powers: CheckPowers): DrillSettings {
  const { production } = given
  return {
    dumps: fill(given.dumps, powers.variables),
    server: serverOf(fill(given.server, powers.variables)),
    production: (typeof production === 'string' ? [production] : production).map((each) =>
      fill(each, powers.variables),
    ),
    sameServer: given['same-server'],
    minBytes: bytesOf(given['min-size']),
    settledMs: millisOf(given.settled),
    skewMs: millisOf(given['clock-skew']),
    questions: questionsOf(given),
  }
}

/** What a variable put into it is looked at as what stood there from the beginning. */
function serverOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '')
    throw new ConfigFault(
      `"${oneLine(text, 80)}" is no address of a PostgreSQL server, expected postgres://user@host/postgres`,
    )
  if (url.password !== '')
    throw new ConfigFault('the address of the server has a password; give it as secrets: PGPASSWORD')
  return url.href
}

const NEWEST = 'newest row'

function questionsOf({ tables = {}, verify = {}, newest }: Config): Record<string, string> {
  const [, table, column] = /^(.+)\.([^.]+)$/.exec(newest ?? '') ?? []
  return {
    ...Object.fromEntries(
      Object.keys(tables).map((each) => [`rows of ${each}`, `select count(*) from ${quoted(each)}`]),
    ),
    ...Object.fromEntries(Object.entries(verify).map(([each, { query }]) => [each, query])),
    ...(table !== undefined &&
      column !== undefined && { [NEWEST]: `select extract(epoch from max("${column}")) from ${quoted(table)}` }),
  }
}

function quoted(table: string): string {
  return table
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')
}

function targetsOf({ tables = {}, verify = {}, newest, ...given }: Config): Targets {
  const rows = Object.entries(tables).map(([table, wanted]) => [`rows of ${table}`, { limit: wanted }] as const)
  const asked = Object.entries(verify).map(
    ([each, { is, limit: wanted }]) =>
      [each, { ...(is !== undefined && { equals: is }), limit: wanted ?? '> 0' }] as const,
  )
  return {
    wanted: Object.fromEntries([...rows, ...asked]),
    newest: newest === undefined ? null : NEWEST,
    maxRecoveryMs: given['max-recovery'] === undefined ? null : millisOf(given['max-recovery']),
    maxDataAgeMs: given['max-data-age'] === undefined ? null : millisOf(given['max-data-age']),
  }
}

function resultOf(told: DrillTold, given: Config, powers: CheckPowers): CheckResult {
  const { outcome, say, facts } = judgeDrill(told, targetsOf(given))
  const evidence = textEvidence('drill.json', `${JSON.stringify(told, null, 2)}\n`, 'application/json')
  if (outcome !== 'passed') return { outcome, say: oneLine(say), evidence, facts }
  return judged(powers, facts, { say: oneLine(say), evidence })
}

/** Its last line, whatever tools have written before it. */
function toldIn({ stdout, ended }: CommandResult): DrillTold | null {
  if (ended === 'lost' || ended === 'not-started') return null
  const last = new TextDecoder().decode(stdout).trimEnd().split('\n').at(-1) ?? ''
  try {
    const told = JSON.parse(last) as DrillTold
    return Array.isArray(told.steps) && typeof told.startedAt === 'number' ? told : null
  } catch {
    return null
  }
}

function whyNot({ ended, why, exitCode, stderr }: CommandResult, { timeoutMs }: CheckPowers): string {
  if (ended === 'timeout') return `the drill did not end within ${sayMillis(timeoutMs)} and was stopped`
  if (ended !== 'exit')
    return `the drill did not run to its end (${ended})${why === null ? '' : `: ${oneLine(why, 200)}`}`
  const line = tellingLine(new TextDecoder().decode(stderr))
  return `the drill says nothing (exit ${exitCode ?? 'none'})${line === '' ? '' : `: ${oneLine(line, 240)}`}`
}
