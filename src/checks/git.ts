/** `yaml check kind: git`: the repository stands as a release needs it: clean, up to date, tagged, pushed. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import { tellingLine } from '../core/telling-line.ts'
import { pathspecOf, unmatched } from './git-state/frozen-script.ts'
import { readTold, script, type Told } from './git-state/script.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, fill, patternField, patternOf } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine, sayMillis } from './parts/say.ts'

const name = z
  .string()
  .min(1)
  .refine((text) => !text.startsWith('-'), { error: 'expected a name that does not begin with -' })
const paths = z.array(z.string().min(1)).min(1)

const config = z.strictObject({
  cwd: z.string().nullable().default(null).describe("Folder in the repository, relative to the checklist's"),
  clean: z.boolean().default(false).describe('Nothing is changed, staged or untracked'),
  branch: patternField.optional().describe('The branch that is checked out; matches all of its name'),
  'up-to-date-with': name.optional().describe('Branch or commit of which nothing is missing here'),
  'merges-with': name.optional().describe('Branch that merges without a conflict; nothing is merged'),
  'no-conflict-markers': z.boolean().default(false).describe('No file holds what a conflict leaves behind'),
  tag: name.optional().describe('A tag that is there and names the commit that is checked out'),
  annotated: z.boolean().default(true).describe('The tag says who made it, when and why'),
  pushed: name.optional().describe('A remote that has the tag, or without a tag the branch, as it is here'),
  'changed-since': name.optional().describe('Tag or commit that the next two settings compare with'),
  changed: paths
    .optional()
    .describe('Files of which at least one changed; * stands for any text without /, ** for any'),
  unchanged: paths.optional().describe('Files of which none may have changed'),
})

type Config = z.infer<typeof config>

export const git = defineCheck({
  kind: 'git',
  summary: 'The repository stands as a release needs it: clean, up to date, tagged, pushed',
  config: config.superRefine((given, context) => {
    const compares = given.changed !== undefined || given.unchanged !== undefined
    const problem = asksNothing(given)
      ? 'expected at least one thing to look at, such as clean: true'
      : compares && given['changed-since'] === undefined
        ? 'expected changed-since: the tag that changed and unchanged compare with'
        : null
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  }),
  needs: ['command'],
  timeoutMs: 60_000,
  example:
    '```yaml check\nkind: git\nclean: true\nbranch: main|release/.*\nup-to-date-with: origin/main\ntag: v{{ version }}\npushed: origin\n```',
  facts: {
    commit: 'string',
    branch: 'string',
    clean: 'bool',
    ahead: 'int',
    behind: 'int',
    changed: 'list',
    tag_annotated: 'bool',
  },
  async run(given, powers) {
    const asked = filled(given, powers)
    const result = await powers.command({
      shell: 'bash',
      script,
      cwd: asked.cwd,
      timeoutMs: powers.timeoutMs,
      env: questionsOf(asked),
    })
    const told = result.ended === 'exit' && result.exitCode === 0 ? readTold(textOf(result.stdout)) : null
    if (told === null) return { outcome: 'errored', say: whyNot(result, powers), evidence: [] }
    return judge(asked, told, powers)
  },
  /** Reads the repository, and greets its remote where one is named. */
  async probe(given, powers) {
    const { cwd, pushed = '' } = filled(given, powers)
    const env = { HOLDPOINT_REMOTE: pushed, GIT_TERMINAL_PROMPT: '0' }
    const result = await powers.command({ shell: 'bash', script: greeting, cwd, timeoutMs: 15_000, env })
    if (result.ended !== 'exit' || result.exitCode !== 0) return { ok: false, say: whyNot(result, powers) }
    const at = textOf(result.stdout).trim()
    return { ok: true, say: `the repository is at ${at}${pushed === '' ? '' : `, ${pushed} answers`}` }
  },
})

const greeting = `git rev-parse --short HEAD
[ -z "$HOLDPOINT_REMOTE" ] || git ls-remote --quiet --heads -- "$HOLDPOINT_REMOTE" > /dev/null`

function asksNothing(given: Config): boolean {
  const { cwd: _cwd, annotated: _annotated, ...asked } = given
  return !Object.values(asked).some((value) => value !== undefined && value !== false)
}

function filled(given: Config, { variables }: CheckPowers): Config {
  const entries = Object.entries(given).map(([key, value]) => [
    key,
    typeof value === 'string'
      ? fill(value, variables)
      : Array.isArray(value)
        ? value.map((one) => fill(one, variables))
        : value,
  ])
  // A value may have made a name into an option: the schema looks at it again.
  const again = config.safeParse(Object.fromEntries(entries))
  if (again.success) return again.data
  const [issue] = again.error.issues
  throw new ConfigFault(`${issue?.path.join('.')}: ${issue?.message}`)
}

function questionsOf(asked: Config): Readonly<Record<string, string>> {
  return {
    ASK_CLEAN: asked.clean ? '1' : '',
    ASK_BASE: asked['up-to-date-with'] ?? '',
    ASK_MERGES: asked['merges-with'] ?? '',
    ASK_MARKERS: asked['no-conflict-markers'] ? '1' : '',
    ASK_TAG: asked.tag ?? '',
    ASK_REMOTE: asked.pushed ?? '',
    ASK_SINCE: asked['changed-since'] ?? '',
    ASK_UNCHANGED: (asked.unchanged ?? []).map(pathspecOf).join('\n'),
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function whyNot(result: CommandResult, { timeoutMs }: CheckPowers): string {
  if (result.ended === 'timeout') return `git did not answer within ${sayMillis(timeoutMs)}`
  if (result.ended !== 'exit') return `git was not asked: ${result.why ?? result.ended}`
  if (result.exitCode === 127) return 'git is not installed where commands run'
  const line = tellingLine(textOf(result.stderr))
  return oneLine(`git did not answer: ${line === '' ? `exit ${result.exitCode}` : line}`)
}

function judge(asked: Config, told: Told, powers: CheckPowers): CheckResult {
  const problems = problemsOf(asked, told)
  const facts = factsOf(asked, told)
  const evidence = textEvidence('git.txt', evidenceOf(told))
  if (problems.length > 0) return { outcome: 'failed', say: oneLine(problems.join('; ')), evidence, facts }
  const { isAll, say } = unmatched(asked.unchanged ?? [], told.lists.get('unknown') ?? [])
  if (isAll) return { outcome: 'inconclusive', say: oneLine(`${say}: nothing was compared`), evidence, facts }
  return judged(powers, facts, { say: oneLine([standing(asked, told), say].filter(Boolean).join('; ')), evidence })
}

function problemsOf(asked: Config, told: Told): readonly string[] {
  const { values, lists } = told
  const branch = values.get('branch') ?? ''
  const behind = Number(values.get('behind') ?? 0)
  return [
    asked.clean && files('changed and not committed', lists.get('dirty')),
    asked.branch !== undefined &&
      !patternOf(`^(?:${asked.branch})$`).find(branch) &&
      `${branch === '' ? 'no branch is checked out' : `the branch is ${branch}`}, expected ${asked.branch}`,
    behind > 0 && `${behind} ${behind === 1 ? 'commit' : 'commits'} of ${asked['up-to-date-with']} missing`,
    asked['merges-with'] !== undefined &&
      values.get('merges') !== '0' &&
      files(`in conflict with ${asked['merges-with']}`, lists.get('conflict') ?? ['?']),
    asked['no-conflict-markers'] && files('with what a conflict leaves behind', lists.get('marker')),
    tagProblem(asked, values),
    pushProblem(asked, values),
    ...changeProblems(asked, lists.get('changed') ?? []),
  ].filter((problem) => typeof problem === 'string')
}

function files(what: string, names: readonly string[] = []): string | false {
  if (names.length === 0) return false
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return `${what}: ${names.slice(0, 3).join(', ')}${more}`
}

function tagProblem({ tag, annotated }: Config, values: Told['values']): string | false {
  if (tag === undefined) return false
  const kind = values.get('tag_kind') ?? ''
  const commit = values.get('tag_commit') ?? ''
  if (kind === '') return `there is no tag ${tag}`
  if (commit !== values.get('commit'))
    return `the tag ${tag} names ${commit.slice(0, 10)}, and ${values.get('commit')?.slice(0, 10)} is checked out`
  return annotated && kind !== 'tag' && `the tag ${tag} is not annotated`
}

function pushProblem({ tag, pushed }: Config, values: Told['values']): string | false {
  if (pushed === undefined) return false
  const there = (tag === undefined ? values.get('remote_head') : values.get('remote_tag')) ?? ''
  const here = (tag === undefined ? values.get('commit') : values.get('tag_commit')) ?? ''
  const what = tag === undefined ? `the branch ${values.get('branch') || '(none)'}` : `the tag ${tag}`
  if (there === '') return `${pushed} does not have ${what}`
  return there !== here && `${pushed} has ${what} at ${there.slice(0, 10)}, here it is ${here.slice(0, 10)}`
}

function changeProblems(asked: Config, changed: readonly string[]): readonly (string | false)[] {
  const among = (wanted: readonly string[] = []): readonly string[] =>
    changed.filter((file) => wanted.some((pattern) => matchesPath(pattern, file)))
  return [
    asked.changed !== undefined &&
      among(asked.changed).length === 0 &&
      `none of ${asked.changed.join(', ')} changed since ${asked['changed-since']}`,
    files(`changed since ${asked['changed-since']}`, among(asked.unchanged)),
  ]
}

/** `docs/**` and `*.md` as in .gitignore: without a slash a pattern means a name in any folder. */
export function matchesPath(pattern: string, file: string): boolean {
  const anchored = pattern.includes('/') ? pattern.replace(/^\//, '') : `**/${pattern}`
  const source = anchored
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => wild[part] ?? part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('')
  return patternOf(`^${source}${pattern.endsWith('/') ? '.*' : ''}$`).find(file)
}

const wild: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }

function factsOf(asked: Config, { values, lists }: Told): NonNullable<CheckResult['facts']> {
  return {
    commit: values.get('commit') ?? '',
    branch: values.get('branch') ?? '',
    ...(asked.clean ? { clean: !lists.has('dirty') } : {}),
    ...(values.has('ahead') ? { ahead: Number(values.get('ahead')), behind: Number(values.get('behind')) } : {}),
    ...(asked['changed-since'] === undefined ? {} : { changed: [...(lists.get('changed') ?? [])].slice(0, 1_000) }),
    ...(asked.tag === undefined ? {} : { tag_annotated: values.get('tag_kind') === 'tag' }),
  }
}

function standing(asked: Config, { values, lists }: Told): string {
  const branch = values.get('branch') ?? ''
  const said = [
    `${values.get('commit')?.slice(0, 10)} on ${branch === '' ? 'no branch' : branch}`,
    asked.clean && 'clean',
    asked['up-to-date-with'] !== undefined && `nothing of ${asked['up-to-date-with']} missing`,
    asked['merges-with'] !== undefined && `merges with ${asked['merges-with']}`,
    asked['no-conflict-markers'] && 'no conflict markers',
    asked.tag !== undefined && `tagged ${asked.tag}`,
    asked.pushed !== undefined && `as ${asked.pushed} has it`,
    asked['changed-since'] !== undefined &&
      `${lists.get('changed')?.length ?? 0} files changed since ${asked['changed-since']}`,
  ]
  return oneLine(said.filter((part) => part !== false).join(', '))
}

function evidenceOf({ values, lists }: Told): string {
  const single = [...values].filter(([key]) => key !== 'done').map(([key, value]) => `${key}: ${value}`)
  const many = [...lists].flatMap(([key, all]) => all.map((one) => `${key}: ${one}`))
  return `${[...single, ...many].join('\n')}\n`
}
