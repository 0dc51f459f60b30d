/** Holds the working folder of a command open until the command stands in it: a link that is swapped meanwhile moves nothing. */
import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync, statSync } from 'node:fs'

export type WorkingFolder =
  | {
      readonly kind: 'held'
      /** What the command is started in: on Linux the folder that is open, by whatever name it goes by then. */
      readonly cwd: string
      readonly release: () => void
    }
  | { readonly kind: 'refused'; readonly why: string }

/** Not among Node's constants: names a place without reading it, so that a folder may be entered that cannot be listed. */
const O_PATH = process.platform === 'linux' ? 0o10000000 : 0
const HOLDING = O_PATH | constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** `path` without links, as whoever checked where it lies found it. */
export function holdFolder(path: string): WorkingFolder {
  let file: number
  try {
    file = openSync(path, HOLDING)
  } catch (cause) {
    return { kind: 'refused', why: whyNot(path, (cause as NodeJS.ErrnoException).code) }
  }
  if (isStillAt(file, path)) {
    const cwd = process.platform === 'linux' ? `/proc/self/fd/${file}` : path
    return { kind: 'held', cwd, release: () => closeSync(file) }
  }
  closeSync(file)
  return { kind: 'refused', why: exchanged(path) }
}

/**
 * Whether what is open is what stands at this path, with no link on the way. Linux says of what is open where it lies.
 * Elsewhere the path is asked a second time, which somebody who swaps it twice can still mislead.
 */
function isStillAt(file: number, path: string): boolean {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/self/fd/${file}`) === path
    const [opened, seen] = [fstatSync(file, { bigint: true }), statSync(path, { bigint: true })]
    return realpathSync.native(path) === path && seen.ino === opened.ino && seen.dev === opened.dev
  } catch {
    return false
  }
}

function whyNot(path: string, code: string | undefined): string {
  if (code === 'ENOENT') return `there is no working folder ${path}`
  if (code === 'ELOOP') return exchanged(path)
  // For a link too: what is not followed is no folder.
  if (code === 'ENOTDIR') return isLink(path) ? exchanged(path) : `the working folder ${path} is not a folder`
  return `the working folder ${path} cannot be used (${code})`
}

function isLink(path: string): boolean {
  try {
    readlinkSync(path)
    return true
  } catch {
    return false
  }
}

function exchanged(path: string): string {
  return `the working folder ${path} was exchanged for a link before the command stood in it`
}
