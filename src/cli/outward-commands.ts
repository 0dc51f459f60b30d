/** The commands for what a project shares with other systems: webhooks, GitHub deployments, keys for results. */
import { newsTopics } from '../core/release/news.ts'
import type { CommandEntry } from './command-entry.ts'
import { json, store } from './common-options.ts'

const common = [json, store] as const
const webhooks = () => import('./commands/webhooks.ts')
const github = () => import('./commands/github.ts')
const resultKeys = () => import('./commands/result-keys.ts')

/** What the groups of these commands are about. */
export const outwardGroups: Readonly<Record<string, string>> = {
  webhook: 'addresses that hear of the releases of a project',
  github: 'repositories at GitHub whose deployments wait for gates of a project',
  'result-key': 'keys with which machines sign results from outside',
}

export const outwardCommands: readonly CommandEntry[] = [
  {
    path: 'webhook list',
    words: 'PROJECT',
    least: 1,
    most: 1,
    about: 'who hears of the releases of a project',
    example: 'holdpoint webhook list shop',
    options: [...common],
    load: async () => (await webhooks()).list,
  },
  {
    path: 'webhook add',
    words: 'PROJECT ADDRESS',
    least: 2,
    most: 2,
    about: 'let an https address hear of the releases of a project; the secret for its signatures is shown once',
    example: 'holdpoint webhook add shop https://hooks.example.com/releases --on release.started --on rollback.started',
    options: [
      {
        flags: '--on <topic>',
        about: `hear of this only (default: everything): ${newsTopics.join(', ')}`,
        repeats: true,
      },
      ...common,
    ],
    load: async () => (await webhooks()).add,
  },
  {
    path: 'webhook remove',
    words: 'PROJECT WEBHOOK',
    least: 2,
    most: 2,
    about: 'the address hears no more; what waits for it is dropped',
    example: 'holdpoint webhook remove shop wh-1f2e3d4c5b6a',
    options: [...common],
    load: async () => (await webhooks()).remove,
  },
  {
    path: 'webhook deliveries',
    words: 'PROJECT WEBHOOK',
    least: 2,
    most: 2,
    about: 'what waits to be delivered, and what was delivered or given up within a week, newest first',
    example: 'holdpoint webhook deliveries shop wh-1f2e3d4c5b6a',
    options: [...common],
    load: async () => (await webhooks()).deliveries,
  },
  {
    path: 'github list',
    words: 'PROJECT',
    least: 1,
    most: 1,
    about: 'repositories whose deployments ask gates of a project',
    example: 'holdpoint github list shop',
    options: [...common],
    load: async () => (await github()).list,
  },
  {
    path: 'github bind',
    words: 'PROJECT OWNER/REPOSITORY ENVIRONMENT',
    least: 3,
    most: 3,
    about: 'let deployments to an environment, as GitHub calls it, wait for a gate of a service (see docs/gates.md)',
    example: 'holdpoint github bind shop acme/checkout production --service checkout --step go-live',
    options: [
      { flags: '--service <service>', about: 'whose release they wait for', required: true },
      { flags: '--environment <name>', about: 'its environment here (default: as at GitHub)' },
      { flags: '--step <id>', about: 'open when this step is closed (default: when the release is)' },
      { flags: '--phase <id>', about: 'instead: open when this phase is done' },
      { flags: '--stage <stage>', about: 'instead: open when the rollout is in it (number, 25%, or id)' },
      ...common,
    ],
    load: async () => (await github()).bind,
  },
  {
    path: 'github unbind',
    words: 'PROJECT OWNER/REPOSITORY ENVIRONMENT',
    least: 3,
    most: 3,
    about: 'its deployments ask this project no more; those that wait go on waiting',
    example: 'holdpoint github unbind shop acme/checkout production',
    options: [...common],
    load: async () => (await github()).unbind,
  },
  {
    path: 'result-key list',
    words: 'PROJECT',
    least: 1,
    most: 1,
    about: 'keys with which machines sign results for a project; never the secrets',
    example: 'holdpoint result-key list shop',
    options: [...common],
    load: async () => (await resultKeys()).list,
  },
  {
    path: 'result-key make',
    words: 'PROJECT MACHINE',
    least: 2,
    most: 2,
    about: 'a key with which a machine signs results without a token; its secret is shown once',
    example: 'holdpoint result-key make shop load-tests --expires 30d',
    options: [{ flags: '--expires <duration>', about: 'how long it works, in days (default 90d)' }, ...common],
    load: async () => (await resultKeys()).make,
  },
  {
    path: 'result-key remove',
    words: 'PROJECT KEY',
    least: 2,
    most: 2,
    about: 'refuse what is signed with it from now on',
    example: 'holdpoint result-key remove shop rk-1f2e3d4c5b6a',
    options: [...common],
    load: async () => (await resultKeys()).remove,
  },
]
