/** The commands of workers: running one, and seeing which there are. */
import type { CommandEntry } from './command-entry.ts'
import { json, store } from './common-options.ts'

export const workerCommands: readonly CommandEntry[] = [
  {
    path: 'worker',
    words: '',
    least: 0,
    most: 0,
    about: 'run commands for a server, on this machine and with its secrets, until Ctrl-C',
    example:
      'holdpoint worker --server https://releases.example.com --token-file worker.token --environment production --workspace /srv/shop',
    options: [
      { flags: '--server <address>', about: 'the server to ask (or HOLDPOINT_SERVER)' },
      { flags: '--token-file <file>', about: 'the token of a machine with the role worker, or HOLDPOINT_TOKEN' },
      { flags: '--token <token>', about: 'the token itself; others on this machine can see it' },
      {
        flags: '--environment <name>',
        about: 'take commands of this environment (default: of all that the token brings)',
        repeats: true,
      },
      { flags: '--label <label>', about: 'take what asks for this label (default: all of the token)', repeats: true },
      { flags: '--workspace <folder>', about: 'where commands run: the folder of the releases', required: true },
      { flags: '--jobs <count>', about: 'commands at once (default 4)' },
      { flags: '--grace <time>', about: 'how long commands may go on when the worker is ended (default 5m)' },
      store,
    ],
    load: async () => (await import('./commands/worker.ts')).worker,
  },
  {
    path: 'worker list',
    words: '',
    least: 0,
    most: 0,
    about: 'workers of the last day: what they take, when they were seen, what they run',
    example: 'holdpoint worker list',
    options: [json, store],
    load: async () => (await import('./commands/worker.ts')).listWorkers,
  },
]
