/** Every command with its arguments, options and example: the program, its help and docs/cli.md all come from here. */
import type { Context } from './context.ts'
import type { ExitCode } from './faults.ts'

export interface OptionSpec {
  /** As commander reads them: `--reason <why>`. */
  readonly flags: string
  readonly about: string
  readonly choices?: readonly string[]
  /** May be given more than once. */
  readonly repeats?: boolean
  readonly required?: boolean
}

export type Values = Readonly<Record<string, unknown>>
export type Run = (context: Context, words: readonly string[], options: Values) => Promise<ExitCode>

export interface CommandEntry {
  /** `lint`, or `release answer`. */
  readonly path: string
  /** `FILE`, `[RELEASE] STEP ANSWER`: shown in usage. */
  readonly words: string
  readonly least: number
  readonly most: number
  readonly about: string
  readonly example: string
  readonly options: readonly OptionSpec[]
  readonly load: () => Promise<Run>
}

const json: OptionSpec = { flags: '--json', about: 'print one JSON document and nothing else' }
const store: OptionSpec = {
  flags: '--store <folder>',
  about: 'use the store in this folder instead of $HOLDPOINT_HOME',
}
const as: OptionSpec = { flags: '--as <name>', about: 'the name you claim (default: your operating-system user)' }
const reason: OptionSpec = { flags: '--reason <why>', about: 'why, for the record' }
const role: OptionSpec = { flags: '--role <role>', about: 'the role you act in' }
const sign: OptionSpec = {
  flags: '--sign <keyfile>',
  about: 'sign with this SSH key; a protected environment needs it',
}
const yes: OptionSpec = { flags: '--yes', about: 'do not ask before starting; it answers and signs nothing' }
const set: OptionSpec = { flags: '--set <name=value>', about: 'value of an input of the checklist', repeats: true }
const engine = [json, store, as] as const

const verbs = () => import('./commands/release-verbs.ts')

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
    path: 'lint',
    words: 'FILE',
    least: 1,
    most: 1,
    about: 'problems of a checklist: line, code, what was found, what is expected, an example',
    example: 'holdpoint lint RELEASE.md',
    options: [json],
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
  {
    path: 'judge',
    words: '',
    least: 0,
    most: 0,
    about: 'judge samples: one JSON object per line on stdin, one verdict per line on stdout',
    example: 'holdpoint judge --policy canary-policy.yaml < samples.jsonl',
    options: [
      { flags: '--policy <file>', about: 'limits and chances in YAML or JSON, instead of those of the start line' },
    ],
    load: async () => (await import('./commands/judge.ts')).judge,
  },
  {
    path: 'run',
    words: 'FILE|PLAN',
    least: 1,
    most: 1,
    about: 'start a release and attend it',
    example: 'holdpoint run RELEASE.md --version 1.2.3 --env production',
    options: [
      { flags: '--version <version>', about: 'what is released', required: true },
      { flags: '--env <environment>', about: 'where to (default: the only one declared, else production)' },
      set,
      { flags: '--previous <version>', about: 'what serves now, when nothing was ever observed there' },
      { flags: '--artefact <digest>', about: 'digest of what is released; signatures cover it' },
      { flags: '--dry-run', about: 'checks run; actions and traffic do not' },
      yes,
      {
        flags: '--until <moment>',
        about: 'stay until it is closed, not only released',
        choices: ['released', 'closed'],
      },
      { flags: '--supersede', about: 'end the watch of the release that is validating on the same target' },
      { flags: '--events <file>', about: 'append every event to this file, one JSON line each' },
      { flags: '--wait <duration>', about: 'without a terminal: longest wait by the clock to sit out (default 1m)' },
      ...engine,
    ],
    load: async () => (await import('./commands/run.ts')).run,
  },
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
  {
    path: 'release answer',
    words: '[RELEASE] STEP ANSWER',
    least: 1,
    most: 3,
    about: 'answer a question: passed, failed, or one of its own options',
    example: "holdpoint release answer 'smoke test' passed --note 'logged in and paid'",
    options: [
      { flags: '--note <text>', about: 'a remark for the record' },
      { flags: '--field <name=value>', about: 'a value the step asks for', repeats: true },
      { flags: '--evidence <file>', about: 'a file to keep as evidence', repeats: true },
      ...engine,
    ],
    load: async () => (await verbs()).answer,
  },
  {
    path: 'release approve',
    words: '[RELEASE] STEP',
    least: 0,
    most: 2,
    about: 'sign what stands now, or confirm a dangerous action',
    example: "holdpoint release approve 'Two engineers approve' --role engineer",
    options: [
      role,
      sign,
      { flags: '--digest <digest>', about: 'sign only if this is what stands' },
      { flags: '--confirm <step-id>', about: 'the id of a dangerous action, typed' },
      { flags: '--note <text>', about: 'a remark for the record' },
      { flags: '--yes', about: 'do not ask again after showing what is signed' },
      ...engine,
    ],
    load: async () => (await import('./commands/release-approve.ts')).approve,
  },
  {
    path: 'release reject',
    words: '[RELEASE] STEP',
    least: 0,
    most: 2,
    about: 'refuse to sign, with the reason',
    example: "holdpoint release reject 'Two engineers approve' --reason 'error budget is spent'",
    options: [role, { ...reason, required: true }, ...engine],
    load: async () => (await verbs()).reject,
  },
  {
    path: 'release waive',
    words: '[RELEASE] STEP',
    least: 0,
    most: 2,
    about: 'go on without a step: reason and role are recorded and listed in the report',
    example: "holdpoint release waive 'All tests pass' --role release-engineer --reason 'known flake, see #42'",
    options: [
      { ...role, required: true },
      { ...reason, required: true },
      { flags: '--expires <duration>', about: 'how long the waiver holds, such as 2h' },
      sign,
      ...engine,
    ],
    load: async () => (await verbs()).waive,
  },
  {
    path: 'release not-applicable',
    words: '[RELEASE] STEP',
    least: 0,
    most: 2,
    about: 'a step does not apply to this release',
    example: "holdpoint release not-applicable 'Migrate the database' --reason 'no schema change'",
    options: [role, { ...reason, required: true }, sign, ...engine],
    load: async () => (await verbs()).notApplicable,
  },
  {
    path: 'release revoke',
    words: '[RELEASE] STEP',
    least: 0,
    most: 2,
    about: 'take your signature back while its step is open',
    example: "holdpoint release revoke 'Two engineers approve' --reason 'signed the wrong release'",
    options: [{ ...reason, required: true }, ...engine],
    load: async () => (await verbs()).revoke,
  },
  {
    path: 'release assign',
    words: '[RELEASE] STEP PERSON',
    least: 2,
    most: 3,
    about: 'say who owes a step',
    example: "holdpoint release assign 'smoke test' bo",
    options: [...engine],
    load: async () => (await verbs()).assign,
  },
  {
    path: 'release retry',
    words: '[RELEASE] STEP',
    least: 0,
    most: 2,
    about: 'try a failed, inconclusive or blocked step once more',
    example: "holdpoint release retry 'All tests pass'",
    options: [...engine],
    load: async () => (await verbs()).retry,
  },
  {
    path: 'release promote',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'say go to the next stage',
    example: 'holdpoint release promote --role release-engineer',
    options: [
      role,
      reason,
      { flags: '--stage <number>', about: 'only if this stage (1 = first) stands' },
      sign,
      ...engine,
    ],
    load: async () => (await verbs()).promote,
  },
  {
    path: 'release hold',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'nothing goes forward until someone resumes',
    example: "holdpoint release hold --reason 'pager is ringing'",
    options: [{ ...reason, required: true }, ...engine],
    load: async () => (await verbs()).hold,
  },
  {
    path: 'release resume',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'lift a hold',
    example: "holdpoint release resume --reason 'false alarm'",
    options: [{ ...reason, required: true }, sign, ...engine],
    load: async () => (await verbs()).resume,
  },
  {
    path: 'release abort',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'stop, and take back everything that was begun',
    example: "holdpoint release abort --reason 'wrong version'",
    options: [
      { ...reason, required: true },
      { flags: '--leave', about: 'take nothing back: leave it as it is; two people have to ask for it' },
      { flags: '--confirm <release>', about: 'with --leave: the id of the release, typed' },
      { ...sign, about: 'sign with this SSH key; with --leave a protected environment needs it' },
      ...engine,
    ],
    load: async () => (await verbs()).abort,
  },
  {
    path: 'release rollback',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'back to the version before, also after 100 %',
    example: "holdpoint release rollback --reason 'checkout is slow'",
    options: [{ ...reason, required: true }, ...engine],
    load: async () => (await verbs()).rollback,
  },
  {
    path: 'release settle',
    words: '[RELEASE] STEP',
    least: 0,
    most: 2,
    about: 'say how an action ended whose result was lost',
    example: "holdpoint release settle 'Deploy the canary' --as done --reason 'the new image is serving'",
    options: [
      { flags: '--as <how>', about: 'how it ended', choices: ['done', 'failed', 'retry'], required: true },
      { ...reason, required: true },
      sign,
      { flags: '--by <name>', about: 'the name you claim (default: your operating-system user)' },
      json,
      store,
    ],
    load: async () => (await verbs()).settle,
  },
  {
    path: 'release amend',
    words: '[RELEASE] FILE',
    least: 1,
    most: 2,
    about: 'change the checklist of a running release; shows the difference first',
    example: "holdpoint release amend RELEASE.md --role release-engineer --reason 'typo in the smoke test'",
    options: [
      { ...role, required: true },
      { ...reason, required: true },
      { flags: '--yes', about: 'do not ask after showing the difference' },
      sign,
      ...engine,
    ],
    load: async () => (await import('./commands/release-amend.ts')).amend,
  },
  {
    path: 'release note',
    words: '[RELEASE] TEXT',
    least: 1,
    most: 2,
    about: 'write something into the record',
    example: "holdpoint release note 'traffic is low because of the holiday'",
    options: [{ flags: '--step <step>', about: 'the step it is about' }, ...engine],
    load: async () => (await verbs()).note,
  },
  {
    path: 'records list',
    words: '[NAME]',
    least: 0,
    most: 1,
    about: 'records with an age: restore tests, rotations, drills',
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
    example: "holdpoint records add restore-test --note 'restored in 14 minutes' --observed 2h",
    options: [
      { flags: '--note <text>', about: 'what was observed', required: true },
      {
        flags: '--observed <when>',
        about: 'when: a time such as 2026-03-01T10:00Z, or how long ago, such as 2h (default: now)',
      },
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
  {
    path: 'export',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'the record of a release as one file',
    example: 'holdpoint export checkout-1.2.3 --format bundle -o checkout-1.2.3.bundle',
    options: [
      { flags: '--format <format>', about: 'bundle (default), md or json', choices: ['bundle', 'md', 'json'] },
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
    about: 'two versions of a service, real traffic, a whole release before your eyes',
    example: 'holdpoint demo --bad latency --fast',
    options: [
      {
        flags: '--bad [what]',
        about: 'ship a version that regresses: errors (default) or latency',
        choices: ['errors', 'latency'],
      },
      { flags: '--fast', about: 'in less than 20 seconds' },
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
  records: 'records with an age',
}
