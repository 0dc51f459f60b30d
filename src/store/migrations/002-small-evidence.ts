/** Schema 2: small evidence beside the events that name it, so that both become durable with one fsync. */
import type { Migration } from './migration.ts'

export const smallEvidence: Migration = {
  number: 2,
  up: `
    CREATE TABLE small_evidence (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  `,
  // Events name these bytes: the way back fails, and changes nothing, as long as there are any.
  down: `
    CREATE TABLE lost_evidence (sha256 TEXT CONSTRAINT evidence_would_be_lost CHECK (FALSE)) STRICT;
    INSERT INTO lost_evidence SELECT sha256 FROM small_evidence LIMIT 1;
    DROP TABLE lost_evidence;
    DROP TABLE small_evidence;
  `,
}
