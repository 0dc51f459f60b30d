/** A lock that lives exactly as long as its process: the kernel frees it, so it is never stale and never stolen. */
import { DatabaseSync } from 'node:sqlite'

/** Keep the returned object for as long as the lock shall hold; null = a live process has it. */
export function takeLock(path: string): { release(): void } | null {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if (/locked|busy/i.test((cause as Error).message)) return null
    throw cause
  }
  return { release: () => database.close() }
}
