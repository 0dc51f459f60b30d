/** A lock that lives exactly as long as its process: the kernel frees it, so it is never stale and never stolen. */
import { DatabaseSync } from 'node:sqlite'

/** Held here, whether or not who took the lock still names it: one that is collected is closed, and lets another process in. */
const held = new Set<DatabaseSync>()

/** Until it is released or the process ends; null = a live process has it. */
export function takeLock(path: string): { release(): void } | null {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if (/locked|busy/i.test((cause as Error).message)) return null
    throw cause
  }
  held.add(database)
  return {
    release: () => {
      if (held.delete(database)) database.close()
    },
  }
}
