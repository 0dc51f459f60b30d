/** Schema 1: events, leases and due times, batches, records, summaries, snapshots. */
import type { Migration } from './migration.ts'

// Instants are REAL: a clock may give parts of a millisecond. Bodies are kept as the very text that was hashed.
export const first: Migration = {
  number: 1,
  up: `
    CREATE TABLE events (
      position INTEGER PRIMARY KEY,
      stream TEXT NOT NULL,
      version INTEGER NOT NULL,
      previous_hash TEXT NOT NULL,
      hash TEXT NOT NULL,
      body TEXT NOT NULL,
      UNIQUE (stream, version)
    ) STRICT;
    CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events never change'); END;
    CREATE TRIGGER events_never_go BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events never go'); END;

    CREATE TABLE due (stream TEXT PRIMARY KEY, at REAL NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX due_at ON due (at, stream);

    CREATE TABLE leases (stream TEXT PRIMARY KEY, owner TEXT NOT NULL, epoch INTEGER NOT NULL, expires REAL NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE epochs (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL) STRICT;
    INSERT INTO epochs (one, last) VALUES (1, 0);

    CREATE TABLE batches (
      release TEXT NOT NULL,
      step TEXT NOT NULL,
      stage INTEGER NOT NULL,
      upto REAL NOT NULL,
      line TEXT NOT NULL,
      PRIMARY KEY (release, step, stage, upto)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE records (id TEXT PRIMARY KEY, name TEXT NOT NULL, observed REAL NOT NULL, recorded REAL NOT NULL, body TEXT NOT NULL) STRICT;
    CREATE INDEX records_name ON records (name, observed);

    CREATE TABLE summaries (
      id TEXT PRIMARY KEY,
      service TEXT NOT NULL,
      open INTEGER NOT NULL,
      started REAL NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX summaries_newest ON summaries (started, id);

    CREATE TABLE snapshots (
      stream TEXT NOT NULL,
      format TEXT NOT NULL,
      version INTEGER NOT NULL,
      json TEXT NOT NULL,
      PRIMARY KEY (stream, format)
    ) STRICT;
  `,
  down: `
    DROP TABLE snapshots;
    DROP TABLE summaries;
    DROP TABLE records;
    DROP TABLE batches;
    DROP TABLE epochs;
    DROP TABLE leases;
    DROP TABLE due;
    DROP TABLE events;
  `,
}
