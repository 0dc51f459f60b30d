/** One process owns a store's directory: a lock the kernel frees with its holder, never one that is judged stale. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreFault } from '../core/ports/store.ts'
import type { Instant } from '../core/units.ts'

export interface Ownership {
  release(): void
}

/**
 * Takes the directory or refuses, naming who has it. The lock itself is SQLite's on a file of its own:
 * nothing else may open `owner.lock` in this process, because closing any descriptor of it would drop the lock.
 */
export function own(directory: string, now: Instant): Ownership {
  const holderFile = join(directory, 'owner.json')
  const lock = new DatabaseSync(join(directory, 'owner.lock'), { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    if (isBusy(cause))
      throw new StoreFault(`${directory} is in use by ${holderOf(holderFile)}`, { retryable: true, cause })
    throw new StoreFault(`${directory} cannot be locked`, { retryable: false, cause })
  }
  writeFileSync(holderFile, `${JSON.stringify({ pid: process.pid, since: new Date(now).toISOString() })}\n`, {
    mode: 0o600,
  })
  return {
    release() {
      // The name goes first: without the lock it would be somebody else's to write.
      rmSync(holderFile, { force: true })
      lock.close()
    },
  }
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode ?? 0
  return (code & 0xff) === 5
}

function holderOf(file: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; since: string }
    return `process ${pid}, since ${since}`
  } catch {
    return 'another process that has not written its name yet'
  }
}
