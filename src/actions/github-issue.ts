/** `yaml run kind: github-issue`: an issue for what is left to do is opened once, or the issues of what was released are closed. */
import { z } from 'zod'
import { type Github, githubApi } from '../core/github/api.ts'
import { githubFields, githubSecrets } from '../core/github/fields.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { githubFor, shaped } from './parts/github.ts'

const text = z.string().min(1)
/** A number, or a template that comes out as one. */
const numberField = z.union([z.number().int().positive(), z.string().regex(/^#?\d+$|\{\{/)])

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

const close = z
  .strictObject({
    numbers: z.array(numberField).min(1).optional().describe('These'),
    milestone: text.optional().describe('Those of this milestone, by its title'),
    label: text.optional().describe('Those under this label'),
    comment: text.optional().describe('What is said at each'),
  })
  .refine((given) => [given.numbers, given.milestone, given.label].filter((one) => one !== undefined).length === 1, {
    error: 'expected numbers, milestone or label, one of them: which issues are closed',
  })

const config = z
  .strictObject({
    ...githubFields,
    open: open.optional().describe('An issue, opened once'),
    close: close.optional().describe('Issues that are done'),
  })
  .refine((given) => (given.open === undefined) !== (given.close === undefined), {
    error: 'expected open or close, one of them',
  })

type Config = z.infer<typeof config>
type Open = z.infer<typeof open>
type Close = z.infer<typeof close>

const issue = z.object({
  number: z.number(),
  state: z.string(),
  body: z.string().nullish(),
  html_url: z.string(),
  pull_request: z.unknown().optional(),
})
type Issue = z.infer<typeof issue>

export const githubIssue = defineAction({
  kind: 'github-issue',
  summary: 'An issue on GitHub for what is left to do, opened once; or the issues of what was released, closed',
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
    return given.open === undefined ? closeAll(github, closing(given), powers) : openOnce(github, given.open, powers)
  },
  async probe(given, powers) {
    const github = githubFor(given, powers)
    if (given.open !== undefined) return (await openedBefore(github, markOf(given.open, powers))) !== null
    return (await meant(github, closing(given))).every(({ state }) => state === 'closed')
  },
})

function closing({ close: wanted }: Config): Close {
  if (wanted === undefined) throw new ActionFault('nothing is to be opened or closed')
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
  const number = milestone === undefined ? null : await milestoneOf(github, milestone)
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

async function milestoneOf(github: Github, title: string): Promise<number> {
  const known = shaped(
    z.array(z.object({ title: z.string(), number: z.number() })),
    await github.all('/milestones?state=all'),
    'list of milestones',
  )
  const found = known.find((each) => each.title === title)
  if (found === undefined) throw new ActionFault(`there is no milestone ${title}`)
  return found.number
}

/** Of a milestone or label those that are open: what is closed needs nothing. */
async function meant(github: Github, { numbers, milestone, label = '' }: Close): Promise<readonly Issue[]> {
  if (numbers !== undefined) {
    const found: Issue[] = []
    for (const number of numbers.map((each) => String(each).replace(/^#/, ''))) {
      if (!/^\d+$/.test(number)) throw new ActionFault(`"${number}" is no number of an issue`)
      found.push(shaped(issue, await github.get(`/issues/${number}`), `issue #${number}`))
    }
    const pull = found.find((each) => each.pull_request !== undefined)
    if (pull !== undefined) throw new ActionFault(`#${pull.number} is a pull request, and no issue`)
    return found
  }
  const name = encodeURIComponent(label)
  if (milestone === undefined && (await github.get(`/labels/${name}`)) === null)
    throw new ActionFault(`there is no label ${label}`)
  const which = milestone === undefined ? `labels=${name}` : `milestone=${await milestoneOf(github, milestone)}`
  const rows = shaped(z.array(issue), await github.all(`/issues?state=open&${which}`), 'list of issues')
  return rows.filter((each) => each.pull_request === undefined)
}

async function closeAll(github: Github, wanted: Close, powers: ActionPowers): Promise<string> {
  const all = await meant(github, wanted)
  const still = all.filter(({ state }) => state !== 'closed')
  for (const { number } of still) {
    // Said before it is closed: one that is closed is not looked at again.
    if (wanted.comment !== undefined) await sayOnce(github, number, wanted.comment)
    await github.send('PATCH', `/issues/${number}`, { state: 'closed', state_reason: 'completed' })
    powers.say(`closed #${number}`)
  }
  if (still.length === 0) return 'they were closed already, or there are none'
  return `closed ${still.map(({ number }) => `#${number}`).join(', ')}`
}

async function sayOnce(github: Github, number: number, comment: string): Promise<void> {
  const path = `/issues/${number}/comments`
  const said = shaped(
    z.array(z.object({ body: z.string().nullish() })),
    await github.all(path),
    `comments of #${number}`,
  )
  if (said.some(({ body }) => body?.trim() === comment.trim())) return
  await github.send('POST', path, { body: comment })
}
