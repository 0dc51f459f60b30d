/** What `doctor` asks where commands run: can these folders be read, are these programs there? */
import { dirname } from 'node:path'
import type { CheckPowers } from '../../core/ports/check.ts'

interface Wanted {
  /** Patterns of files, such as `/var/backups/shop/*.dump`: their folders. */
  readonly files?: readonly string[]
  /** Names, or whole command lines, of which the first word counts. */
  readonly programs?: readonly string[]
}

const script = String.raw`
'use strict'
const fs = process.getBuiltinModule('node:fs')
const path = process.getBuiltinModule('node:path')
const { folders, programs } = JSON.parse(process.env.HOLDPOINT_WANTED)
const may = (file, how) => { try { fs.accessSync(file, how); return null } catch (fault) { return fault.code } }
const places = (process.env.PATH || '').split(':')
const found = (name) => (name.includes('/') ? [name] : places.map((place) => path.join(place, name))).some((file) => may(file, fs.constants.X_OK) === null)
const wrong = [
  ...folders.flatMap((folder) => {
    const code = may(folder, fs.constants.R_OK | fs.constants.X_OK)
    if (code === null) return []
    return [code === 'ENOENT' ? folder + ' is not there' : folder + ' may not be read by user ' + process.getuid() + ' (' + code + '); give it the right to'] }),
  ...programs.filter((name) => !found(name)).map((name) => name + ' is not there: install it where commands run'),
]
process.stdout.write(JSON.stringify(wrong))
`

export async function lookWhereCommandsRun(
  { files = [], programs = [] }: Wanted,
  powers: Pick<CheckPowers, 'command'>,
): Promise<{ ok: boolean; say: string }> {
  const folders = [...new Set(files.map((file) => dirname(file)))]
  const names = [...new Set(programs.flatMap(firstWord))]
  const env = { HOLDPOINT_WANTED: JSON.stringify({ folders, programs: names }) }
  const { ended, exitCode, stdout, why } = await powers.command({
    shell: 'node',
    script,
    cwd: null,
    timeoutMs: 10_000,
    env,
  })
  if (ended !== 'exit' || exitCode !== 0)
    return { ok: false, say: `nobody can look where commands run (${why ?? ended})` }
  const wrong = JSON.parse(new TextDecoder().decode(stdout)) as readonly string[]
  const there = [...folders.map((folder) => `${folder} can be read`), ...names.map((name) => `${name} is there`)]
  return wrong.length > 0 ? { ok: false, say: wrong.join('; ') } : { ok: true, say: there.join(', ') }
}

/** Of a line for a shell, where it is plainly the name of a program. */
function firstWord(line: string): readonly string[] {
  const [word = ''] = line.trim().split(/\s+/)
  return /^[\w./+-]+$/.test(word) ? [word] : []
}
