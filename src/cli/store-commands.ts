/** Commands about the store itself. */
import type { CommandEntry } from './command-entry.ts'
import { json, store } from './common-options.ts'

export const storeCommands: readonly CommandEntry[] = [
  {
    path: 'backup',
    words: '',
    least: 0,
    most: 0,
    about: 'the embedded store into a folder or one file, while it is in use; every chain of the copy is verified',
    example: 'holdpoint backup --to /backups/holdpoint-2026-03-01',
    options: [
      { flags: '--to <folder>', about: 'a new or empty one; appears whole or not at all' },
      { flags: '-o, --out <file>', about: 'instead: a new file, a tar with the sha-256 of each piece in it' },
      json,
      store,
    ],
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  {
    path: 'restore',
    words: '',
    least: 0,
    most: 0,
    about: 'a backup to where no store is; it is verified before anything is put in place',
    example: 'holdpoint restore --from /backups/holdpoint-2026-03-01 --store /var/lib/holdpoint',
    options: [{ flags: '--from <folder>', about: 'what backup made, a folder or a file', required: true }, json, store],
    load: async () => (await import('./commands/backup.ts')).restore,
  },
  {
    path: 'store check',
    words: '[STORE]',
    least: 0,
    most: 1,
    about: 'every chain and every piece of evidence hashed again; the store may be in use. Exit 1 = not sound',
    example: 'holdpoint store check postgres://holdpoint@db.example.com/holdpoint',
    options: [json, store],
    load: async () => (await import('./commands/backup.ts')).check,
  },
  {
    path: 'store copy',
    words: '',
    least: 0,
    most: 0,
    about:
      'everything from one store to another, for example to PostgreSQL; checked at the end, goes on when interrupted',
    example: 'holdpoint store copy --from sqlite:/var/lib/holdpoint --to postgres://holdpoint@db.example.com/holdpoint',
    options: [
      { flags: '--from <store>', about: 'sqlite:FOLDER or postgres://…; nobody may be using it', required: true },
      { flags: '--to <store>', about: 'an empty one; a folder or schema that is missing is made', required: true },
      json,
    ],
    load: async () => (await import('./commands/store.ts')).copy,
  },
]
