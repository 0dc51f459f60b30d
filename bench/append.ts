/**
 * P10: durable appends per second of the SQLite store, beside a bare loop with the same SQL on the same disk: read the
 * end of the stream, insert one chained event, commit with fsync. Alternating in one run; ratios, never absolutes.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Actor } from '../src/core/release/events.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { median, report, steadyMedian } from './measure.ts'

const appends = Number(process.argv[2] ?? 2_000)
const rounds = Number(process.argv[3] ?? 5)
const writers = 16
const by: Actor = { id: 'bench', kind: 'engine', assurance: 'engine' }
const event = {
  kind: 'AttemptFinished',
  step: 'readiness/all-tests-pass',
  attempt: 'r1/a/1',
  outcome: 'passed',
  say: 'exit 0',
  evidence: [],
  captures: {},
  facts: { exit: 0 },
  observedAt: 0,
}

const directory = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
const store = await openSqliteStore({ directory: join(directory, 'store'), now: Date.now() })
const bare = openBare(join(directory, 'bare.sqlite'))
let streams = 0

try {
  const rates = { bare: [] as number[], one: [] as number[], many: [] as number[] }
  await throughStore(1, 200)
  bareLoop(200)
  for (let round = 0; round < rounds; round += 1) {
    rates.bare.push(
      perSecond(
        appends,
        timed(() => bareLoop(appends)),
      ),
    )
    rates.one.push(perSecond(appends, await timedAsync(() => throughStore(1, appends))))
    rates.many.push(perSecond(appends, await timedAsync(() => throughStore(writers, appends))))
  }
  const baseline = steadyMedian('the bare loop', rates.bare)
  report('P10 appends, one writer', { value: median(rates.one), baseline, unit: '/s', goal: 0.6, atLeast: true })
  report(`P10 appends, ${writers} writers`, { value: median(rates.many), baseline, unit: '/s', goal: 1, atLeast: true })
} finally {
  await store.close()
  bare.close()
  rmSync(directory, { recursive: true, force: true })
}

/** Every writer waits for its own append before the next, as an engine does. */
async function throughStore(count: number, total: number): Promise<void> {
  const lanes = Array.from({ length: count }, async () => {
    const stream = `release/${streams++}`
    for (let version = 0; version < total / count; version += 1)
      await store.append({
        streams: [{ stream, expectedVersion: version, events: [{ at: version, by, event }], due: version }],
      })
  })
  await Promise.all(lanes)
}

interface Bare {
  readonly append: (stream: string) => void
  readonly close: () => void
}

function openBare(path: string): Bare {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec(
    'CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT, version INTEGER, previous_hash TEXT, hash TEXT, body TEXT, UNIQUE (stream, version)) STRICT',
  )
  database.exec('CREATE TABLE due (stream TEXT PRIMARY KEY, at REAL) STRICT, WITHOUT ROWID')
  const head = database.prepare('SELECT version, hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1')
  const insert = database.prepare(
    'INSERT INTO events (stream, version, previous_hash, hash, body) VALUES (?, ?, ?, ?, ?)',
  )
  const due = database.prepare('INSERT OR REPLACE INTO due (stream, at) VALUES (?, ?)')
  return {
    append(stream) {
      database.exec('BEGIN IMMEDIATE')
      const last = (head.get(stream) ?? { version: 0, hash: '' }) as { version: number; hash: string }
      const body = JSON.stringify({ at: last.version, by, event, stream, version: last.version + 1 })
      const hash = createHash('sha256').update(last.hash).update(body).digest('hex')
      insert.run(stream, last.version + 1, last.hash, hash, body)
      due.run(stream, last.version)
      database.exec('COMMIT')
    },
    close: () => database.close(),
  }
}

function bareLoop(total: number): void {
  const stream = `release/${streams++}`
  for (let index = 0; index < total; index += 1) bare.append(stream)
}

function timed(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

async function timedAsync(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function perSecond(count: number, ms: number): number {
  return (count / ms) * 1000
}
