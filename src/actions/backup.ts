/** `yaml run kind: backup`: a backup is made by the command that makes them, and it is waited for until it is complete. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, matchesGlob } from 'node:path'
import { z } from 'zod'
import { parseDuration } from '../core/plan/duration.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import type { Instant, Millis } from '../core/units.ts'

const durationField = z
  .string()
  .refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 90s, 15m or 1h' })

const config = z.strictObject({
  command: z
    .string()
    .min(1)
    // Values are filled into the settings of an action: in a line for a shell they could become a part of the program.
    .refine((text) => !text.includes('{{'), {
      error: 'expected no {{ name }} in a command; values come by name, such as "$HOLDPOINT_VERSION"',
    })
    .describe('Line for bash that makes a backup, or orders one; `$HOLDPOINT_VERSION` and the like have values'),
  files: z.string().min(1).describe('Where it comes to lie: /var/backups/shop/*.dump; * in the last part'),
  fresh: durationField
    .default('10m')
    .describe('One that was completed at most this long ago is enough, and no other is made'),
  within: durationField.default('1h').describe('How long it is waited for, after the command'),
  settled: durationField.default('10s').describe('It is complete when it has not changed for so long'),
  'min-bytes': z.number().int().positive().default(1).describe('A smaller one is none'),
})

type Config = z.infer<typeof config>

export const backup = defineAction({
  kind: 'backup',
  summary: 'A backup is made by the command that makes them, and waited for until it is complete',
  config,
  timeoutMs: 7_200_000,
  example:
    '```yaml run\nkind: backup\ncommand: /opt/backup/shop.sh\nfiles: /var/backups/shop/*.dump\nfresh: 15m\nirreversible: it only adds a backup\n```',
  captures: ['backup_file'],
  programs: ['bash'],
  async run(given, powers) {
    const before = await freshOne(given)
    if (before !== null) return taken(before, `${basename(before.file)} is fresh enough, and no other was made`, powers)
    const startedAt = Date.now()
    const { exitCode, stderr } = await powers.program('bash', [
      '--noprofile',
      '--norc',
      '-euo',
      'pipefail',
      '-c',
      given.command,
    ])
    if (exitCode !== 0)
      throw new ActionFault(`the command ended with ${exitCode}: ${stderr.trim().split('\n')[0] ?? ''}`)
    const made = await awaited(given, startedAt, powers)
    return taken(made, `${basename(made.file)} is complete, ${made.bytes} bytes`, powers)
  },
  async probe(given) {
    return (await freshOne(given)) !== null
  },
})

interface Found {
  readonly file: string
  readonly bytes: number
  readonly changedAt: Instant
}

function taken({ file }: Found, say: string, powers: ActionPowers): string {
  powers.capture('backup_file', file)
  return say
}

function millisOf(duration: string): Millis {
  const parsed = parseDuration(duration)
  if (!parsed.ok) throw new ActionFault(`"${duration}" is no duration`)
  return parsed.value
}

/** The newest of those that are complete, if it is young enough. A time that lies ahead proves nothing. */
async function freshOne(given: Config): Promise<Found | null> {
  const now = Date.now()
  const [newest] = (await present(given)).filter(
    ({ changedAt }) => changedAt <= now && now - changedAt >= millisOf(given.settled),
  )
  return newest !== undefined && now - newest.changedAt <= millisOf(given.fresh) ? newest : null
}

/** One that was changed since the command began, and has come to rest. Clocks of file systems count in steps. */
async function awaited(given: Config, startedAt: Instant, powers: ActionPowers): Promise<Found> {
  const until = Date.now() + millisOf(given.within)
  const settledMs = millisOf(given.settled)
  for (;;) {
    const [newest] = (await present(given)).filter(({ changedAt }) => changedAt >= startedAt - 1_000)
    const now = Date.now()
    if (newest !== undefined && now - newest.changedAt >= settledMs) return newest
    if (now > until)
      throw new ActionFault(
        `the command has ended, and there is no new backup like ${given.files} after ${given.within}`,
      )
    await powers.sleep(Math.min(1_000, Math.max(50, settledMs / 4)))
  }
}

/** The newest first; what its name says is being written is not among them. */
async function present(given: Config): Promise<readonly Found[]> {
  const folder = dirname(given.files)
  const names = await readdir(folder).catch((fault: NodeJS.ErrnoException) => {
    throw new ActionFault(`the folder ${folder} cannot be read (${fault.code})`)
  })
  const wanted = names.filter(
    (name) => matchesGlob(name, basename(given.files)) && !/^\.|\.(?:part|partial|tmp|temp|incomplete)$/i.test(name),
  )
  const found = await Promise.all(wanted.map((name) => standing(join(folder, name))))
  return found
    .filter((one) => one !== null)
    .filter(({ bytes }) => bytes >= given['min-bytes'])
    .toSorted((one, other) => other.changedAt - one.changedAt)
}

/** Of a folder, what lies in it; null = it is gone meanwhile. */
async function standing(file: string): Promise<Found | null> {
  try {
    const own = await stat(file)
    if (!own.isDirectory()) return { file, bytes: own.size, changedAt: own.mtimeMs }
    const inside = await Promise.all((await readdir(file)).map((name) => stat(join(file, name))))
    const bytes = inside.reduce((sum, { size }) => sum + size, 0)
    return { file, bytes, changedAt: Math.max(own.mtimeMs, ...inside.map(({ mtimeMs }) => mtimeMs)) }
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw fault
  }
}
