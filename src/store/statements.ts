/** Every statement of the SQLite store, prepared once. */
import type { DatabaseSync } from 'node:sqlite'

const texts = {
  headOf: 'SELECT version, hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1',
  lastPosition: 'SELECT max(position) AS position FROM events',
  insertEvent: 'INSERT INTO events (position, stream, version, previous_hash, hash, body) VALUES (?, ?, ?, ?, ?, ?)',
  eventsOfStream:
    'SELECT position, previous_hash, hash, body FROM events WHERE stream = ? AND version > ? ORDER BY version',
  eventsBack:
    'SELECT position, previous_hash, hash, body FROM events WHERE stream = ? AND version < ? ORDER BY version DESC LIMIT ?',
  eventsOfAll: 'SELECT position, previous_hash, hash, body FROM events WHERE position > ? ORDER BY position LIMIT ?',

  dueAt: 'INSERT INTO due (stream, at) VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET at = excluded.at',
  neverDue: 'DELETE FROM due WHERE stream = ?',
  firstDue: 'SELECT at FROM due ORDER BY at LIMIT 1',
  claimable: `SELECT due.stream AS stream FROM due LEFT JOIN leases ON leases.stream = due.stream
    WHERE due.at <= ? AND (leases.stream IS NULL OR leases.expires <= ?) ORDER BY due.at, due.stream LIMIT ?`,

  nextEpoch: 'UPDATE epochs SET last = last + 1 RETURNING last',
  take: `INSERT INTO leases (stream, owner, epoch, expires) VALUES (?, ?, ?, ?)
    ON CONFLICT (stream) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch, expires = excluded.expires`,
  leaseOf: 'SELECT owner, epoch, expires FROM leases WHERE stream = ?',
  extend: 'UPDATE leases SET expires = ? WHERE stream = ? AND owner = ? AND epoch = ?',
  letGo: 'DELETE FROM leases WHERE stream = ? AND owner = ? AND epoch = ?',

  keepBatch: 'INSERT INTO batches (release, step, stage, upto, line) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  batchesOf: 'SELECT line FROM batches WHERE release = ? AND step = ? AND stage = ? AND upto > ? ORDER BY upto',

  keepEvidence: 'INSERT INTO small_evidence (sha256, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING',
  evidenceOf: 'SELECT bytes FROM small_evidence WHERE sha256 = ?',

  keepRecord: 'INSERT INTO records (id, name, observed, recorded, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  recordsOf: 'SELECT body FROM records WHERE (? IS NULL OR name = ?) ORDER BY observed DESC, recorded DESC, id DESC',

  keepSummary: `INSERT INTO summaries (id, service, open, started, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET service = excluded.service, open = excluded.open, started = excluded.started, body = excluded.body`,
  summariesOf: `SELECT body FROM summaries WHERE (:open IS NULL OR open = :open) AND (:service IS NULL OR service = :service)
    AND (:services IS NULL OR service IN (SELECT value FROM json_each(:services)))
    AND (:afterStarted IS NULL OR started < :afterStarted OR (started = :afterStarted AND id < :afterId))
    ORDER BY started DESC, id DESC LIMIT :limit`,

  countSummaries: `SELECT count(*) AS found FROM summaries WHERE (:open IS NULL OR open = :open) AND (:service IS NULL OR service = :service)
    AND (:services IS NULL OR service IN (SELECT value FROM json_each(:services)))`,

  putEntry: `INSERT INTO entries (shelf, key, revision, json, expires) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (shelf, key) DO UPDATE SET revision = excluded.revision, json = excluded.json, expires = excluded.expires`,
  dropEntry: 'DELETE FROM entries WHERE shelf = ? AND key = ?',
  entryOf: 'SELECT shelf, key, revision, json, expires FROM entries WHERE shelf = ? AND key = ?',
  entriesOf: `SELECT shelf, key, revision, json, expires FROM entries WHERE shelf = ? AND substr(key, 1, length(?)) = ? ORDER BY key`,
  sweepEntries: 'DELETE FROM entries WHERE expires < ?',
  dropBatches: 'DELETE FROM batches WHERE release = ?',
  dropEvidence: 'DELETE FROM small_evidence WHERE sha256 = ?',

  dueTimes: 'SELECT stream, at AS due FROM due WHERE stream > ? ORDER BY stream LIMIT ?',
  everyBatch: `SELECT release, line FROM batches WHERE (release, step, stage, upto) > (?, ?, ?, ?)
    ORDER BY release, step, stage, upto LIMIT ?`,
  evidenceAfter: 'SELECT sha256 FROM small_evidence WHERE sha256 > ? ORDER BY sha256 LIMIT ?',
  everyEntry: `SELECT shelf, key, revision, json, expires FROM entries WHERE (shelf, key) > (?, ?) ORDER BY shelf, key LIMIT ?`,

  keepSnapshot: `INSERT INTO snapshots (stream, format, version, json) VALUES (?, ?, ?, ?)
    ON CONFLICT (stream, format) DO UPDATE SET version = excluded.version, json = excluded.json WHERE excluded.version >= version`,
  snapshotOf: 'SELECT version, json FROM snapshots WHERE stream = ? AND format = ?',
} as const

export type Statements = Readonly<Record<keyof typeof texts, ReturnType<DatabaseSync['prepare']>>>

export function prepareStatements(database: DatabaseSync): Statements {
  const prepared = Object.entries(texts).map(([name, text]) => [name, database.prepare(text)])
  return Object.fromEntries(prepared) as Statements
}
