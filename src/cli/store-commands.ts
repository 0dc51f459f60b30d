/** Commands about the store itself. */
import type { CommandEntry } from './command-entry.ts'
import { json } from './common-options.ts'

export const storeCommands: readonly CommandEntry[] = [
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
