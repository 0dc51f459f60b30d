/** The limits that a launcher is started under, and that whatever it starts inherits: words before its command line. */
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type CommandUser, userText } from './command-user.ts'

/** Limits of the system, by the names that prlimit gives them; absent = as it is. */
export type LimitName = 'core' | 'nofile' | 'nproc' | 'fsize'

export interface Confinement {
  /** Nothing gains rights by being started: neither `sudo` nor any other program with rights of its own. */
  readonly noNewPrivileges: boolean
  /** Bytes for `core` and `fsize`, else a count. */
  readonly limits: Readonly<Partial<Record<LimitName, number>>>
  /** What commands run as; null = as their launcher, which never changes its own. */
  readonly user: CommandUser | null
}

export const unconfined: Confinement = { noNewPrivileges: false, limits: {}, user: null }

/** What this machine has for it. */
export interface ConfinementTools {
  /** Path of the program; null = not installed. */
  readonly prlimit: string | null
  readonly setpriv: string | null
  /** What this process may not exceed: to ask for more would be refused. */
  readonly most: Readonly<Partial<Record<LimitName, number>>>
}

const NAMES: readonly LimitName[] = ['core', 'nofile', 'nproc', 'fsize']
const TITLES: Readonly<Record<LimitName, string>> = {
  core: 'Max core file size',
  nofile: 'Max open files',
  nproc: 'Max processes',
  fsize: 'Max file size',
}
const FOLDERS = '/usr/local/bin:/usr/bin:/bin'

/** As a person writes it: `no-new-privs,core=0,nofile=4096`; '' = no limits. */
export function limitsText({ noNewPrivileges, limits }: Pick<Confinement, 'noNewPrivileges' | 'limits'>): string {
  const parts = NAMES.flatMap((name) => (limits[name] === undefined ? [] : [`${name}=${limits[name]}`]))
  return [...(noNewPrivileges ? ['no-new-privs'] : []), ...parts].join(',')
}

/** All of it, as launcher and clients compare it: another text is another confinement. */
export function confinementText(confinement: Confinement): string {
  const { user } = confinement
  const limits = limitsText(confinement)
  return user === null ? limits : `${limits};user=${userText(user)}`
}

/** Of such a text, what says whose user commands run as; '' = their launcher's. */
export function userPart(text: string): string {
  const at = text.indexOf(';user=')
  return at === -1 ? '' : text.slice(at + 1)
}

/** The programs that this confinement needs and this machine lacks. */
export function missingTools(confinement: Confinement, tools: ConfinementTools): readonly string[] {
  const needsLimits = NAMES.some((name) => confinement.limits[name] !== undefined)
  return [
    ...(needsLimits && tools.prlimit === null ? ['prlimit'] : []),
    ...(confinement.noNewPrivileges && tools.setpriv === null ? ['setpriv'] : []),
  ]
}

/** The command line under these limits. Each program in front replaces itself by the next: the process stays one. */
export function confinedLine(
  line: readonly string[],
  confinement: Confinement,
  tools: ConfinementTools,
): readonly string[] {
  const { most } = tools
  const flags = NAMES.flatMap((name) => {
    const limit = confinement.limits[name]
    return limit === undefined ? [] : [`--${name}=${Math.min(limit, most[name] ?? Infinity)}`]
  })
  const { prlimit, setpriv } = tools
  return [
    ...(flags.length > 0 && prlimit !== null ? [prlimit, ...flags] : []),
    ...(confinement.noNewPrivileges && setpriv !== null ? [setpriv, '--no-new-privs'] : []),
    ...line,
  ]
}

/** Nothing outside Linux: the same names mean other things there. */
export function toolsHere(path: string | undefined = process.env['PATH']): ConfinementTools {
  if (process.platform !== 'linux') return { prlimit: null, setpriv: null, most: {} }
  const folders = `${path ?? ''}${delimiter}${FOLDERS}`.split(delimiter).filter((folder) => folder.startsWith('/'))
  const find = (name: string) => folders.map((folder) => join(folder, name)).find(mayBeRun) ?? null
  return { prlimit: find('prlimit'), setpriv: find('setpriv'), most: hardLimits(textOf('/proc/self/limits')) }
}

/** From the table in /proc: `Max open files   1024   524288   files`; what is `unlimited` is left out. */
export function hardLimits(table: string): Partial<Record<LimitName, number>> {
  const found: Partial<Record<LimitName, number>> = {}
  for (const name of NAMES) {
    const row = table.split('\n').find((line) => line.startsWith(TITLES[name]))
    const hard = row?.slice(TITLES[name].length).trim().split(/\s+/)[1] ?? ''
    if (/^\d+$/.test(hard)) found[name] = Number(hard)
  }
  return found
}

function mayBeRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
