/** What only a disk and a second process can do wrong to the embedded store. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyChain } from '../core/log/chain.ts'
import type { Store } from '../core/ports/store.ts'
import { migrations } from './migrations/index.ts'
import { migrate, schemaOf } from './migrations/migrate.ts'
import { openSqliteStore } from './sqlite.ts'
import { note, summaryOf } from './test-support/examples.ts'

const child = join(import.meta.dirname, 'test-support', 'append-forever.ts')
let directory: string
const opened: Store[] = []
const started: ChildProcess[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdpoint-store-'))
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  for (const process of started.splice(0))
    if (process.exitCode === null && process.signalCode === null) process.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

async function open(more: { databaseCapBytes?: number } = {}): Promise<Store> {
  const store = await openSqliteStore({ directory, now: Date.now(), ...more })
  opened.push(store)
  return store
}

function start(command: string, args: readonly string[]): { process: ChildProcess; lines: string[]; errors: string[] } {
  const process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(process)
  const texts = { out: '', err: '' }
  process.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text))
  process.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text))
  return {
    process,
    get lines() {
      return texts.out.split('\n').slice(0, -1)
    },
    get errors() {
      return texts.err.split('\n').slice(0, -1)
    },
  }
}

const startChild = () => start(process.execPath, ['--disable-warning=ExperimentalWarning', child, directory])

async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > giveUpAt) throw new Error('the child did nothing for 20 s')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const put = (store: Store, version: number, text: string, stream = 'release/a') =>
  store.append({ streams: [{ stream, expectedVersion: version, events: [note(text)] }] })

describe('killing the process', () => {
  test('nothing acknowledged is lost over ten SIGKILLs, and every chain verifies', async () => {
    const acknowledged = new Map<string, number>()
    for (let round = 0; round < 10; round++) {
      const run = startChild()
      await until(() => run.lines.length > 5 + round * 7 || run.errors.length > 0)
      run.process.kill('SIGKILL')
      await once(run.process, 'close')
      expect(run.errors).toEqual([])
      for (const line of run.lines) {
        const [stream, version] = line.split(' ')
        acknowledged.set(stream!, Math.max(acknowledged.get(stream!) ?? 0, Number(version)))
      }
    }
    const store = await open()
    const all = await store.tail(0, 1_000_000)
    expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => index + 1))
    expect(acknowledged.size).toBe(3)
    for (const [stream, version] of acknowledged) {
      const events = await store.read(stream)
      expect(events.length).toBeGreaterThanOrEqual(version)
      expect(verifyChain(events).ok).toBe(true)
    }
  }, 120_000)

  test('a WAL torn anywhere leaves a shorter log that verifies', async () => {
    const writer = await open()
    for (let version = 0; version < 40; version++) await put(writer, version, `note ${version}`)
    const wal = readFileSync(join(directory, 'holdpoint.sqlite-wal'))
    const main = readFileSync(join(directory, 'holdpoint.sqlite'))
    await writer.close()
    const lengths = new Set<number>()
    for (const cut of [1, 7, 24, 100, 4096, 5000, 20_000, 60_000, wal.length - 40, wal.length]) {
      rmSync(join(directory, 'holdpoint.sqlite-shm'), { force: true })
      writeFileSync(join(directory, 'holdpoint.sqlite'), main)
      writeFileSync(join(directory, 'holdpoint.sqlite-wal'), wal)
      truncateSync(join(directory, 'holdpoint.sqlite-wal'), Math.max(0, wal.length - cut))
      const store = await openSqliteStore({ directory, now: Date.now() })
      const events = await store.read('release/a')
      expect(verifyChain(events).ok).toBe(true)
      await put(store, events.length, 'goes on')
      await store.close()
      lengths.add(events.length)
    }
    expect(Math.max(...lengths)).toBe(39)
    expect(lengths.size).toBeGreaterThan(3)
  })
})

describe('one owner', () => {
  test('a second process is refused and told who has the store', async () => {
    const store = await open()
    const second = startChild()
    await once(second.process, 'close')
    expect(second.process.exitCode).not.toBe(0)
    expect(second.errors.join('\n')).toContain(`in use by process ${process.pid}`)
    await put(store, 0, 'still ours')
  })

  test('the same process is refused a second store on the directory', async () => {
    await open()
    await expect(open()).rejects.toMatchObject({
      name: 'StoreFault',
      message: expect.stringContaining(String(process.pid)) as string,
    })
  })

  test('a lock file left by a killed process holds nobody up, whatever its name file says', async () => {
    const run = startChild()
    await until(() => run.lines.length > 3)
    await expect(open()).rejects.toThrow(`in use by process ${run.process.pid}`)
    run.process.kill('SIGKILL')
    await once(run.process, 'close')
    expect(existsSync(join(directory, 'owner.json'))).toBe(true)
    await open()
  })

  test('leases of the owner before are free at once, and the next epoch is higher', async () => {
    const before = await open()
    const lost = (await before.claimStream('release/a', { owner: 'e1', now: 0, leaseMs: 60_000 }))!
    await before.close()
    const after = await open()
    const taken = (await after.claimStream('release/a', { owner: 'e2', now: 1, leaseMs: 60_000 }))!
    expect(taken.epoch).toBeGreaterThan(lost.epoch)
    const late = after.append({
      streams: [{ stream: 'release/a', expectedVersion: 0, events: [note('late')] }],
      lease: lost,
    })
    await expect(late).rejects.toMatchObject({ name: 'StaleLease' })
  })

  test('a process that stands still keeps its store', async () => {
    const run = startChild()
    await until(() => run.lines.length > 3)
    run.process.kill('SIGSTOP')
    await expect(open()).rejects.toThrow(`in use by process ${run.process.pid}`)
    run.process.kill('SIGCONT')
  })
})

describe('a failing disk', () => {
  test('a full disk refuses what does not fit, half of nothing stays, and it goes on when there is room', async () => {
    const small = await open({ databaseCapBytes: 400_000 })
    let kept = 0
    const fill = async () => {
      for (;;) {
        await small.append(
          { streams: [{ stream: 'release/a', expectedVersion: kept, events: [note('x'.repeat(20_000)), note('y')] }] },
          summaryOf('a', kept),
        )
        kept += 2
      }
    }
    await expect(fill()).rejects.toMatchObject({
      name: 'StoreFault',
      retryable: true,
      message: 'the disk is full: nothing was recorded',
      isFull: true,
    })
    expect(kept).toBeGreaterThan(10)
    expect(await small.read('release/a')).toHaveLength(kept)
    expect(await small.summaries()).toEqual([summaryOf('a', kept - 2)])
    await small.close()
    const store = await open()
    await put(store, kept, 'room again')
    expect(verifyChain(await store.read('release/a'))).toMatchObject({ ok: true, head: { version: kept + 1 } })
  })

  test('after a write error the store refuses everything until it is reopened, and then nothing acknowledged is missing', async () => {
    // A limit on file size makes the kernel refuse writes (EFBIG), as a broken disk would.
    const run = start('bash', [
      '-c',
      `trap '' XFSZ; ulimit -f 400; exec "$0" --disable-warning=ExperimentalWarning "$1" "$2"`,
      process.execPath,
      child,
      directory,
    ])
    await once(run.process, 'close')
    expect(run.errors[0]).toMatch(
      /^StoreFault: the store failed and refuses everything until it is reopened: disk I\/O error/,
    )
    expect(run.errors[1]).toBe('afterwards: StoreFault false')
    const store = await open()
    for (const stream of ['release/a', 'release/b', 'release/c']) {
      const last = run.lines.findLast((line) => line.startsWith(stream))
      const events = await store.read(stream)
      expect(events.length).toBeGreaterThanOrEqual(Number(last?.split(' ')[1]))
      expect(verifyChain(events).ok).toBe(true)
    }
  }, 60_000)

  test('evidence changed on disk is noticed, never handed out', async () => {
    const store = await open()
    const { sha256 } = await store.putEvidence(new TextEncoder().encode('200 OK'))
    const file = join(directory, 'evidence', sha256.slice(0, 2), sha256)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    appendFileSync(file, '!')
    await expect(store.getEvidence(sha256)).rejects.toMatchObject({ name: 'StoreFault', retryable: false })
    await store.putEvidence(new TextEncoder().encode('200 OK'))
    expect(await store.getEvidence(sha256)).toEqual(new TextEncoder().encode('200 OK'))
  })
})

describe('the schema', () => {
  test('a store of a newer program is refused in words, and left as it is', async () => {
    await (await open()).close()
    const database = new DatabaseSync(join(directory, 'holdpoint.sqlite'))
    database.exec(`PRAGMA user_version = ${migrations.length + 1}`)
    database.close()
    await expect(open()).rejects.toThrow(
      `this store has schema ${migrations.length + 1}, and this program knows schemas up to ${migrations.length}`,
    )
    await expect(open()).rejects.toThrow('this store has schema')
  })

  test('an SQLite file of somebody else is refused', async () => {
    const database = new DatabaseSync(join(directory, 'holdpoint.sqlite'))
    database.exec('CREATE TABLE customers (id INTEGER)')
    database.close()
    await expect(open()).rejects.toThrow('not a Holdpoint store')
  })

  test('a file that is no database at all is refused', async () => {
    writeFileSync(join(directory, 'holdpoint.sqlite'), 'not a database '.repeat(1000))
    await expect(open()).rejects.toMatchObject({ name: 'StoreFault', retryable: false })
  })

  test('every step goes forward, back and forward again', () => {
    const database = new DatabaseSync(':memory:')
    for (let target = 1; target <= migrations.length; target++) {
      migrate(database, target)
      expect(schemaOf(database)).toBe(target)
    }
    const tables = () => database.prepare(`SELECT count(*) AS n FROM sqlite_schema`).get()?.['n']
    const full = tables()
    migrate(database, 0)
    expect([schemaOf(database), tables()]).toEqual([0, 0])
    migrate(database)
    expect(tables()).toBe(full)
    database.close()
  })

  test('a step back that would lose evidence fails and changes nothing', () => {
    const database = new DatabaseSync(':memory:')
    migrate(database)
    database.exec(`INSERT INTO small_evidence VALUES ('ab', x'00')`)
    expect(() => migrate(database, 1)).toThrow('schema step 2 (down) failed')
    expect(database.prepare('SELECT sha256 FROM small_evidence').get()).toEqual({ sha256: 'ab' })
    expect(schemaOf(database)).toBe(2)
    database.close()
  })

  test('a step that fails leaves the schema where it was', () => {
    const database = new DatabaseSync(':memory:')
    const broken = { number: migrations.length + 1, up: 'CREATE TABLE half (a INTEGER); CREATE TABEL typo', down: '' }
    migrate(database)
    expect(() => migrate(database, broken.number, [...migrations, broken])).toThrow(
      `schema step ${broken.number} (up) failed`,
    )
    expect(schemaOf(database)).toBe(migrations.length)
    expect(database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'half'`).get()).toBeUndefined()
    database.close()
  })

  test('not even SQL changes or removes an event', async () => {
    const store = await open()
    await put(store, 0, 'a')
    await store.close()
    const database = new DatabaseSync(join(directory, 'holdpoint.sqlite'))
    expect(() => database.exec(`UPDATE events SET body = '{}'`)).toThrow('events never change')
    expect(() => database.exec('DELETE FROM events')).toThrow('events never go')
    database.close()
  })
})
