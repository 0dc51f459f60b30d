/** Schema 3: small mutable values beside the log, such as hashes of credentials. */
import type { Migration } from './migration.ts'

export const entries: Migration = {
  number: 3,
  up: `
    CREATE TABLE entries (
      shelf TEXT NOT NULL,
      key TEXT NOT NULL,
      revision INTEGER NOT NULL,
      json TEXT NOT NULL,
      expires REAL,
      PRIMARY KEY (shelf, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX entries_expires ON entries (expires) WHERE expires IS NOT NULL;
  `,
  down: `
    DROP TABLE entries;
  `,
}
