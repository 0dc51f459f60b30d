/** Every command with its arguments, options and example: the program, its help and docs/cli.md all come from here. */
import type { CommandEntry, OptionSpec } from './command-entry.ts'
import { engine, json, store } from './common-options.ts'
import { afterCommands } from './after-commands.ts'
import { decisionCommands } from './decision-commands.ts'
import { judgeCommands } from './judge-commands.ts'
import { messageCommands } from './message-commands.ts'
import { recordCommands } from './record-commands.ts'
import { storeCommands } from './store-commands.ts'
import { targetCommands } from './target-commands.ts'
import { serverCommands, serverGroups } from './server-commands.ts'

const yes: OptionSpec = { flags: '--yes', about: 'do not ask before starting; it answers and signs nothing' }
const set: OptionSpec = { flags: '--set <name=value>', about: 'value of an input of the checklist', repeats: true }

export const commandTable: readonly CommandEntry[] = [
  {
    path: 'init',
    words: '[FILE]',
    least: 0,
    most: 1,
    about: 'write a first checklist that works at once (default RELEASE.md)',
    example: 'holdpoint init RELEASE.md',
    options: [],
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    path: 'try',
    words: 'FILE STEP',
    least: 2,
    most: 2,
    about: 'run one block of a checklist alone; nothing is recorded',
    example: "holdpoint try RELEASE.md 'All tests pass'",
    options: [
      { flags: '--version <version>', about: 'value of HOLDPOINT_VERSION' },
      { flags: '--env <environment>', about: 'environment to try it in' },
      set,
      yes,
      json,
      store,
    ],
    load: async () => (await import('./commands/try.ts')).tryStep,
  },
  {
    path: 'import',
    words: 'FILE',
    least: 1,
    most: 1,
    about: 'what a document holds, what of it could run and why; -o writes a copy with the blocks you accept',
    example: 'holdpoint import RELEASE.md -o RELEASE.holdpoint.md',
    options: [
      { flags: '-o, --out <file>', about: 'write a copy with what is accepted; an earlier copy keeps its decisions' },
      { flags: '--accept <which>', about: 'accept without asking: what only reads, or all', choices: ['reads', 'all'] },
      { flags: '--repair', about: 'mend text that was damaged by a wrong encoding, in the copy' },
      json,
    ],
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  {
    path: 'lint',
    words: 'FILE',
    least: 1,
    most: 1,
    about:
      'problems of a checklist, or of any release document: line, code, what was found, what is expected, an example',
    example: 'holdpoint lint RELEASE.md',
    options: [
      {
        flags: '--fix',
        about: 'mend in the file what needs no decision: damaged characters, and curl without --fail in checks',
      },
      { flags: '--sarif', about: 'print the problems as SARIF 2.1.0, for code hosts and editors' },
      json,
    ],
    load: async () => (await import('./commands/lint.ts')).lint,
  },
  {
    path: 'plan',
    words: 'FILE',
    least: 1,
    most: 1,
    about: 'what a checklist would do, in order, who is asked, what nobody takes back, and the digest',
    example: 'holdpoint plan RELEASE.md --out release-plan.json',
    options: [{ flags: '--out <file>', about: 'keep the plan, to run exactly this one later' }, json],
    load: async () => (await import('./commands/plan.ts')).plan,
  },
  ...judgeCommands,
  {
    path: 'run',
    words: 'FILE|PLAN',
    least: 0,
    most: 1,
    about: 'start a release and attend it; with --checklist what a project has registered',
    example: 'holdpoint run RELEASE.md --version 1.2.3 --env production',
    options: [
      { flags: '--version <version>', about: 'what is released', required: true },
      { flags: '--env <environment>', about: 'where to (default: the only one declared, else production)' },
      set,
      { flags: '--previous <version>', about: 'what serves now, when nothing was ever observed there' },
      { flags: '--artefact <digest>', about: 'digest of what is released; signatures cover it' },
      { flags: '--dry-run', about: 'checks run; actions and traffic do not' },
      { flags: '--checklist <project/name>', about: 'instead of a file: a checklist that this project has registered' },
      { flags: '--registered', about: 'with --checklist: do not ask its repository whether it has moved on' },
      { flags: '--project <project>', about: 'on a server: the project that a new service is to belong to' },
      yes,
      {
        flags: '--at <time>',
        about: 'when the first rollout is to begin, such as 2026-12-01T10:00, by the zone of its window',
      },
      { flags: '--reason <why>', about: 'why it starts although its lead times cannot be kept' },
      { flags: '--override-window <why>', about: 'begin although a window is closed or has no room; with --role' },
      { flags: '--role <role>', about: 'with --override-window: the role that the window names' },
      {
        flags: '--until <moment>',
        about: 'stay until it is closed, not only released',
        choices: ['released', 'closed'],
      },
      { flags: '--supersede', about: 'end the watch of the release that is validating on the same target' },
      { flags: '--queue', about: 'where the target is busy: stand in line and begin when the turn comes' },
      { flags: '--queue-for <duration>', about: 'as --queue, but leave the line after so long, such as 8h' },
      { flags: '--events <file>', about: 'append every event to this file, one JSON line each' },
      { flags: '--wait <duration>', about: 'without a terminal: longest wait by the clock to sit out (default 1m)' },
      ...engine,
    ],
    load: async () => (await import('./commands/run.ts')).run,
  },
  ...serverCommands,
  {
    path: 'resume',
    words: '',
    least: 0,
    most: 0,
    about: 'attend open releases again, for example after a reboot',
    example: 'holdpoint resume',
    options: [json, store],
    load: async () => (await import('./commands/resume.ts')).resume,
  },
  {
    path: 'release list',
    words: '',
    least: 0,
    most: 0,
    about: 'releases, newest first',
    example: 'holdpoint release list --open',
    options: [
      { flags: '--open', about: 'only those that have not ended' },
      { flags: '--service <service>', about: 'only of this service' },
      { flags: '--limit <count>', about: 'at most this many (default 20)' },
      ...engine,
    ],
    load: async () => (await import('./commands/release-list.ts')).releaseList,
  },
  {
    path: 'release show',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'one release: the bar, the checklist, the rollout, what it waits for',
    example: 'holdpoint release show checkout-1.2.3',
    options: [...engine],
    load: async () => (await import('./commands/release-show.ts')).releaseShow,
  },
  {
    path: 'release watch',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'attend a release that runs already',
    example: 'holdpoint release watch checkout-1.2.3',
    options: [
      {
        flags: '--until <moment>',
        about: 'stay until it is closed, not only released',
        choices: ['released', 'closed'],
      },
      { flags: '--events <file>', about: 'append every event to this file, one JSON line each' },
      { flags: '--wait <duration>', about: 'without a terminal: longest wait by the clock to sit out (default 1m)' },
      ...engine,
    ],
    load: async () => (await import('./commands/release-watch.ts')).releaseWatch,
  },
  ...decisionCommands,
  ...afterCommands,
  ...targetCommands,
  ...messageCommands,
  ...recordCommands,
  {
    path: 'export',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'the record of a release as one file',
    example: 'holdpoint export checkout-1.2.3 --format bundle -o checkout-1.2.3.bundle',
    options: [
      {
        flags: '--format <format>',
        about:
          'bundle (default); md is your own document with the results in it; report (Markdown), html and json are the whole record',
        choices: ['bundle', 'md', 'report', 'html', 'json'],
      },
      { flags: '-o, --out <file>', about: 'write to this file (default: stdout; a bundle gets a file of its own)' },
      store,
    ],
    load: async () => (await import('./commands/export.ts')).exportRelease,
  },
  {
    path: 'verify',
    words: 'BUNDLE',
    least: 1,
    most: 1,
    about: 'is this record whole and unchanged? Needs nothing but the file',
    example: 'holdpoint verify checkout-1.2.3.bundle',
    options: [
      { flags: '--key <fingerprint>', about: 'the signer you trust: a fingerprint, or a public key in PEM' },
      json,
    ],
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  ...storeCommands,
  {
    path: 'doctor',
    words: '[FILE]',
    least: 0,
    most: 1,
    about: 'can every source, driver, channel and tool that FILE names be reached?',
    example: 'holdpoint doctor RELEASE.md',
    options: [json, store],
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    path: 'demo',
    words: '',
    least: 0,
    most: 0,
    about: 'two versions of a service, real traffic, a whole release on its page and on this terminal',
    example: 'holdpoint demo --bad latency --fast',
    options: [
      {
        flags: '--bad [what]',
        about: 'ship a version that regresses: errors (default) or latency',
        choices: ['errors', 'latency'],
      },
      { flags: '--fast', about: 'in less than 20 seconds' },
      { flags: '--no-open', about: 'print the address of its page, and open no browser' },
      { flags: '-o, --out <folder>', about: 'where report and bundle go (default: holdpoint-demo-<n> here)' },
    ],
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  {
    path: 'version',
    words: '',
    least: 0,
    most: 0,
    about: 'version of Holdpoint and of the Node it runs on',
    example: 'holdpoint version --json',
    options: [json],
    load: async () => (await import('./commands/version.ts')).version,
  },
]

/** Words that stand before other commands. */
export const groups: Readonly<Record<string, string>> = {
  release: 'see releases and act on them; RELEASE may be left out when exactly one is open',
  message: 'what a release tells whom: drafts, failures, and how messages will read',
  records: 'records with an age',
  'follow-up': 'what releases left to do',
  ...serverGroups,
  store: 'where releases, people and evidence are kept',
}
