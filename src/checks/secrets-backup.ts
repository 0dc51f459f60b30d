/** `yaml check kind: secrets-backup`: the newest backup of secrets is young, decrypts, and has the names it should; no value is shown. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import { textEvidence } from './parts/evidence.ts'
import { bytesOf, durationField, fill, millisOf, sizeField } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine, sayMillis } from './parts/say.ts'
import { type BackupSettings, type BackupTold, script } from './secrets-backup/script.ts'
import { lookWhereCommandsRun } from './parts/where-commands-run.ts'

const config = z.strictObject({
  files: z.string().min(1).describe('Backups, such as /var/backups/secrets/*.age; * in the last part'),
  decrypt: z
    .string()
    .min(1)
    .describe(
      'Command that reads the backup and writes what is in it; keys come by `secrets:`. Its output is never kept',
    ),
  'newer-than': durationField.describe('The newest was completed at most this long ago'),
  names: z
    .array(z.string().regex(/^[A-Za-z_][\w.-]{0,199}$/, { error: 'expected the name of a secret, never its value' }))
    .min(1)
    .optional()
    .describe('Names that have to be in it, as `NAME=` or as keys of YAML or JSON'),
  'min-size': sizeField.default(1).describe('Smaller backups are passed over'),
  settled: durationField.default('10s').describe('One that changed less long ago may still be written'),
  'clock-skew': durationField.default('5s').describe('How far clocks may differ before an age says nothing'),
})

type Config = z.infer<typeof config>

export const secretsBackup = defineCheck({
  kind: 'secrets-backup',
  summary: 'The newest backup of secrets is young, decrypts, and has the names it should',
  config,
  needs: ['command'],
  timeoutMs: 120_000,
  example:
    '```yaml check\nkind: secrets-backup\nfiles: /var/backups/secrets/*.age\ndecrypt: age --decrypt --identity /run/secrets/backup-key\nnewer-than: 24h\nnames: [DB_PASSWORD, API_TOKEN]\n```',
  facts: { age_seconds: 'double', bytes: 'int', plain_bytes: 'int', missing: 'list' },
  async run(given, powers) {
    const settings: BackupSettings = {
      files: fill(given.files, powers.variables),
      decrypt: given.decrypt,
      names: given.names ?? [],
      minBytes: bytesOf(given['min-size']),
      settledMs: millisOf(given.settled),
      skewMs: millisOf(given['clock-skew']),
    }
    const env = { HOLDPOINT_BACKUP: JSON.stringify(settings) }
    const result = await powers.command({ shell: 'node', script, cwd: null, timeoutMs: powers.timeoutMs, env })
    const told = toldIn(result)
    if (told === null) return { outcome: 'errored', say: `it could not be looked at (${result.ended})`, evidence: [] }
    return judge(told, given, powers)
  },
  probe: (given, powers) =>
    lookWhereCommandsRun({ files: [fill(given.files, powers.variables)], programs: [given.decrypt] }, powers),
})

function judge(told: BackupTold, given: Config, powers: CheckPowers): CheckResult {
  const { file, startedAt, plainBytes, missing, broken, wrong } = told
  const evidence = textEvidence('backup.json', `${JSON.stringify(told, null, 2)}\n`, 'application/json')
  const ageMs = file === null ? 0 : Math.max(0, startedAt - file.completedAt)
  const facts = {
    ...(file && { age_seconds: ageMs / 1000, bytes: file.bytes, plain_bytes: plainBytes }),
    missing: [...missing],
  }
  if (broken !== null) return { outcome: 'errored', say: oneLine(broken), evidence, facts }
  const most = given['newer-than']
  const why =
    wrong ??
    (ageMs > millisOf(most) ? `the newest backup is ${sayMillis(ageMs)} old, at most ${most} allowed` : null) ??
    (missing.length > 0 ? `it has no ${missing.join(', ')}` : null)
  const name = file?.name ?? 'backup'
  if (why !== null) return { outcome: 'failed', say: oneLine(file === null ? why : `${name}: ${why}`), evidence, facts }
  const names = given.names === undefined ? '' : ` with all ${given.names.length} names`
  return judged(powers, facts, { say: oneLine(`${name}, ${sayMillis(ageMs)} old, decrypts${names}`), evidence })
}

/** Its last line. */
function toldIn({ stdout, ended }: CommandResult): BackupTold | null {
  if (ended !== 'exit') return null
  try {
    const told = JSON.parse(new TextDecoder().decode(stdout).trimEnd().split('\n').at(-1) ?? '') as BackupTold
    return Array.isArray(told.missing) && typeof told.startedAt === 'number' ? told : null
  } catch {
    return null
  }
}
