/** Every commit of a range came by a merged pull request, and others than its author approved each. */
import { z } from 'zod'
import type { Github } from '../../core/github/api.ts'
import { counted, type Finding, listed, shaped } from './finding.ts'

const mostCommits = 500

const commits = z.array(z.object({ sha: z.string() }))
const compared = z.object({ status: z.string(), ahead_by: z.number(), behind_by: z.number() })
const pulls = z.array(
  z.object({
    number: z.number(),
    merged_at: z.string().nullable(),
    user: z.object({ login: z.string() }).nullable(),
    base: z.object({ ref: z.string() }),
  }),
)
const reviews = z.array(
  z.object({ id: z.number(), state: z.string(), user: z.object({ login: z.string() }).nullable() }),
)

type Pull = z.infer<typeof pulls>[number]

export interface WantedPulls {
  readonly since: string
  readonly commit: string
  /** The branch they were merged into; null = any. */
  readonly into: string | null
  readonly approvals: number
  readonly progress: (say: string) => void
}

export async function findPullRequests(github: Github, wanted: WantedPulls): Promise<Finding> {
  const { since, commit } = wanted
  const range = `/compare/${encodeURIComponent(since)}...${commit}`
  const { status, ahead_by: ahead } = shaped(compared, await github.get(range), `range ${since}...${commit}`)
  const nothing = { lines: [], facts: { pull_requests: 0 } }
  if (status === 'behind') return { ...nothing, state: 'bad', say: `the commit lies before ${since}` }
  if (ahead === 0) return { ...nothing, state: 'unknown', say: `nothing lies between ${since} and the commit` }
  if (ahead > mostCommits)
    return {
      ...nothing,
      state: 'unknown',
      say: `${ahead} commits since ${since}, at most ${mostCommits} are looked at`,
    }
  const listedCommits = shaped(commits, await github.all(range, 'commits'), `commits of ${since}...${commit}`)
  if (listedCommits.length !== ahead)
    return {
      ...nothing,
      state: 'unknown',
      say: `GitHub lists ${listedCommits.length} of ${ahead} commits since ${since}`,
    }
  const { merged, direct } = await pullsOf(github, listedCommits, wanted)
  const approvals = await approvalsOf(github, merged, wanted)
  return judge(merged, direct, approvals, wanted)
}

async function pullsOf(
  github: Github,
  range: z.infer<typeof commits>,
  { into, progress }: WantedPulls,
): Promise<{ readonly merged: readonly Pull[]; readonly direct: readonly string[] }> {
  const merged = new Map<number, Pull>()
  const direct: string[] = []
  for (const [at, { sha }] of range.entries()) {
    progress(`commit ${at + 1} of ${range.length}`)
    const found = shaped(pulls, await github.all(`/commits/${sha}/pulls`), `pull requests of ${sha}`)
    const counting = found.filter((pull) => pull.merged_at !== null && (into === null || pull.base.ref === into))
    if (counting.length === 0) direct.push(sha)
    for (const pull of counting) merged.set(pull.number, pull)
  }
  return { merged: [...merged.values()].toSorted((a, b) => a.number - b.number), direct }
}

interface Approvals {
  readonly pull: number
  readonly by: readonly string[]
  /** Asked for changes, and did not take it back. */
  readonly against: readonly string[]
}

async function approvalsOf(
  github: Github,
  merged: readonly Pull[],
  { approvals, progress }: WantedPulls,
): Promise<readonly Approvals[]> {
  if (approvals === 0) return []
  const found: Approvals[] = []
  for (const { number, user } of merged) {
    progress(`reviews of #${number}`)
    const rows = shaped(reviews, await github.all(`/pulls/${number}/reviews`), `reviews of #${number}`)
    found.push({ pull: number, ...standing(rows, user?.login ?? null) })
  }
  return found
}

/** The last word of each reviewer counts; a comment is none, and nobody approves their own. */
function standing(rows: z.infer<typeof reviews>, author: string | null): Omit<Approvals, 'pull'> {
  const last = new Map<string, string>()
  for (const { state, user } of rows.toSorted((a, b) => a.id - b.id))
    if (user !== null && user.login !== author && ['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(state))
      last.set(user.login, state)
  const who = (state: string): readonly string[] =>
    [...last].filter((each) => each[1] === state).map(([login]) => login)
  return { by: who('APPROVED'), against: who('CHANGES_REQUESTED') }
}

function judge(
  merged: readonly Pull[],
  direct: readonly string[],
  approvals: readonly Approvals[],
  { since, into, approvals: least }: WantedPulls,
): Finding {
  const short = approvals.filter(({ by }) => by.length < least)
  const against = approvals.filter((each) => each.against.length > 0)
  const problems = [
    direct.length > 0 &&
      `${counted(direct.length, 'commit')} without a pull request${into === null ? '' : ` into ${into}`}: ${listed(direct.map((sha) => sha.slice(0, 10)))}`,
    ...short.map(({ pull, by }) => `#${pull} has ${counted(by.length, 'approval')}, expected ${least}`),
    ...against.map((each) => `${each.against.join(', ')} asked for changes of #${each.pull}`),
  ].filter((problem) => problem !== false)
  const fewest: Finding['facts'] =
    approvals.length === 0 ? {} : { approvals: Math.min(...approvals.map(({ by }) => by.length)) }
  const facts = { pull_requests: merged.length, direct_commits: [...direct], ...fewest }
  const lines = [
    ...merged.map(({ number, user }) => {
      const { by = [] } = approvals.find(({ pull }) => pull === number) ?? {}
      return `pull request #${number} by ${user?.login ?? 'nobody'}, approved by ${by.join(', ') || 'nobody asked'}`
    }),
    ...direct.map((sha) => `commit ${sha} without a pull request`),
  ]
  if (problems.length > 0) return { state: 'bad', say: listed(problems), lines, facts }
  const each = least === 0 ? '' : `, each with ${counted(least, 'approval')} or more`
  return { state: 'good', say: `${counted(merged.length, 'pull request')} since ${since}${each}`, lines, facts }
}
