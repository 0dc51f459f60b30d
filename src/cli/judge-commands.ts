/** The commands of the judge: as a filter, and what it did and would do. */
import type { CommandEntry } from './command-entry.ts'
import { engine, json } from './common-options.ts'

export const judgeCommands: readonly CommandEntry[] = [
  {
    path: 'judge',
    words: '',
    least: 0,
    most: 0,
    about: 'judge samples: one JSON object per line on stdin, one verdict per line on stdout',
    example: 'holdpoint judge --policy canary-policy.yaml',
    options: [
      { flags: '--policy <file>', about: 'limits and chances in YAML or JSON, instead of those of the start line' },
    ],
    load: async () => (await import('./commands/judge.ts')).judge,
  },
  {
    path: 'judge explain',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'the whole story of what the judge decided, and whether the stored samples give the same verdicts again',
    example: 'holdpoint judge explain checkout-1.2.3 --stage 1',
    options: [{ flags: '--stage <number>', about: 'only this stage (1 = first)' }, ...engine],
    load: async () => (await import('./commands/judge-explain.ts')).judgeExplain,
  },
  {
    path: 'judge simulate',
    words: 'FILE',
    least: 1,
    most: 1,
    about: 'before a release: how often its judge is wrong, how long stages must soak, what they find and when',
    example: 'holdpoint judge simulate RELEASE.md --rps 200 --error-rate 0.3%',
    options: [
      {
        flags: '--rps <number>',
        about: 'requests per second of all versions (default: "traffic" of the checklist, or 200)',
      },
      { flags: '--error-rate <share>', about: 'usual share of failed requests (default: of the checklist, or 0.3%)' },
      {
        flags: '--event-rate <share>',
        about: 'usual share of requests with an event where less is worse (default 5%)',
      },
      { flags: '--p95 <duration>', about: 'usual 95th percentile of latency (default: of the checklist, or 380ms)' },
      {
        flags: '--buckets <edges>',
        about: 'edges of the latency buckets in seconds (default: those of Prometheus clients)',
      },
      {
        flags: '--noise <how much>',
        about: 'how much one version differs from itself (default quiet)',
        choices: ['quiet', 'noisy', 'harsh'],
      },
      { flags: '--history <yes|no>', about: 'is there a past to learn from (default yes)', choices: ['yes', 'no'] },
      { flags: '--rollout <step>', about: 'which rollout of the checklist (default: the first with metrics)' },
      { flags: '--runs <number>', about: 'simulated rollouts (default up to 200, fewer for long ones)' },
      { flags: '--seed <text>', about: 'the same seed gives the same answer (default 1)' },
      json,
    ],
    load: async () => (await import('./commands/judge-simulate.ts')).judgeSimulate,
  },
  {
    path: 'judge calibrate',
    words: 'FILE',
    least: 1,
    most: 1,
    about:
      'play the judge over past days of stable alone: how often it turns a healthy version back, beside what it promises',
    example: 'holdpoint judge calibrate RELEASE.md --env production --days 7',
    options: [
      { flags: '--env <environment>', about: 'whose stable version (default: the only one declared, else production)' },
      { flags: '--days <count>', about: 'how far to look back (default 7)' },
      { flags: '--period <duration>', about: 'how far to look back, where days are too long, such as 6h' },
      { flags: '--runs <number>', about: 'at most this many windows, side by side (default 100)' },
      { flags: '--budget <duration>', about: 'begin no further window after this time (default 10m)' },
      { flags: '--split-by <label>', about: 'try another label than that of `history:`; nothing is kept then' },
      {
        flags: '--history <duration>',
        about: 'try another history before each window than that of the checklist; nothing is kept then',
      },
      { flags: '--rollout <step>', about: 'which rollout of the checklist (default: all that can be calibrated)' },
      { flags: '--previous <version>', about: 'what serves now, when no release of it was ever observed' },
      { flags: '--version <version>', about: 'value of {{version}}, where a query of stable asks for it' },
      { flags: '--set <name=value>', about: 'value of an input of the checklist', repeats: true },
      ...engine,
    ],
    load: async () => (await import('./commands/judge-calibrate.ts')).judgeCalibrate,
  },
]
