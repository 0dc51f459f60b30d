/** Reads a file that a person named, and says which one it was when that fails. */
import { readFile } from 'node:fs/promises'

/** A folder is a fault without a path in Node; who reads the message needs it. */
export async function readGiven(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (fault) {
    throw fault instanceof Error ? Object.assign(fault, { path: file }) : fault
  }
}
