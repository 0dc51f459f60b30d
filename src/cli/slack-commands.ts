/** The commands about users of Slack that a person is. */
import type { CommandEntry } from './command-entry.ts'
import { json, store } from './common-options.ts'

const common = [json, store] as const
const load = () => import('./commands/slack.ts')

/** What the group of these commands is about. */
export const slackGroups: Readonly<Record<string, string>> = {
  slack: 'which user of Slack you are: buttons pressed there decide in your name',
}

export const slackCommands: readonly CommandEntry[] = [
  {
    path: 'slack link',
    words: 'CODE',
    least: 1,
    most: 1,
    about: 'say by the code that Slack showed you which user of Slack you are; asks before it is done',
    example: 'holdpoint slack link K7QM2-XDR9P',
    options: [{ flags: '--yes', about: 'do not ask: the name was read before' }, ...common],
    load: async () => (await load()).link,
  },
  {
    path: 'slack list',
    words: '',
    least: 0,
    most: 0,
    about: 'users of Slack that you are',
    example: 'holdpoint slack list',
    options: [...common],
    load: async () => (await load()).list,
  },
  {
    path: 'slack unlink',
    words: 'TEAM/USER',
    least: 1,
    most: 1,
    about: 'a user of Slack is you no more',
    example: 'holdpoint slack unlink T0ACME/U0ANA',
    options: [...common],
    load: async () => (await load()).unlink,
  },
]
