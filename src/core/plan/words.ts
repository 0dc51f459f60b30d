/** The words after a language that make a fence more than documentation. A closed set: there is no default. */

export type Word =
  | 'check'
  | 'run'
  | 'undo'
  | 'answer'
  | 'approve'
  | 'handover'
  | 'readiness'
  | 'record'
  | 'fields'
  | 'baseline'
  | 'known-issues'
  | 'deploy'
  | 'rollout'
  | 'stage'
  | 'watch'
  | 'trigger'
  | 'notify'
  | 'wait'
  | 'phase'
  | 'group'

export interface WordRule {
  readonly languages: readonly string[]
  /** `main`: at most one per step. `modifier`: beside a main block. `section`: under a heading only. */
  readonly role: 'main' | 'modifier' | 'section'
  /** One correct opening line or block. */
  readonly example: string
}

/** Languages that an interpreter runs, and the name of that interpreter in a plan. */
export const shells: Readonly<Record<string, string>> = { sh: 'bash', bash: 'bash', python: 'python', node: 'node' }
const scripted = Object.keys(shells)

export const words: Readonly<Record<Word, WordRule>> = {
  check: {
    languages: [...scripted, 'http', 'sql', 'promql', 'yaml'],
    role: 'main',
    example: '```sh check timeout=10m',
  },
  run: { languages: [...scripted, 'yaml'], role: 'main', example: '```sh run timeout=10m' },
  undo: { languages: scripted, role: 'modifier', example: '```sh undo' },
  answer: { languages: ['yaml'], role: 'modifier', example: '```yaml answer\nevidence: required\n```' },
  approve: { languages: ['yaml'], role: 'main', example: '```yaml approve\nrole: engineer\ncount: 2\n```' },
  handover: {
    languages: ['yaml'],
    role: 'main',
    example: '```yaml handover\nto: [on-call, engineering-manager]\nwithin: 15m\n```',
  },
  record: { languages: ['yaml'], role: 'main', example: '```yaml record\nname: restore-test\nmax-age: 30d\n```' },
  fields: {
    languages: ['yaml'],
    role: 'modifier',
    example: '```yaml fields\nerror-rate: { type: percent, limit: "< 1%" }\n```',
  },
  'known-issues': {
    languages: ['yaml'],
    role: 'main',
    example: '```yaml known-issues\nblock: [critical, high]\n```',
  },
  baseline: {
    languages: ['yaml'],
    role: 'main',
    example: '```yaml baseline\nvalues: { error-rate: { type: percent, query: "…" } }\n```',
  },
  deploy: {
    languages: ['yaml'],
    role: 'main',
    example:
      '```yaml deploy\ncomponents: { api: { deploy: ./deploy.sh api, serves: ./version.sh api, healthy: ./healthy.sh api } }\n```',
  },
  rollout: {
    languages: ['yaml'],
    role: 'main',
    example: '```yaml rollout\ncomponents: { api: { traffic: command, … } }\n```',
  },
  stage: { languages: ['yaml'], role: 'section', example: '```yaml stage\nweight: 25%\nsoak: 1h\n```' },
  watch: { languages: ['yaml'], role: 'main', example: '```yaml watch\nfor: 2h\n```' },
  trigger: {
    languages: ['promql', 'yaml'],
    role: 'modifier',
    example: '```promql trigger on=prom above=5% for=2m action=rollback',
  },
  notify: { languages: ['md'], role: 'modifier', example: '```md notify on=rollout.started to=ops' },
  wait: { languages: ['yaml'], role: 'main', example: '```yaml wait\nfor: 30m\n```' },
  phase: { languages: ['yaml'], role: 'section', example: '```yaml phase\nkind: rollback\n```' },
  group: { languages: ['yaml'], role: 'main', example: '```yaml group\nparallel: true\n```' },
  readiness: { languages: ['yaml'], role: 'main', example: '```yaml readiness\nof: tests\n```' },
}

export const wordNames = Object.keys(words) as readonly Word[]
export const languages: readonly string[] = [...new Set(wordNames.flatMap((word) => words[word].languages))]

export function isWord(text: string): text is Word {
  return Object.hasOwn(words, text)
}

/** Settings that every block that makes a step understands. */
export const commonNames: readonly string[] = ['id', 'when', 'only', 'never', 'severity', 'owner', 'danger']
/** What else may stand in `# @` lines of requests, whose other `# @` lines belong to the requests themselves. */
export const checkNames: readonly string[] = [...commonNames, 'timeout', 'max-age']
