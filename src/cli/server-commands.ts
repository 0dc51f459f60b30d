/** The commands of a server for a team: serving, and coming in. */
import type { CommandEntry } from './command-entry.ts'
import { json, store } from './common-options.ts'
import { workerCommands } from './worker-commands.ts'
import { outwardCommands, outwardGroups } from './outward-commands.ts'
import { delegationCommands } from './delegation-commands.ts'
import { peopleCommands, peopleGroups } from './people-commands.ts'
import { slackCommands, slackGroups } from './slack-commands.ts'
import { statusCommands, statusGroups } from './status-commands.ts'

/** What the groups of these commands are about. */
export const serverGroups = { ...peopleGroups, ...outwardGroups, ...statusGroups, ...slackGroups }

export const serverCommands: readonly CommandEntry[] = [
  {
    path: 'serve',
    words: '',
    least: 0,
    most: 0,
    about: 'serve a team: this store, its engine and its API, until Ctrl-C',
    example: 'holdpoint serve --port 4680',
    options: [
      { flags: '--port <port>', about: 'where to listen (default 4680; 0 = any that is free)' },
      {
        flags: '--host <address>',
        about: 'which address to listen on (default 127.0.0.1); others need TLS or a trusted proxy',
      },
      { flags: '--tls-cert <file>', about: 'certificate chain, PEM' },
      { flags: '--tls-key <file>', about: 'its key, PEM' },
      {
        flags: '--trust-proxy <address>',
        about: 'believe X-Forwarded-For of this proxy, which ends TLS',
        repeats: true,
      },
      {
        flags: '--url <address>',
        about: 'how people reach this server, such as https://releases.example.com',
        repeats: true,
      },
      { flags: '--openid-issuer <url>', about: 'let people sign in through this OpenID provider' },
      { flags: '--openid-client <id>', about: 'what the provider calls this server' },
      { flags: '--openid-secret-file <file>', about: 'the client secret (or HOLDPOINT_OPENID_SECRET)' },
      {
        flags: '--openid-join <viewer@organisation>',
        about: 'whom the provider knows and this server does not becomes a viewer there (default: is turned away)',
      },
      {
        flags: '--openid-allow <claim=value>',
        about: 'only people of whom the provider claims this, such as groups=releases',
        repeats: true,
      },
      {
        flags: '--openid-scope <scope>',
        about: 'also ask the provider for this, such as groups, where it tells groups by a scope of their own',
        repeats: true,
      },
      {
        flags: '--retain <days>',
        about: 'drop samples and evidence of releases that ended longer ago, such as 400d (default: keep all)',
      },
      { flags: '--metrics-port <port>', about: 'serve /metrics for Prometheus on this port of 127.0.0.1 too' },
      { flags: '--database <url>', about: 'a PostgreSQL that several replicas share (default: the embedded store)' },
      {
        flags: '--checkpoint <file>',
        about: 'keep a signed head of the log here, outside the store; an older state of it is then only read',
      },
      {
        flags: '--local-worker <environments>',
        about: 'run commands of these here, such as staging,dev (default: of all; with --database of none)',
      },
      { flags: '--no-local-worker', about: 'run no command here: workers run them all' },
      json,
      store,
    ],
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  {
    path: 'login',
    words: 'ADDRESS',
    least: 1,
    most: 1,
    about: 'sign in to a server, or use the link that it printed or that an administrator sent',
    example: 'holdpoint login https://releases.example.com',
    options: [
      {
        flags: '--person <name>',
        about: 'your name there; without a terminal the password is the first line of stdin',
      },
      { flags: '--openid', about: 'sign in through the OpenID provider of the server, in a browser on this machine' },
      {
        flags: '--browser',
        about: 'sign in in a browser on this machine, in any way that the pages of the server know, such as a passkey',
      },
      { flags: '--fresh', about: 'with --openid or --browser: prove anew who you are, as protected environments ask' },
      { flags: '--name <text>', about: 'with a set-up link: your full name' },
      { flags: '--organisation <name>', about: 'with a set-up link: your organisation' },
      { flags: '--project <name>', about: 'with a set-up link: its first project' },
      json,
    ],
    load: async () => (await import('./commands/login.ts')).login,
  },
  {
    path: 'gate',
    words: '[RELEASE] [STEP]',
    least: 0,
    most: 2,
    about: 'may one go on? for scripts: exit 0 = open, 3 = waiting, 1 = no (see docs/gates.md)',
    example: 'holdpoint gate checkout-1.2.3 go-live',
    options: [
      { flags: '--phase <id>', about: 'instead of a step: open when this phase is done' },
      { flags: '--stage <stage>', about: 'instead of a step: open when the rollout is in it (number, 25%, or id)' },
      { flags: '--service <name>', about: 'instead of RELEASE, with the next two: its newest release' },
      { flags: '--environment <name>', about: 'of the service' },
      { flags: '--version <version>', about: 'of the service' },
      json,
      store,
    ],
    load: async () => (await import('./commands/gate.ts')).gate,
  },
  {
    path: 'logout',
    words: '',
    least: 0,
    most: 0,
    about: 'end the sign-in to a server; commands ask the local engine again',
    example: 'holdpoint logout',
    options: [{ flags: '--everywhere', about: 'end every sign-in of yours, on all machines' }],
    load: async () => (await import('./commands/login.ts')).logout,
  },
  ...workerCommands,
  ...peopleCommands,
  ...delegationCommands,
  ...outwardCommands,
  ...statusCommands,
  ...slackCommands,
]
