/** Opens what `pathUnder` found, so that what is read is what was looked at: nothing swapped in between, nothing that waits. */
import { constants } from 'node:fs'
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises'
import { ConfigFault } from './fields.ts'

/** A pipe must not wait for its other end: each one would hold a thread of the whole process for good. */
const reading = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

/** `path` without links, from `pathUnder`; `name` is what the author called it. Throws ConfigFault when another file stands there by now. */
export async function openFile(path: string, name: string): Promise<FileHandle> {
  const handle = await open(path, reading).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ELOOP') throw swapped(name)
    throw error
  })
  try {
    if (!(await isStillAt(handle, path))) throw swapped(name)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/**
 * Linux says of what is open where it lies. Elsewhere the path is asked a second time, which somebody who swaps it twice
 * can still mislead.
 */
async function isStillAt(handle: FileHandle, path: string): Promise<boolean> {
  if (process.platform === 'linux') return (await readlink(`/proc/self/fd/${handle.fd}`)) === path
  const [opened, real] = await Promise.all([handle.stat({ bigint: true }), realpath(path)])
  const seen = await stat(real, { bigint: true })
  return real === path && seen.ino === opened.ino && seen.dev === opened.dev
}

function swapped(name: string): ConfigFault {
  return new ConfigFault(`${name} was exchanged while it was opened`)
}
