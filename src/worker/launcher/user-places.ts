/**
 * Places of commands that run as another user. They lie outside of the spool, which that user cannot enter. What the
 * launcher goes by there is root's own; the user's is the temporary folder alone, and it is emptied as that user.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { CommandUser } from './command-user.ts'
import type { Place, Places } from './places.ts'

/** In the launcher's folder: where its places are, for the launcher after it. */
const NOTE = 'places'
const PREFIX = 'holdpoint-commands-'
/** Others may go through it to what is theirs, and see no names. */
const PASSAGE = 0o711
/** For root, and for the group that only commands are meant to be in. */
const FOR_GROUP = { folder: 0o710, script: 0o640, output: 0o660 } as const
const OTHERS_MAY_WRITE = 0o022
const STICKY = 0o1000
const EMPTIED_WITHIN_MS = 30_000
/** Run as the user whose files these are: whatever they were exchanged for, it can remove nothing else. */
const EMPTY = 'chmod -R u+rwX "$1" 2>/dev/null; rm -rf "$1"'

export function userPlaces(directory: string, { uid, gid }: CommandUser): Places {
  const root = rootOf(directory)
  const remove = (place: Place): void => {
    takeBack(place)
    rmSync(place.script, { force: true })
    try {
      rmdirSync(dirname(place.script))
    } catch {
      // Not there, or the user's own files cannot be removed by themselves: a later launcher tries again.
    }
  }
  return {
    of: (path) => {
      const place = join(root, basename(path))
      return { script: join(place, 'script'), tmp: join(place, 'tmp'), output: join(place, 'output') }
    },
    make: (place, script) => {
      remove(place)
      if (!isOurs(root)) makeRoot(root)
      mkdirSync(dirname(place.script), { mode: 0o700 })
      for (const [path, text, mode] of [
        [place.script, script, FOR_GROUP.script],
        [place.output, '', FOR_GROUP.output],
      ] as const) {
        writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
        chownSync(path, 0, gid)
        chmodSync(path, mode)
      }
      mkdirSync(place.tmp, { mode: 0o700 })
      chownSync(place.tmp, uid, gid)
      chownSync(dirname(place.script), 0, gid)
      chmodSync(dirname(place.script), FOR_GROUP.folder)
    },
    // Nobody comes back to it: the result lies in the spool.
    clear: remove,
    remove,
    areReused: false,
    keepOnly: (paths) => {
      const names = new Set(paths.map((path) => basename(path)))
      for (const name of readdirSync(root)) if (!names.has(name)) remove(placeAt(join(root, name)))
    },
    close: () => {
      try {
        rmdirSync(root)
        rmSync(join(directory, NOTE), { force: true })
      } catch {
        // Results that nobody has fetched yet have their places there.
      }
    },
  }
}

function placeAt(folder: string): Place {
  return { script: join(folder, 'script'), tmp: join(folder, 'tmp'), output: join(folder, 'output') }
}

/** What the command could write. */
function takeBack({ tmp, output }: Place): void {
  rmSync(output, { force: true })
  const status = lstatSync(tmp, { throwIfNoEntry: false })
  if (status === undefined || isRemoved(tmp)) return
  emptyAsOwner(tmp, status)
  if (!isRemoved(tmp)) console.error(`${tmp} could not be removed as user ${status.uid}, to whom it belongs`)
}

/** Only where it is empty. */
function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

function emptyAsOwner(folder: string, { uid, gid }: Stats): void {
  // Never handed over: nobody else has written into it.
  if (uid === 0) return rmSync(folder, { recursive: true, force: true })
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin' }
  spawnSync('/bin/sh', ['-c', EMPTY, 'sh', folder], {
    uid,
    gid,
    cwd: '/',
    env,
    stdio: 'ignore',
    timeout: EMPTIED_WITHIN_MS,
    killSignal: 'SIGKILL',
  })
}

/** The same for each launcher of this folder, so that what one leaves behind the next one finds. */
function rootOf(directory: string): string {
  const note = join(directory, NOTE)
  const known = textOf(note)
  if (known !== null && isOurs(known)) return known
  const temporary = realpathSync(tmpdir())
  const { mode } = statSync(temporary)
  if ((mode & OTHERS_MAY_WRITE) !== 0 && (mode & STICKY) === 0)
    throw new Error(`in ${temporary} everybody may rename what is not theirs; commands get no folders there`)
  const root = mkdtempSync(join(temporary, PREFIX))
  chmodSync(root, PASSAGE)
  writeFileSync(note, root, { mode: 0o600 })
  return root
}

/** Something cleans up temporary folders. Throws when somebody else was quicker to take the name: the next launcher takes another. */
function makeRoot(root: string): void {
  if (lstatSync(root, { throwIfNoEntry: false }) !== undefined)
    throw new Error(`${root} is somebody else's now, and commands have their folders there; restart to get another`)
  mkdirSync(root, { mode: 0o700 })
  chmodSync(root, PASSAGE)
}

function isOurs(root: string): boolean {
  const status = lstatSync(root, { throwIfNoEntry: false })
  return status?.isDirectory() === true && status.uid === 0 && (status.mode & OTHERS_MAY_WRITE) === 0
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
