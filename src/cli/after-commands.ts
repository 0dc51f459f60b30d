/** What comes after a release, a verb each, and whether it is ready: follow-ups, readiness. */
import type { CommandEntry, OptionSpec } from './command-entry.ts'
import { engine } from './common-options.ts'

const followUps = () => import('./commands/follow-ups.ts')
const about: readonly OptionSpec[] = [
  { flags: '--owner <person>', about: 'who does it' },
  { flags: '--due <when>', about: 'until when: a day such as 2026-12-04, or in how long, such as 7d' },
  { flags: '--severity <how>', about: 'how much it matters (default: normal)', choices: ['high', 'normal', 'low'] },
  { flags: '--link <address>', about: 'the ticket or page where it is worked on' },
]

export const afterCommands: readonly CommandEntry[] = [
  {
    path: 'release readiness',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about:
      'is it ready? yes and no, derived: items, tests, security, rollback, training, signatures, records, what is left',
    example: 'holdpoint release readiness checkout-1.2.3',
    options: [...engine],
    load: async () => (await import('./commands/release-readiness.ts')).readiness,
  },
  {
    path: 'follow-up list',
    words: '',
    least: 0,
    most: 0,
    about: 'what releases, drills, incidents and waivers left to do, the earliest deadline first',
    example: 'holdpoint follow-up list --service checkout',
    options: [
      { flags: '--service <service>', about: 'of this service only' },
      { flags: '--release <release>', about: 'of this release only' },
      { flags: '--all', about: 'what was done, too' },
      { flags: '--overdue', about: 'exit 1 when one is overdue: a schedule can ask every morning' },
      ...engine,
    ],
    load: async () => (await followUps()).list,
  },
  {
    path: 'follow-up add',
    words: 'TITLE',
    least: 1,
    most: 1,
    about: 'something to be done, out of a release or for a service; shown before its next release',
    example: "holdpoint follow-up add 'Alert on a full disk' --release checkout-1.2.3 --owner ana --due 7d",
    options: [
      { flags: '--release <release>', about: 'the release that taught it: it becomes part of its record' },
      { flags: '--service <service>', about: 'without a release: whose it is' },
      ...about,
      ...engine,
    ],
    load: async () => (await followUps()).add,
  },
  {
    path: 'follow-up assign',
    words: 'ID [PERSON]',
    least: 1,
    most: 2,
    about: 'give it to somebody, or change its deadline, severity or link',
    example: 'holdpoint follow-up assign checkout-1.2.3-k7f2/follow-up-1 ben --due 2026-12-04',
    options: [...about.filter(({ flags }) => !flags.startsWith('--owner')), ...engine],
    load: async () => (await followUps()).assign,
  },
  {
    path: 'follow-up done',
    words: 'ID',
    least: 1,
    most: 1,
    about: 'it was done: say what',
    example: "holdpoint follow-up done checkout-1.2.3-k7f2/follow-up-1 --note 'alert merged, fired in the drill'",
    options: [{ flags: '--note <text>', about: 'what was done', required: true }, ...engine],
    load: async () => (await followUps()).done,
  },
]
