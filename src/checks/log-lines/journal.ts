/** Lines of the journal of systemd, read by journalctl where commands run. */
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Millis } from '../../core/units.ts'
import { ConfigFault, fill } from '../parts/fields.ts'
import { script } from './journal-script.ts'
import type { LogLine } from './lines.ts'

const name = z.string().min(1).regex(/^[^-]/, { error: 'expected a name that does not begin with -' })

export const journalField = z
  .strictObject({
    unit: name.optional(),
    identifier: name.optional(),
    priority: z.enum(['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']).optional(),
    directory: z.string().startsWith('/', { error: 'expected a folder such as /var/log/journal' }).optional(),
  })
  .refine(({ unit, identifier }) => unit !== undefined || identifier !== undefined, {
    error: 'expected unit or identifier: whose lines are looked at, such as `{ unit: shop.service }`',
  })

type Journal = z.infer<typeof journalField>

/** More is cut, the oldest first. */
const mostLines = 50_000
const mostBytes = 4 * 1024 * 1024

/** Throws ConfigFault where it cannot be read. */
export async function journalLines(
  journal: Journal,
  lastMs: Millis,
  powers: CheckPowers,
): Promise<{ readonly lines: readonly LogLine[]; readonly isCut: boolean }> {
  const put = (text: string | undefined): string | undefined => text && fill(text, powers.variables)
  const since = powers.clock.now() - lastMs
  const asked = {
    ...journal,
    unit: put(journal.unit),
    identifier: put(journal.identifier),
    since: Math.floor(since / 1_000),
    lines: mostLines,
    bytes: mostBytes,
  }
  const env = { HOLDPOINT_JOURNAL: JSON.stringify(asked) }
  const ended = await powers.command({ shell: 'node', script, cwd: null, timeoutMs: powers.timeoutMs, env })
  const told = toldIn(new TextDecoder().decode(ended.stdout))
  if (told === null) throw new ConfigFault(`the journal could not be read (${ended.ended})`)
  if ('why' in told) throw new ConfigFault(told.why)
  const rows = JSON.parse(gunzipSync(Buffer.from(told.packed, 'base64')).toString('utf8')) as [number, string][]
  const lines = rows.flatMap(([at, message]) => message.split('\n').map((text) => ({ text, at })))
  return {
    lines: lines.filter(({ at }) => at >= since).map((line, index) => ({ ...line, number: index + 1 })),
    isCut: told.isCut,
  }
}

type Told = { readonly why: string } | { readonly isCut: boolean; readonly packed: string }

/** The last line; null = it says nothing that could be read. */
function toldIn(stdout: string): Told | null {
  try {
    const told = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Partial<Told & object>
    return 'why' in told || 'packed' in told ? (told as Told) : null
  } catch {
    return null
  }
}
