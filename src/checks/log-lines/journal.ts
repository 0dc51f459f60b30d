/** Lines of the journal of systemd, read by journalctl where commands run. */
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Millis } from '../../core/units.ts'
import { ConfigFault, fill } from '../parts/fields.ts'
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

/** Prints one line of JSON: why there is nothing, or the lines, packed so that they fit into what is kept of a command. */
const script = String.raw`
'use strict'
const { spawn } = process.getBuiltinModule('node:child_process')
const { gzipSync } = process.getBuiltinModule('node:zlib')
const given = JSON.parse(process.env.HOLDPOINT_JOURNAL)
const words = ['--no-pager', '--quiet', '--output=json', '--output-fields=MESSAGE', '--since=@' + given.since, '--lines=' + (given.lines + 1)]
for (const option of ['unit', 'identifier', 'priority', 'directory']) if (given[option]) words.push('--' + option + '=' + given[option])
const tell = (told) => process.stdout.write('\n' + JSON.stringify(told) + '\n')
const child = spawn('journalctl', words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } })
let rows = []
let rest = ''
let err = ''
child.stdout.setEncoding('utf8')
child.stdout.on('data', (text) => {
  const lines = (rest + text).split('\n')
  rest = lines.pop()
  for (const line of lines) {
    const { MESSAGE: said, __REALTIME_TIMESTAMP: at } = JSON.parse(line)
    // What is no text comes as its bytes; what is very long does not come at all.
    const message = Array.isArray(said) ? Buffer.from(said.flat()).toString('utf8') : String(said ?? '')
    rows.push([Math.floor(Number(at) / 1000), message.slice(0, 16384)])
  }
})
child.stderr.on('data', (text) => { if (err.length < 1000) err += text })
child.on('error', (cause) => tell({ why: cause.code === 'ENOENT' ? 'journalctl is not installed where this runs' : cause.message }))
child.on('close', (code) => {
  if (code === null || code < 0) return
  if (code !== 0 && err.trim() !== '') return tell({ why: 'journalctl: ' + err.trim().split('\n')[0] })
  let isCut = rows.length > given.lines
  let size = 0
  let from = rows.length
  while (from > 0 && size + rows[from - 1][1].length < given.bytes && rows.length - from < given.lines) size += rows[--from][1].length + 24
  isCut = isCut || from > 0
  let packed = gzipSync(JSON.stringify(rows.slice(from))).toString('base64')
  while (packed.length > 900000) {
    isCut = true
    from += Math.ceil((rows.length - from) / 2)
    packed = gzipSync(JSON.stringify(rows.slice(from))).toString('base64')
  }
  tell({ isCut, packed })
})
`

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
