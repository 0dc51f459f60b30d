/** Checklists that come again and again, a verb each. */
import type { CommandEntry } from './command-entry.ts'
import { engine } from './common-options.ts'

const schedules = () => import('./commands/schedules.ts')

export const scheduleCommands: readonly CommandEntry[] = [
  {
    path: 'schedule list',
    words: '[FILE]',
    least: 0,
    most: 1,
    about: "the schedules of a server's checklists, or of one file: what is due, overdue, done, skipped or missed",
    example: 'holdpoint schedule list',
    options: [...engine],
    load: async () => (await schedules()).list,
  },
  {
    path: 'schedule due',
    words: '[FILE]',
    least: 0,
    most: 1,
    about: 'what has to be done now; exit 1 when something is due or overdue, so that cron can ask',
    example: 'holdpoint schedule due restore-drill.md',
    options: [...engine],
    load: async () => (await schedules()).due,
  },
  {
    path: 'schedule run',
    words: 'PROJECT/CHECKLIST',
    least: 1,
    most: 1,
    about: 'start it now, on a server; the time that is open counts as started',
    example: 'holdpoint schedule run shop/restore-drill',
    options: [
      {
        flags: '--env <environment>',
        about: 'where (default: as its schedule or its drill says, or the only one declared)',
      },
      ...engine,
    ],
    load: async () => (await schedules()).run,
  },
  {
    path: 'schedule skip',
    words: 'PROJECT/CHECKLIST',
    least: 1,
    most: 1,
    about: 'one time need not be done: nobody is reminded any more, and the reason stays',
    example: "holdpoint schedule skip shop/restore-drill --reason 'the data centre moves this week' --role lead",
    options: [
      { flags: '--reason <text>', about: 'why it need not be done', required: true },
      { flags: '--role <role>', about: 'in which role you say so' },
      {
        flags: '--at <time>',
        about: 'which time, such as 2026-04-06T10:00Z (default: the one that is due or overdue)',
      },
      ...engine,
    ],
    load: async () => (await schedules()).skip,
  },
]
