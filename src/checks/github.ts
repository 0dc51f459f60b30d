/** `yaml check kind: github`: what GitHub knows about the commit that is released: checks, reviews, issues, release, deployment. */
import { z } from 'zod'
import { type Github, githubApi, githubAt } from '../core/github/api.ts'
import { githubFields, githubSecrets } from '../core/github/fields.ts'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { findChecks, findWorkflows } from './github-state/commit-checks.ts'
import { findDeployment, findNotes, findRelease } from './github-state/delivered.ts'
import { shaped } from './github-state/finding.ts'
import { findLabel, findMilestone } from './github-state/issues.ts'
import { findPullRequests } from './github-state/pull-requests.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, fill } from './parts/fields.ts'
import { type Finding, judgedFindings } from './parts/finding.ts'

const text = z.string().min(1)

const config = z.strictObject({
  ...githubFields,
  commit: text.default('{{ commit }}').describe('Commit, tag or branch that is asked about'),
  checks: z
    .union([z.literal('all'), z.array(text).min(1)])
    .optional()
    .describe('`all` that ran succeeded and at least one did (skipped ones are passed over), or each of these names'),
  workflows: z
    .array(text)
    .min(1)
    .optional()
    .describe('Workflows whose newest run for the commit succeeded, by name or file'),
  since: text.optional().describe('Tag or commit: everything after it came by merged pull requests'),
  into: text.optional().describe('Branch that they were merged into; absent = any'),
  approvals: z
    .number()
    .int()
    .min(0)
    .max(20)
    .optional()
    .describe('Fewest people, without the author, who approved each; who asked for changes last is against it'),
  milestone: text.optional().describe('Nothing in it is open'),
  'nothing-open': z.array(text).min(1).optional().describe('Labels under which nothing is open'),
  release: text.optional().describe('Tag whose release is published'),
  notes: text.optional().describe('Tag whose release, which may be a draft, has notes'),
  deployment: text.optional().describe('Environment to which the commit is deployed with success'),
})

type Config = z.infer<typeof config>

const questions = [
  'checks',
  'workflows',
  'since',
  'milestone',
  'nothing-open',
  'release',
  'notes',
  'deployment',
] as const

export const github = defineCheck({
  kind: 'github',
  summary: 'What GitHub knows about the commit that is released: checks, reviews, issues, release, deployment',
  config: config.superRefine((given, context) => {
    const lacks = (name: 'approvals' | 'into'): boolean => given[name] !== undefined && given.since === undefined
    const problem = questions.every((name) => given[name] === undefined)
      ? 'expected at least one thing to ask, such as checks: all'
      : lacks('approvals') || lacks('into')
        ? 'expected since: the tag after which pull requests are looked at, such as v{{ previous }}'
        : null
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  }),
  needs: ['http', 'secret'],
  addresses: [githubApi],
  secrets: githubSecrets,
  timeoutMs: 300_000,
  example:
    '```yaml check\nkind: github\nrepository: acme/shop\ntoken: API_TOKEN\nchecks: [lint, build, test]\nworkflows: [Release Gates]\nsince: v{{ previous }}\napprovals: 2\nmilestone: "{{ version }}"\n```',
  facts: {
    commit: 'string',
    checks: 'int',
    checks_failed: 'list',
    workflows_failed: 'list',
    pull_requests: 'int',
    direct_commits: 'list',
    approvals: 'int',
    open_issues: 'int',
    prerelease: 'bool',
    draft: 'bool',
    deployment: 'string',
  },
  async run(given, powers) {
    const asked = filled(given, powers)
    const place = openedFor(asked, powers)
    const commit = await commitOf(place, asked)
    const findings: Finding[] = []
    for (const ask of questionsOf(asked, commit, powers)) findings.push(await ask(place))
    return judge(asked.repository, commit, findings, powers)
  },
  async probe(given, powers) {
    const repository = fill(given.repository, powers.variables)
    const found = await openedFor({ ...given, repository }, powers).get('')
    const say = found === null ? `there is no ${repository}, or the token may not see it` : `${repository} answers`
    return { ok: found !== null, say }
  },
})

function filled(given: Config, { variables }: CheckPowers): Config {
  const over = (value: unknown): unknown =>
    typeof value === 'string' ? fill(value, variables) : Array.isArray(value) ? value.map(over) : value
  const again = config.safeParse(Object.fromEntries(Object.entries(given).map(([key, value]) => [key, over(value)])))
  if (again.success) return again.data
  const [issue] = again.error.issues
  throw new ConfigFault(`${issue?.path.join('.')} is empty or not as it should be: ${issue?.message}`)
}

function openedFor({ base, repository, token }: Config, powers: CheckPowers): Github {
  const place = { base: base.replace(/\/+$/, ''), repository, token: powers.secret(token) }
  return githubAt(place, {
    ask: (url, init) => powers.http(url, { ...init, signal: powers.signal }),
    sleep: async (ms) => {
      powers.progress(`waiting for a limit of GitHub, ${Math.ceil(ms / 1_000)} s`)
      await powers.clock.sleep(ms, powers.signal)
    },
  })
}

async function commitOf(github: Github, { commit }: Config): Promise<string> {
  const found = await github.get(`/commits/${encodeURIComponent(commit)}`)
  return shaped(z.object({ sha: z.string().regex(/^[0-9a-f]{40,64}$/) }), found, `commit ${commit}`).sha
}

type Ask = (github: Github) => Promise<Finding>

function questionsOf(asked: Config, commit: string, powers: CheckPowers): readonly Ask[] {
  const { checks, workflows, since, milestone, release, notes, deployment } = asked
  const wanted = { commit, into: asked.into ?? null, approvals: asked.approvals ?? 0, progress: powers.progress }
  const asks: readonly (Ask | false)[] = [
    checks !== undefined && ((github) => findChecks(github, commit, checks)),
    workflows !== undefined && ((github) => findWorkflows(github, commit, workflows)),
    since !== undefined && ((github) => findPullRequests(github, { ...wanted, since })),
    milestone !== undefined && ((github) => findMilestone(github, milestone)),
    ...(asked['nothing-open'] ?? []).map(
      (label): Ask =>
        (github) =>
          findLabel(github, label),
    ),
    release !== undefined && ((github) => findRelease(github, release)),
    notes !== undefined && ((github) => findNotes(github, notes)),
    deployment !== undefined && ((github) => findDeployment(github, commit, deployment)),
  ]
  return asks.filter((ask) => ask !== false)
}

function judge(repository: string, commit: string, findings: readonly Finding[], powers: CheckPowers): CheckResult {
  const facts = { commit, ...factsOf(findings) }
  const where = `${repository} ${commit.slice(0, 10)}`
  const evidence = textEvidence('github.txt', `${[where, ...findings.flatMap(({ lines }) => lines)].join('\n')}\n`)
  return judgedFindings(where, findings, facts, powers, { evidence })
}

/** What several of them counted is added up. */
function factsOf(findings: readonly Finding[]): Record<string, Json> {
  const facts: Record<string, Json> = {}
  for (const [name, value] of findings.flatMap((finding) => Object.entries(finding.facts))) {
    const before = facts[name]
    facts[name] = typeof before === 'number' && typeof value === 'number' ? before + value : value
  }
  return facts
}
