/** `yaml check kind: backup`: the newest complete backup is young enough and reads to its end, and enough of them are kept. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import { type BackupLimits, judgeBackups } from './backup-files/judge.ts'
import { type BackupsSettings, type BackupsTold, script } from './backup-files/script.ts'
import { byEnvironment, inEnvironment, namedEnvironments } from './parts/by-environment.ts'
import { textEvidence } from './parts/evidence.ts'
import { bytesOf, durationField, fill, millisOf, sizeField } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine } from './parts/say.ts'
import { lookWhereCommandsRun } from './parts/where-commands-run.ts'

const config = z.strictObject({
  files: z
    .string()
    .min(1)
    .describe('Backups where commands run, files or folders, such as /var/backups/shop/*.dump; * in the last part'),
  'newer-than': byEnvironment(durationField).describe(
    'The newest was completed at most this long ago; by environment: `{ production: 1h, else: 24h }`',
  ),
  integrity: z
    .boolean()
    .default(true)
    .describe(
      'All of it is read: dumps of PostgreSQL (by pg_restore), SQL, tar, zip, SQLite, Redis, within gzip, zstd, xz or bzip2, against a .sha256 beside it',
    ),
  encrypted: z.boolean().default(false).describe('Its first bytes are those of age, OpenPGP, openssl or LUKS'),
  decrypt: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Command that reads an encrypted backup and writes what is in it, of which nothing is kept; keys come by `secrets:`',
    ),
  'at-least': z.number().int().positive().optional().describe('How many are kept'),
  'reaches-back': durationField.optional().describe('The oldest is at least this old'),
  gap: durationField.optional().describe('No more than this lies between one and the next'),
  'of-previous': z
    .string()
    .regex(/^(?:100|\d{1,2})\s*%$/, { error: 'expected a part such as 50%' })
    .optional()
    .describe('It has at least this part of the bytes of the one before'),
  'min-size': sizeField.default(1).describe('Smaller ones are passed over'),
  settled: durationField.default('10s').describe('One that changed less long ago may still be written'),
  'clock-skew': durationField.default('5s').describe('How far clocks may differ before an age says nothing'),
})

type Config = z.infer<typeof config>

export const backup = defineCheck({
  kind: 'backup',
  summary: 'The newest complete backup is young enough and reads to its end, and enough of them are kept',
  config,
  needs: ['command'],
  environments: (given) => namedEnvironments([given['newer-than']]),
  timeoutMs: 1_800_000,
  example:
    '```yaml check\nkind: backup\nfiles: /var/backups/shop/*.dump\nnewer-than: { production: 1h, else: 24h }\nat-least: 7\nreaches-back: 30d\n```',
  facts: {
    name: 'string',
    is: 'string',
    age_seconds: 'double',
    bytes: 'int',
    encrypted: 'bool',
    count: 'int',
    broken: 'int',
    oldest_seconds: 'double',
    largest_gap_seconds: 'double',
  },
  async run(given, powers) {
    const limits = limitsOf(given, powers)
    const env = { HOLDPOINT_BACKUP: JSON.stringify(settingsOf(given, powers)) }
    const result = await powers.command({ shell: 'node', script, cwd: null, timeoutMs: powers.timeoutMs, env })
    const told = toldIn(result)
    if (told === null) return { outcome: 'errored', say: `it could not be looked at (${result.ended})`, evidence: [] }
    return resultOf(told, limits, powers)
  },
  probe: (given, powers) =>
    lookWhereCommandsRun({ files: [fill(given.files, powers.variables)], programs: [given.decrypt ?? ''] }, powers),
})

function resultOf(told: BackupsTold, limits: BackupLimits, powers: CheckPowers): CheckResult {
  const { outcome, say, facts } = judgeBackups(told, limits)
  const evidence = textEvidence('backups.json', `${JSON.stringify(told, null, 2)}\n`, 'application/json')
  if (outcome !== 'passed') return { outcome, say: oneLine(say), evidence, facts }
  return judged(powers, facts, { say: oneLine(say), evidence })
}

function settingsOf(given: Config, { variables }: CheckPowers): BackupsSettings {
  return {
    files: fill(given.files, variables),
    decrypt: given.decrypt ?? null,
    integrity: given.integrity,
    minBytes: bytesOf(given['min-size']),
    settledMs: millisOf(given.settled),
    skewMs: millisOf(given['clock-skew']),
  }
}

function limitsOf(given: Config, powers: CheckPowers): BackupLimits {
  const part = given['of-previous']
  return {
    files: fill(given.files, powers.variables),
    newestMs: millisOf(inEnvironment(given['newer-than'], 'newer-than', powers.variables['environment'] ?? '')),
    atLeast: given['at-least'] ?? null,
    reachesBackMs: given['reaches-back'] === undefined ? null : millisOf(given['reaches-back']),
    gapMs: given.gap === undefined ? null : millisOf(given.gap),
    ofPrevious: part === undefined ? null : Number.parseInt(part, 10) / 100,
    encrypted: given.encrypted,
    integrity: given.integrity,
  }
}

/** Its last line. */
function toldIn({ stdout, ended }: CommandResult): BackupsTold | null {
  if (ended !== 'exit') return null
  try {
    const told = JSON.parse(new TextDecoder().decode(stdout).trimEnd().split('\n').at(-1) ?? '') as BackupsTold
    return Array.isArray(told.files) && Array.isArray(told.bad) && typeof told.startedAt === 'number' ? told : null
  } catch {
    return null
  }
}
