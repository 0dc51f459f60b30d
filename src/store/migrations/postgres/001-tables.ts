/** Schema 1 on PostgreSQL: the log, its streams with their leases and due times, and everything kept beside it. */
import type { PostgresMigration } from './migration.ts'

/**
 * Instants are double precision, as SQLite has them: a clock may give parts of a millisecond. Bodies are text, the very
 * text that was hashed. Names sort by their bytes. The hot rows (`log`, `streams`, `writers`) leave room on their pages,
 * so that an update needs no new index entry.
 */
export const tables: PostgresMigration = {
  number: 1,
  up: (s) => `
    CREATE TABLE ${s}.events (
      position bigint NOT NULL UNIQUE,
      stream text COLLATE "C" NOT NULL,
      version bigint NOT NULL,
      previous_hash text COLLATE "C" NOT NULL,
      hash text COLLATE "C" NOT NULL,
      body text NOT NULL,
      PRIMARY KEY (stream, version)
    );
    CREATE FUNCTION ${s}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'events never change and never go'; END $$;
    CREATE TRIGGER events_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ${s}.events
      FOR EACH STATEMENT EXECUTE FUNCTION ${s}.refuse_change();

    CREATE TABLE ${s}.log (one integer PRIMARY KEY CHECK (one = 1), last bigint NOT NULL) WITH (fillfactor = 10);
    INSERT INTO ${s}.log (one, last) VALUES (1, 0);

    CREATE TABLE ${s}.streams (
      stream text COLLATE "C" PRIMARY KEY,
      version bigint NOT NULL DEFAULT 0,
      hash text COLLATE "C" NOT NULL DEFAULT repeat('0', 64),
      due double precision,
      owner text COLLATE "C",
      epoch bigint,
      expires double precision
    ) WITH (fillfactor = 60);
    CREATE INDEX streams_due ON ${s}.streams (due, stream) WHERE due IS NOT NULL;
    CREATE SEQUENCE ${s}.epochs;

    CREATE TABLE ${s}.writers (
      id text PRIMARY KEY,
      last bigint NOT NULL,
      outcome json,
      seen timestamptz NOT NULL DEFAULT now()
    ) WITH (fillfactor = 20);

    CREATE TABLE ${s}.batches (
      release text COLLATE "C" NOT NULL,
      step text COLLATE "C" NOT NULL,
      stage integer NOT NULL,
      upto double precision NOT NULL,
      line text NOT NULL,
      PRIMARY KEY (release, step, stage, upto)
    );

    CREATE TABLE ${s}.evidence (sha256 text COLLATE "C" PRIMARY KEY, bytes bytea NOT NULL);

    CREATE TABLE ${s}.records (
      id text COLLATE "C" PRIMARY KEY,
      name text COLLATE "C" NOT NULL,
      observed double precision NOT NULL,
      recorded double precision NOT NULL,
      body text NOT NULL
    );
    CREATE INDEX records_name ON ${s}.records (name, observed);

    CREATE TABLE ${s}.summaries (
      id text COLLATE "C" PRIMARY KEY,
      service text COLLATE "C" NOT NULL,
      open boolean NOT NULL,
      started double precision NOT NULL,
      body text NOT NULL
    );
    CREATE INDEX summaries_newest ON ${s}.summaries (started, id);
    CREATE INDEX summaries_open ON ${s}.summaries (started, id) WHERE open;

    CREATE TABLE ${s}.entries (
      shelf text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      revision bigint NOT NULL,
      json text NOT NULL,
      expires double precision,
      PRIMARY KEY (shelf, key)
    );
    CREATE INDEX entries_expires ON ${s}.entries (expires) WHERE expires IS NOT NULL;

    CREATE TABLE ${s}.snapshots (
      stream text COLLATE "C" NOT NULL,
      format text COLLATE "C" NOT NULL,
      version bigint NOT NULL,
      json text NOT NULL,
      PRIMARY KEY (stream, format)
    );
  `,
  down: (s) => `
    DROP TABLE ${s}.snapshots;
    DROP TABLE ${s}.entries;
    DROP TABLE ${s}.summaries;
    DROP TABLE ${s}.records;
    DROP TABLE ${s}.evidence;
    DROP TABLE ${s}.batches;
    DROP TABLE ${s}.writers;
    DROP SEQUENCE ${s}.epochs;
    DROP TABLE ${s}.streams;
    DROP TABLE ${s}.log;
    DROP TABLE ${s}.events;
    DROP FUNCTION ${s}.refuse_change();
  `,
}
