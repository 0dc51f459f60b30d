/** Sockets in folders with long names: the kernel takes about a hundred bytes, so the folder is named by a descriptor. */
import { openSync } from 'node:fs'
import { join } from 'node:path'

const LONGEST_PATH = 100
const folders = new Map<string, number>()

/** A path to the socket that the kernel accepts, valid in this process for its life. */
export function shortPath(directory: string, name: string): string {
  const path = join(directory, name)
  if (Buffer.byteLength(path) <= LONGEST_PATH) return path
  let folder = folders.get(directory)
  if (folder === undefined) {
    folder = openSync(directory, 'r')
    folders.set(directory, folder)
  }
  return `/proc/self/fd/${folder}/${name}`
}
