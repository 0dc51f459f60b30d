/** `yaml run kind: github-issue`: an issue for what is left to do is opened once; or issues of what was released are closed, or get a comment. */
import { z } from 'zod'
import { type Github, githubApi } from '../core/github/api.ts'
import { githubFields, githubSecrets } from '../core/github/fields.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { githubFor, shaped } from './parts/github.ts'
import {
  type Issue,
  issueShape as issue,
  issuesMeant,
  milestoneOf,
  waysOf,
  whichIssues,
} from './parts/github-issues.ts'

const text = z.string().min(1)

const open = z.strictObject({
  title: text.describe('What is to be done'),
  body: text.optional().describe('What there is to know about it'),
  labels: z.array(text).default([]),
  assignees: z.array(text).default([]),
  milestone: text.optional().describe('By its title'),
  mark: text
    .optional()
    .describe('What makes it the same one when it is opened again; the service, its version and the title'),
})

const oneWay = { error: 'expected numbers, fixed-since, milestone or label (or both of these): which issues are meant' }

const close = z
  .strictObject({ ...whichIssues, comment: text.optional().describe('What is said at each before it is closed') })
  .refine((given) => waysOf(given) === 1, oneWay)

const comment = z
  .strictObject({ ...whichIssues, body: text.describe('What is said at each, once') })
  .refine((given) => waysOf(given) === 1, oneWay)

const config = z
  .strictObject({
    ...githubFields,
    open: open.optional().describe('An issue, opened once'),
    close: close.optional().describe('Issues that are done'),
    comment: comment.optional().describe('Issues, or pull requests by their numbers, at which something is said'),
  })
  .refine((given) => [given.open, given.close, given.comment].filter((one) => one !== undefined).length === 1, {
    error: 'expected open, close or comment, one of them',
  })

type Config = z.infer<typeof config>
type Open = z.infer<typeof open>
type Close = z.infer<typeof close>
type Comment = z.infer<typeof comment>

export const githubIssue = defineAction({
  kind: 'github-issue',
  summary:
    'An issue on GitHub for what is left to do, opened once; or the issues of what was released, closed or with a comment',
  config,
  timeoutMs: 300_000,
  example:
    '```yaml run\nkind: github-issue\nrepository: acme/shop\ntoken: API_TOKEN\nopen:\n  title: Drop the old column after {{ version }}\n  labels: [follow-up]\nirreversible: who watches the repository is told\n```',
  captures: ['issue_number', 'issue_url'],
  secrets: (given) => githubSecrets(given),
  programs: [],
  addresses: [githubApi],
  async run(given, powers) {
    const github = githubFor(given, powers)
    if (given.open !== undefined) return openOnce(github, given.open, powers)
    if (given.comment !== undefined) return commentAll(github, given.comment, powers)
    return closeAll(github, closing(given), powers)
  },
  async probe(given, powers) {
    const github = githubFor(given, powers)
    if (given.open !== undefined) return (await openedBefore(github, markOf(given.open, powers))) !== null
    if (given.comment !== undefined) return (await silent(github, given.comment, powers)).length === 0
    return (await toClose(github, closing(given), powers)).every(({ state }) => state === 'closed')
  },
})

function closing({ close: wanted }: Config): Close {
  if (wanted === undefined) throw new ActionFault('nothing is to be opened, closed or said')
  return wanted
}

/** Stands in the text of the issue, where nobody sees it: GitHub finds by words too late, and titles are changed. */
function markOf({ mark, title }: Open, { facts }: ActionPowers): string {
  const words = mark ?? `${facts['service'] ?? ''} ${facts['version'] ?? ''} ${title}`.trim()
  return `<!-- holdpoint: ${words.replaceAll(/--+|[<>\r\n]/g, ' ')} -->`
}

const pages = 10

/** Among the newest thousand. */
async function openedBefore(github: Github, mark: string): Promise<Issue | null> {
  for (let page = 1; page <= pages; page += 1) {
    const path = `/issues?state=all&sort=created&direction=desc&per_page=100&page=${page}`
    const rows = shaped(z.array(issue), await github.get(path), 'list of issues')
    const found = rows.find((each) => each.pull_request === undefined && each.body?.includes(mark))
    if (found !== undefined) return found
    if (rows.length < 100) return null
  }
  return null
}

async function openOnce(github: Github, wanted: Open, powers: ActionPowers): Promise<string> {
  const mark = markOf(wanted, powers)
  const before = await openedBefore(github, mark)
  const { title, body = '', labels, assignees, milestone } = wanted
  const number = milestone === undefined ? null : (await milestoneOf(github, milestone)).number
  const made =
    before ??
    shaped(
      issue,
      await github.send('POST', '/issues', {
        title,
        body: `${body}\n\n${mark}`.trim(),
        labels,
        assignees,
        ...(number === null ? {} : { milestone: number }),
      }),
      'issue',
    )
  powers.capture('issue_number', String(made.number))
  powers.capture('issue_url', made.html_url)
  return before === null
    ? `opened #${made.number}: ${made.html_url}`
    : `#${made.number} was opened already${made.state === 'closed' ? ', and is closed' : ''}: ${made.html_url}`
}

/** Of a milestone or label those that are open: what is closed needs nothing. */
async function toClose(github: Github, wanted: Close, powers: ActionPowers): Promise<readonly Issue[]> {
  const found = await issuesMeant(github, wanted, 'open', powers)
  const pull = found.find((each) => each.pull_request !== undefined)
  if (pull !== undefined) throw new ActionFault(`#${pull.number} is a pull request, and no issue`)
  return found
}

async function closeAll(github: Github, wanted: Close, powers: ActionPowers): Promise<string> {
  const still = (await toClose(github, wanted, powers)).filter(({ state }) => state !== 'closed')
  for (const { number } of still) {
    // Said before it is closed: one that is closed is not looked at again.
    if (wanted.comment !== undefined && !(await isSaid(github, number, wanted.comment)))
      await say(github, number, wanted.comment)
    const path = `/issues/${number}`
    const body = { state: 'closed', state_reason: 'completed' }
    const { state } = shaped(issue, await github.send('PATCH', path, body), `issue #${number}`)
    if (state !== 'closed') throw new ActionFault(`GitHub left #${number} ${state}`)
    powers.say(`closed #${number}`)
  }
  if (still.length === 0) return 'they were closed already, or there are none'
  return `closed ${namesOf(still)}`
}

/** Where it is not said yet. */
async function silent(github: Github, wanted: Comment, powers: ActionPowers): Promise<readonly Issue[]> {
  const found: Issue[] = []
  for (const each of await issuesMeant(github, wanted, 'all', powers))
    if (!(await isSaid(github, each.number, wanted.body))) found.push(each)
  return found
}

async function commentAll(github: Github, wanted: Comment, powers: ActionPowers): Promise<string> {
  const found = await silent(github, wanted, powers)
  for (const { number } of found) await say(github, number, wanted.body)
  return found.length === 0 ? 'it was said at each already, or there are none' : `said at ${namesOf(found)}`
}

function namesOf(issues: readonly Issue[]): string {
  return issues.map(({ number }) => `#${number}`).join(', ')
}

async function isSaid(github: Github, number: number, comment: string): Promise<boolean> {
  const rows = await github.all(`/issues/${number}/comments`)
  const said = shaped(z.array(z.object({ body: z.string().nullish() })), rows, `comments of #${number}`)
  return said.some(({ body }) => plain(body ?? '') === plain(comment))
}

/** GitHub may change how lines end. */
function plain(words: string): string {
  return words.replaceAll('\r\n', '\n').trim()
}

async function say(github: Github, number: number, comment: string): Promise<void> {
  await github.send('POST', `/issues/${number}/comments`, { body: comment })
}
