/** Where what a command gets for itself lies: its script, its temporary folder and its output file, and who may touch them. */
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Place {
  readonly script: string
  readonly tmp: string
  readonly output: string
}

export interface Places {
  /** For the attempt whose folder in the spool is `path`. */
  of(path: string): Place
  /** A second time too; then nothing of the first is left. */
  make(place: Place, script: string): void
  /** Takes away what the command wrote, and whatever else its end makes useless. */
  clear(place: Place): void
  /** Takes away all of it, where it does not lie in the spool anyway. */
  remove(place: Place): void
  /** Whether another command may get the same place. */
  readonly areReused: boolean
  /** Takes away what belongs to none of these folders of the spool. */
  keepOnly(paths: readonly string[]): void
  /** Leaves nothing behind that nobody needs. */
  close(): void
}

/** In the spool itself: the command runs as the launcher's own user. */
export const ownPlaces: Places = {
  of: (path) => ({ script: join(path, 'script'), tmp: join(path, 'tmp'), output: join(path, 'output') }),
  make: ({ script, tmp }, text) => {
    writeFileSync(script, text, { mode: 0o600 })
    mkdirSync(tmp, { recursive: true, mode: 0o700 })
  },
  clear: ({ tmp, output }) => {
    rmSync(output, { recursive: true, force: true })
    try {
      rmdirSync(tmp)
    } catch {
      rmSync(tmp, { recursive: true, force: true })
    }
  },
  remove: () => {},
  areReused: true,
  keepOnly: () => {},
  close: () => {},
}
