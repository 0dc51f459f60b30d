/**
 * The product's own `holdpoint serve`, made to die at a chosen append of a release, or to find its store full. The product
 * knows nothing of this: the store and SQLite are wrapped from outside. In its home, the file `crash` (`NUMBER before|after`)
 * arms the one and is gone when it has happened; the file `full` is there for as long as there is no room. Appends of releases
 * since the last arming are counted in the file `appends`.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { main } from '../../src/cli/main.ts'
import type { Append, Store, StoredEvent } from '../../src/core/ports/store.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'

const home = process.env['HOLDPOINT_HOME'] ?? ''
const armed = join(home, 'crash')
const counted = join(home, 'appends')

const prototype = await storePrototype()
const append = Reflect.get(prototype, 'append') as (this: Store, ...given: unknown[]) => Promise<readonly StoredEvent[]>
prototype.append = async function appendOrCrash(...given: Parameters<Store['append']>) {
  const side = isOfRelease(given[0]) ? count() : null
  if (side === 'before') crash()
  const stored = await append.apply(this, given)
  if (side === 'after') crash()
  return stored
}

const exec = Reflect.get(DatabaseSync.prototype, 'exec') as (this: DatabaseSync, sql: string) => void
const capped = new WeakSet<DatabaseSync>()
DatabaseSync.prototype.exec = function execWithinRoom(sql: string) {
  if (sql === 'BEGIN IMMEDIATE') keepWithinRoom(this)
  exec.call(this, sql)
}

process.exitCode = await main(process.argv.slice(2))

function isOfRelease({ streams }: Append): boolean {
  return streams.some(({ stream, events }) => stream.startsWith('release/') && events.length > 0)
}

/** Which side of this append is the end of this process; null = neither. */
function count(): string | null {
  appendFileSync(counted, '.')
  if (!existsSync(armed)) return null
  const [at, side] = readFileSync(armed, 'utf8').trim().split(' ')
  return readFileSync(counted, 'utf8').length === Number(at) ? (side ?? null) : null
}

function crash(): void {
  rmSync(armed)
  process.kill(process.pid, 'SIGKILL')
}

/** SQLite itself says that it is full: it may not take one page more than it has. */
function keepWithinRoom(database: DatabaseSync): void {
  const isFull = existsSync(join(home, 'full'))
  if (isFull === capped.has(database)) return
  const pages = isFull ? Number(database.prepare('PRAGMA page_count').get()?.['page_count']) : 1_073_741_823
  exec.call(database, `PRAGMA max_page_count = ${pages}`)
  if (isFull) capped.add(database)
  else capped.delete(database)
}

/** The class is the store's own affair; its instances lead to it. */
async function storePrototype(): Promise<Store> {
  const directory = mkdtempSync(join(tmpdir(), 'holdpoint-prototype-'))
  const store = await openSqliteStore({ directory, now: Date.now() })
  await store.close()
  rmSync(directory, { recursive: true })
  return Object.getPrototypeOf(store) as Store
}
