/** The ledger of what was done and when, a verb each. */
import type { CommandEntry } from './command-entry.ts'
import { engine } from './common-options.ts'

export const recordCommands: readonly CommandEntry[] = [
  {
    path: 'records list',
    words: '[NAME]',
    least: 0,
    most: 1,
    about: 'records with an age: restore tests, rotations, drills; of one name with how its numbers went',
    example: 'holdpoint records list restore-test',
    options: [...engine],
    load: async () => (await import('./commands/records.ts')).list,
  },
  {
    path: 'records add',
    words: 'NAME',
    least: 1,
    most: 1,
    about: 'write down that something was done and observed',
    example: "holdpoint records add restore-test --note 'restored and compared' --took 14m --observed 2h",
    options: [
      { flags: '--note <text>', about: 'what was observed', required: true },
      {
        flags: '--observed <when>',
        about: 'when: a time such as 2026-03-01T10:00Z, or how long ago, such as 2h (default: now)',
      },
      { flags: '--took <duration>', about: 'how long it took, such as 14m: pages draw its history' },
      {
        flags: '--fact <name=value>',
        about: 'a number or word of it, such as recovery=14m or rows=1200',
        repeats: true,
      },
      { flags: '--environment <name>', about: 'where it was done, such as staging' },
      { flags: '--failed', about: 'it was tried and did not do: such a record opens nothing' },
      { flags: '--evidence <file>', about: 'a file to keep as evidence', repeats: true },
      ...engine,
    ],
    load: async () => (await import('./commands/records.ts')).add,
  },
  {
    path: 'records due',
    words: 'FILE',
    least: 1,
    most: 1,
    about: 'records that a checklist needs, and which of them are missing or too old',
    example: 'holdpoint records due RELEASE.md',
    options: [...engine],
    load: async () => (await import('./commands/records.ts')).due,
  },
]
