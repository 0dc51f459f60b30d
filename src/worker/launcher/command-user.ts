/** The user that commands run as where it is another than who starts them: looked up, tried once, and put into words. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** Of its groups a command has this one only: what else the user is a member of opens nothing to it. */
export interface CommandUser {
  readonly uid: number
  readonly gid: number
  /** `$HOME` of commands. */
  readonly home: string
}

/** A user that is not there, or that this process may not become; the words say why, and what to do. */
export class CommandUserFault extends Error {
  override name = 'CommandUserFault'
}

interface Named {
  readonly user: string
  readonly group: string | null
}

/** The databases of users and groups, as lines of `passwd` and `group`; null = no such entry. */
export type LookUp = (database: 'passwd' | 'group', key: string) => string | null

const TRIED_WITHIN_MS = 10_000
const NUMBER = /^\d{1,10}$/
/** Kernels keep the highest for "none". */
const HIGHEST = 4_294_967_294

/** Throws CommandUserFault when there is none, or when it would keep nothing away. */
export function findUser({ user, group }: Named, lookUp: LookUp = systemLookUp): CommandUser {
  const entry = lookUp('passwd', user)?.split(':')
  const uid = idOf(entry?.[2] ?? user)
  if (uid === null) throw new CommandUserFault(`there is no user ${user} on this machine`)
  const gid = group === null ? idOf(entry?.[3] ?? '') : groupOf(group, lookUp)
  if (gid === null)
    throw new CommandUserFault(
      group === null
        ? `user ${user} has no entry on this machine, so its group is not known; say it too, for example ${user}:${user}`
        : `there is no group ${group} on this machine`,
    )
  if (uid === 0) throw new CommandUserFault('root may read everything, so it keeps nothing apart')
  if (gid === 0) throw new CommandUserFault("the group of root may read what is the engine's; name another group")
  return { uid, gid, home: entry?.[5] || '/' }
}

/** Throws CommandUserFault unless a process here really can become this user, and nobody else with it. */
export function tryUser({ uid, gid }: CommandUser): void {
  if (process.platform !== 'linux') throw new CommandUserFault('another user for commands is for Linux only')
  const own = process.geteuid?.()
  if (own !== 0)
    throw new CommandUserFault(
      `this process runs as user ${own} and may not start commands as another; start it as root, with no more than CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_KILL, CAP_SETGID and CAP_SETUID`,
    )
  const script = 'cat /proc/self/status; test -x "$1" && echo "Folder: reached"'
  const { stdout, error, status } = spawnSync('/bin/sh', ['-c', script, 'sh', tmpdir()], {
    uid,
    gid,
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
    timeout: TRIED_WITHIN_MS,
  })
  if (error !== undefined)
    throw new CommandUserFault(`a process cannot become user ${uid} with group ${gid}: ${error.message}`)
  const wrong = whatIsWrong(stdout, uid, gid)
  if (wrong !== null) throw new CommandUserFault(`a process that became user ${uid} ${wrong}`)
  if (status !== 0)
    throw new CommandUserFault(`user ${uid} does not get into ${tmpdir()}, where commands have folders of their own`)
}

/** Whether this user may run that program, or enter that folder: asked of the system, as this user. */
export function mayUse({ uid, gid }: CommandUser, path: string): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], {
    uid,
    gid,
    cwd: '/',
    env: {},
    stdio: 'ignore',
    timeout: TRIED_WITHIN_MS,
  })
  return status === 0
}

/** From the table in /proc of a process that was started as this user. */
export function whatIsWrong(status: string, uid: number, gid: number): string | null {
  const lines = status.split('\n')
  const row = (name: string) =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? ''
  const all = (id: number) => [id, id, id, id].join('\t')
  if (row('Uid') !== all(uid)) return `has the user ids ${row('Uid')}`
  if (row('Gid') !== all(gid)) return `has the group ids ${row('Gid')}`
  const groups = row('Groups')
    .split(' ')
    .filter((each) => each !== '' && each !== String(gid))
  if (groups.length > 0) return `has the groups ${groups.join(', ')} besides`
  const rights = ['CapPrm', 'CapEff', 'CapAmb'].find((name) => !/^0+$/.test(row(name)))
  return rights === undefined ? null : `keeps rights of root (${rights} ${row(rights)})`
}

/** As it goes to a launcher: `1500:1500:/home/x`. */
export function userText({ uid, gid, home }: CommandUser): string {
  return `${uid}:${gid}:${home}`
}

/** Throws for anything but what `userText` made. */
export function userFrom(text: string): CommandUser {
  const [, uid, gid, home] = /^(\d+):(\d+):(.+)$/s.exec(text) ?? []
  if (home === undefined) throw new Error(`bug: "${text}" is no user of commands`)
  return { uid: Number(uid), gid: Number(gid), home }
}

function groupOf(group: string, lookUp: LookUp): number | null {
  return idOf(lookUp('group', group)?.split(':')[2] ?? group)
}

function idOf(text: string): number | null {
  return NUMBER.test(text) && Number(text) <= HIGHEST ? Number(text) : null
}

/** The files first, which are always there; then whatever else this machine asks. */
function systemLookUp(database: 'passwd' | 'group', key: string): string | null {
  const place = NUMBER.test(key) ? 2 : 0
  const line = linesOf(`/etc/${database}`).find((each) => each.split(':')[place] === key)
  if (line !== undefined) return line
  const { status, stdout } = spawnSync('getent', [database, key], { encoding: 'utf8', timeout: TRIED_WITHIN_MS })
  return status === 0 ? (stdout.split('\n')[0] ?? null) : null
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}
