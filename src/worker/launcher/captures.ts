/** Reads the `name=value` lines that a command left in its output file. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

const MOST_BYTES = 1_048_576
const LINE = /^([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/

/** Bytes of the file, or nothing when the command wrote none; links and anything but a plain file are not followed. */
export function readOutputFile(path: string): Uint8Array {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return new Uint8Array(0)
  }
  try {
    const status = fstatSync(file)
    if (!status.isFile() || status.size === 0) return new Uint8Array(0)
    const bytes = Buffer.alloc(Math.min(status.size, MOST_BYTES))
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(file)
  }
}

/** A later line wins; lines of another form are no captures. */
export function parseCaptures(text: string): Record<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const match = LINE.exec(line)
    if (match !== null) found.set(match[1] as string, match[2] as string)
  }
  return Object.fromEntries(found)
}
