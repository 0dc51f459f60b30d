/** Which issues of GitHub are meant: listed ones, those of a milestone or under a label, or what the released changes fixed. */
import { z } from 'zod'
import type { Github } from '../../core/github/api.ts'
import { ActionFault, type ActionPowers } from '../../core/ports/action.ts'
import { shaped } from './github.ts'

const text = z.string().min(1)
/** A number, or a template that comes out as one. */
const numberField = z.union([z.number().int().positive(), z.string().regex(/^#?\d+$|\{\{/)])

export const whichIssues = {
  numbers: z.array(numberField).min(1).optional().describe('These'),
  milestone: text.optional().describe('Those of this milestone, by its title'),
  label: text.optional().describe('Those under this label; with `milestone` those of both'),
  'fixed-since': text
    .optional()
    .describe('Tag or commit: those that the pull requests merged after it close, up to the commit that is released'),
}

export interface WhichIssues {
  readonly numbers?: readonly (number | string)[] | undefined
  readonly milestone?: string | undefined
  readonly label?: string | undefined
  readonly 'fixed-since'?: string | undefined
}

/** How many of the three ways to say it are used; 1 is right. */
export function waysOf({ numbers, milestone, label, 'fixed-since': since }: WhichIssues): number {
  return [numbers, since, milestone ?? label].filter((one) => one !== undefined).length
}

export const issueShape = z.object({
  number: z.number(),
  state: z.string(),
  body: z.string().nullish(),
  html_url: z.string(),
  pull_request: z.unknown().optional(),
})
export type Issue = z.infer<typeof issueShape>

/** Of a milestone or label those in `state`; others whatever their state, which closing looks at. Throws ActionFault. */
export async function issuesMeant(
  github: Github,
  which: WhichIssues,
  state: 'open' | 'all',
  powers: Pick<ActionPowers, 'facts' | 'say'>,
): Promise<readonly Issue[]> {
  const { numbers, milestone, label, 'fixed-since': since } = which
  if (numbers !== undefined) return byNumber(github, numbers.map(plainNumber))
  if (since !== undefined) return byNumber(github, await fixedSince(github, since, powers))
  if (label !== undefined && (await github.get(`/labels/${encodeURIComponent(label)}`)) === null)
    throw new ActionFault(`there is no label ${label}`)
  const asked = [
    `state=${state}`,
    ...(label === undefined ? [] : [`labels=${encodeURIComponent(label)}`]),
    ...(milestone === undefined ? [] : [`milestone=${(await milestoneOf(github, milestone)).number}`]),
  ]
  const rows = shaped(z.array(issueShape), await github.all(`/issues?${asked.join('&')}`), 'list of issues')
  return rows.filter((each) => each.pull_request === undefined)
}

const milestoneShape = z.object({
  title: z.string(),
  number: z.number(),
  state: z.string().default('open'),
  description: z.string().nullish(),
  due_on: z.string().nullish(),
  html_url: z.string().optional(),
})
export type Milestone = z.infer<typeof milestoneShape>

/** By its title; null = there is none. */
export async function milestoneNamed(github: Github, title: string): Promise<Milestone | null> {
  const known = shaped(z.array(milestoneShape), await github.all('/milestones?state=all'), 'list of milestones')
  return known.find((each) => each.title === title) ?? null
}

export async function milestoneOf(github: Github, title: string): Promise<Milestone> {
  const found = await milestoneNamed(github, title)
  if (found === null) throw new ActionFault(`there is no milestone ${title}`)
  return found
}

export function shapedMilestone(body: Parameters<typeof shaped>[1], title: string): Milestone {
  return shaped(milestoneShape, body, `milestone ${title}`)
}

function plainNumber(given: number | string): number {
  const digits = String(given).replace(/^#/, '')
  if (!/^\d+$/.test(digits)) throw new ActionFault(`"${given}" is no number of an issue`)
  return Number(digits)
}

async function byNumber(github: Github, numbers: readonly number[]): Promise<readonly Issue[]> {
  const found: Issue[] = []
  for (const number of new Set(numbers))
    found.push(shaped(issueShape, await github.get(`/issues/${number}`), `issue #${number}`))
  return found
}

const mostCommits = 500
const compared = z.object({ status: z.string(), ahead_by: z.number() })
const commits = z.array(z.object({ sha: z.string() }))
const pulls = z.array(z.object({ number: z.number(), merged_at: z.string().nullable() }))

/** As GitHub links them: by a word such as `Fixes #12`, or by hand. Those of other repositories are told and left alone. */
async function fixedSince(
  github: Github,
  since: string,
  { facts, say }: Pick<ActionPowers, 'facts' | 'say'>,
): Promise<readonly number[]> {
  const { commit = '' } = facts
  if (commit === '') throw new ActionFault('fixed-since needs the commit of the release, and none is known')
  const range = `/compare/${encodeURIComponent(since)}...${encodeURIComponent(commit)}`
  const { status, ahead_by: ahead } = shaped(compared, await github.get(range), `range ${since}...${commit}`)
  if (status === 'behind' || status === 'diverged') throw new ActionFault(`the commit does not come after ${since}`)
  if (ahead > mostCommits)
    throw new ActionFault(`${ahead} commits since ${since}, at most ${mostCommits} are looked at`)
  const between = shaped(commits, await github.all(range, 'commits'), `commits of ${since}...${commit}`)
  if (between.length !== ahead)
    throw new ActionFault(`GitHub lists ${between.length} of ${ahead} commits since ${since}`)
  const merged = new Set<number>()
  for (const { sha } of between)
    for (const { number, merged_at: at } of shaped(pulls, await github.all(`/commits/${sha}/pulls`), `pulls of ${sha}`))
      if (at !== null) merged.add(number)
  const fixed: number[] = []
  for (const pull of merged) {
    const { here, elsewhere } = await closedBy(github, pull)
    fixed.push(...here)
    if (elsewhere.length > 0) say(`#${pull} closes ${elsewhere.join(', ')} too, which are left alone`)
  }
  return fixed.toSorted((a, b) => a - b)
}

const mostLinks = 100
const links = z.object({
  repository: z.object({
    nameWithOwner: z.string(),
    pullRequest: z.object({
      closingIssuesReferences: z.object({
        totalCount: z.number(),
        nodes: z.array(z.object({ number: z.number(), repository: z.object({ nameWithOwner: z.string() }) })),
      }),
    }),
  }),
})

const linksQuery = `query($owner: String!, $name: String!, $pull: Int!) {
  repository(owner: $owner, name: $name) {
    nameWithOwner
    pullRequest(number: $pull) {
      closingIssuesReferences(first: ${mostLinks}) { totalCount nodes { number repository { nameWithOwner } } }
    }
  }
}`

async function closedBy(
  github: Github,
  pull: number,
): Promise<{ readonly here: readonly number[]; readonly elsewhere: readonly string[] }> {
  const [owner = '', name = ''] = github.repository.split('/')
  const answer = await github.graphql(linksQuery, { owner, name, pull })
  const { nameWithOwner, pullRequest } = shaped(links, answer, `links of #${pull}`).repository
  const { totalCount, nodes } = pullRequest.closingIssuesReferences
  if (totalCount > nodes.length)
    throw new ActionFault(`#${pull} closes ${totalCount} issues, at most ${mostLinks} are looked at`)
  const isHere = (node: (typeof nodes)[number]): boolean => node.repository.nameWithOwner === nameWithOwner
  return {
    here: nodes.filter(isHere).map(({ number }) => number),
    elsewhere: nodes.filter((node) => !isHere(node)).map((node) => `${node.repository.nameWithOwner}#${node.number}`),
  }
}
