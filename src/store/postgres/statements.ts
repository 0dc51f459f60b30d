/** Every statement of the PostgreSQL store but the append. */

import type { Statement } from './connections.ts'

const texts = (s: string) => ({
  headsOf: `SELECT e.stream, e.version, e.hash FROM unnest($1::text[], $2::bigint[]) AS i(stream, version)
    JOIN ${s}.events e ON e.stream = i.stream AND e.version = i.version`,
  lastPosition: `SELECT last FROM ${s}.log`,
  eventsOfStream: `SELECT position, previous_hash, hash, body FROM ${s}.events WHERE stream = $1 AND version > $2 ORDER BY version`,
  eventsBack: `SELECT position, previous_hash, hash, body FROM ${s}.events WHERE stream = $1 AND version < $2 ORDER BY version DESC LIMIT $3`,
  eventsOfAll: `SELECT position, previous_hash, hash, body FROM ${s}.events WHERE position > $1 ORDER BY position LIMIT $2`,

  firstDue: `SELECT due FROM ${s}.streams WHERE due IS NOT NULL ORDER BY due LIMIT 1`,
  claim: `SELECT stream, epoch FROM ${s}.claim($1, $2, $3, $4, $5)`,
  claimStream: `SELECT ${s}.claim_stream($1, $2, $3, $4) AS epoch`,
  renew: `SELECT place FROM ${s}.renew($1::text[], $2::text[], $3::bigint[], $4, $5)`,
  fence: `UPDATE ${s}.streams SET epoch = nextval('${s}.epochs') WHERE stream = $1 AND owner = $2 AND epoch = $3 RETURNING epoch`,
  letGo: `UPDATE ${s}.streams SET owner = NULL, expires = NULL WHERE stream = $1 AND owner = $2 AND epoch = $3`,

  batchesOf: `SELECT line FROM ${s}.batches WHERE release = $1 AND step = $2 AND stage = $3
    AND ($4::double precision IS NULL OR upto > $4) ORDER BY upto`,

  evidenceKnown: `SELECT 1 FROM ${s}.evidence WHERE sha256 = $1`,
  keepEvidence: `INSERT INTO ${s}.evidence (sha256, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
  evidenceOf: `SELECT bytes FROM ${s}.evidence WHERE sha256 = $1`,

  keepRecord: `INSERT INTO ${s}.records (id, name, observed, recorded, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
  recordsOf: `SELECT body FROM ${s}.records WHERE $1::text IS NULL OR name = $1 ORDER BY observed DESC, recorded DESC, id DESC`,

  summariesOf: `SELECT body FROM ${s}.summaries WHERE ($1::boolean IS NULL OR open = $1) AND ($2::text IS NULL OR service = $2)
    AND ($3::text[] IS NULL OR service = ANY ($3))
    AND ($4::double precision IS NULL OR (started, id) < ($4, $5::text)) ORDER BY started DESC, id DESC LIMIT $6::bigint`,

  countSummaries: `SELECT count(*) AS found FROM ${s}.summaries WHERE ($1::boolean IS NULL OR open = $1) AND ($2::text IS NULL OR service = $2)
    AND ($3::text[] IS NULL OR service = ANY ($3))`,

  putEntry: `INSERT INTO ${s}.entries AS e (shelf, key, revision, json, expires)
    SELECT $1, $2, 1, $4, $5 WHERE coalesce($3::bigint, 0) = 0 OR EXISTS (SELECT 1 FROM ${s}.entries WHERE shelf = $1 AND key = $2)
    ON CONFLICT (shelf, key) DO UPDATE SET revision = e.revision + 1, json = excluded.json, expires = excluded.expires
    WHERE $3::bigint IS NULL OR e.revision = $3 RETURNING revision`,
  dropEntry: `WITH dropped AS (
      DELETE FROM ${s}.entries WHERE shelf = $1 AND key = $2 AND ($3::bigint IS NULL OR revision = $3) RETURNING 1)
    SELECT CASE WHEN $3::bigint IS NULL OR EXISTS (SELECT 1 FROM dropped)
      OR ($3 = 0 AND NOT EXISTS (SELECT 1 FROM ${s}.entries WHERE shelf = $1 AND key = $2)) THEN 0 END::bigint AS revision`,
  entryOf: `SELECT shelf, key, revision, json, expires FROM ${s}.entries WHERE shelf = $1 AND key = $2`,
  entriesOf: `SELECT shelf, key, revision, json, expires FROM ${s}.entries WHERE shelf = $1 AND starts_with(key, $2) ORDER BY key`,
  dropBatches: `WITH dropped AS (DELETE FROM ${s}.batches WHERE release = $1 RETURNING 1) SELECT count(*) AS dropped FROM dropped`,
  dropEvidence: `WITH dropped AS (DELETE FROM ${s}.evidence WHERE sha256 = ANY($1::text[]) RETURNING 1) SELECT count(*) AS dropped FROM dropped`,
  sweepEntries: `WITH swept AS (DELETE FROM ${s}.entries WHERE expires < $1 RETURNING 1) SELECT count(*) AS swept FROM swept`,

  dueTimes: `SELECT stream, due FROM ${s}.streams WHERE due IS NOT NULL AND stream > $1 ORDER BY stream LIMIT $2`,
  everyBatch: `SELECT release, line FROM ${s}.batches WHERE (release, step, stage, upto) > ($1, $2, $3::integer, $4::double precision)
    ORDER BY release, step, stage, upto LIMIT $5`,
  evidenceAfter: `SELECT sha256 FROM ${s}.evidence WHERE sha256 > $1 ORDER BY sha256 LIMIT $2`,
  everyEntry: `SELECT shelf, key, revision, json, expires FROM ${s}.entries WHERE (shelf, key) > ($1, $2) ORDER BY shelf, key LIMIT $3`,

  keepSnapshot: `INSERT INTO ${s}.snapshots AS t (stream, format, version, json) VALUES ($1, $2, $3, $4)
    ON CONFLICT (stream, format) DO UPDATE SET version = excluded.version, json = excluded.json WHERE excluded.version >= t.version`,
  snapshotOf: `SELECT version, json FROM ${s}.snapshots WHERE stream = $1 AND format = $2`,
})

export type PostgresStatements = Readonly<Record<keyof ReturnType<typeof texts>, Statement>>

/** `schema` is the quoted name. */
export function statementsFor(schema: string): PostgresStatements {
  const named = Object.entries(texts(schema)).map(([name, text]) => [name, { name, text }])
  return Object.fromEntries(named) as PostgresStatements
}
