/**
 * P10: durable appends per second of the PostgreSQL store, beside pgbench on the same server with SQL of the same shape:
 * lock the end of the stream, insert one chained event, move the end and the due time, commit with fsync; and beside
 * pgbench inserting the same rows alone. Alternating in one run; ratios, never absolutes.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Actor } from '../src/core/release/events.ts'
import { openPostgresStore } from '../src/store/postgres.ts'
import { postgresPrograms, startCluster } from '../test/support/postgres.ts'
import { median, report, steadyMedian } from './measure.ts'

const seconds = Number(process.argv[2] ?? 3)
const rounds = Number(process.argv[3] ?? 5)
const writers = 16
const eventsPerBatch = 64
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
const body = JSON.stringify({ at: 1000, by, event, stream: 'release/100', version: 1000 })

const chain = `
BEGIN;
SELECT version, hash FROM bench.streams WHERE stream = 'release/' || :client_id FOR UPDATE \\gset end_
INSERT INTO bench.events (position, stream, version, previous_hash, hash, body)
  VALUES (nextval('bench.positions'), 'release/' || :client_id, :end_version + 1, :end_hash,
    encode(sha256((:end_hash || '${body}')::bytea), 'hex'), '${body}') RETURNING hash \\gset new_
UPDATE bench.streams SET version = :end_version + 1, hash = :new_hash, due = :end_version WHERE stream = 'release/' || :client_id;
COMMIT;
`
const plain = `
INSERT INTO bench.plain (stream, version, previous_hash, hash, body)
  VALUES ('release/' || :client_id, 1, repeat('0', 64), repeat('0', 64), '${body}');
`
const tables = `
CREATE SCHEMA bench;
CREATE SEQUENCE bench.positions;
CREATE TABLE bench.events (position bigint NOT NULL UNIQUE, stream text COLLATE "C" NOT NULL, version bigint NOT NULL,
  previous_hash text NOT NULL, hash text NOT NULL, body text NOT NULL, PRIMARY KEY (stream, version));
CREATE TABLE bench.streams (stream text COLLATE "C" PRIMARY KEY, version bigint, hash text, due double precision) WITH (fillfactor = 60);
CREATE INDEX ON bench.streams (due, stream);
INSERT INTO bench.streams SELECT 'release/' || n, 0, repeat('0', 64), 0 FROM generate_series(0, ${writers - 1}) n;
CREATE TABLE bench.plain (position bigserial PRIMARY KEY, stream text, version bigint, previous_hash text, hash text, body text);
`

const programs = postgresPrograms()
if (programs === null) process.exit(0)
const cluster = await startCluster(programs)
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
const store = await openPostgresStore({ url: cluster.url('holdpoint') })
let streams = 0

try {
  await cluster.query(tables)
  const rates = {
    chain: [] as number[],
    plain: [] as number[],
    one: [] as number[],
    many: [] as number[],
    batched: [] as number[],
  }
  await throughStore(writers, 1, 0.5)
  await pgbench(chain, 1)
  for (let round = 0; round < rounds; round += 1) {
    rates.chain.push(await pgbench(chain, seconds))
    rates.many.push(await throughStore(writers, 1, seconds))
    rates.plain.push(await pgbench(plain, seconds))
    rates.batched.push(await throughStore(writers, eventsPerBatch, seconds))
    rates.one.push(await throughStore(1, 1, seconds))
  }
  const baseline = steadyMedian('the chain of pgbench', rates.chain)
  const inserts = steadyMedian('the inserts of pgbench', rates.plain)
  const goal = { unit: '/s', atLeast: true }
  report(`P10 PostgreSQL appends, ${writers} writers, beside the chain of pgbench`, {
    value: median(rates.many),
    baseline,
    goal: 0.6,
    ...goal,
  })
  report(
    `P10 PostgreSQL events, ${writers} writers with ${eventsPerBatch} each time, beside plain inserts of pgbench`,
    { value: median(rates.batched), baseline: inserts, goal: 1, ...goal },
  )
  process.stdout.write(`       one writer alone: ${median(rates.one).toFixed(0)} /s\n`)
} finally {
  await store.close()
  await cluster.dispose()
  rmSync(folder, { recursive: true, force: true })
}

/** Every writer waits for its own append before the next, as an engine does. Events per second. */
async function throughStore(count: number, each: number, forSeconds: number): Promise<number> {
  const start = performance.now()
  let events = 0
  const lanes = Array.from({ length: count }, async () => {
    const stream = `release/${streams++}`
    for (let version = 0; performance.now() - start < forSeconds * 1000; version += each) {
      const news = Array.from({ length: each }, (_, index) => ({ at: version + index, by, event }))
      await store.append({ streams: [{ stream, expectedVersion: version, events: news, due: version }] })
      events += each
    }
  })
  await Promise.all(lanes)
  return (events / (performance.now() - start)) * 1000
}

async function pgbench(script: string, forSeconds: number): Promise<number> {
  const file = join(folder, 'script.sql')
  writeFileSync(file, script)
  const where = ['-h', '127.0.0.1', '-p', String(cluster.port), '-U', 'holdpoint', 'postgres']
  const how = ['-n', '-M', 'prepared', '-c', String(writers), '-j', '2', '-T', String(forSeconds), '-f', file]
  const { stdout } = await promisify(execFile)(join(programs ?? '', 'pgbench'), [...how, ...where])
  const found = /tps = ([\d.]+)/.exec(stdout)?.[1]
  if (found === undefined) throw new Error(`pgbench said: ${stdout}`)
  return Number(found)
}
