/** `yaml run kind: github-milestone`: a milestone is closed, and what is still open in it goes to the next; or one is opened. */
import { z } from 'zod'
import { type Github, githubApi } from '../core/github/api.ts'
import { githubFields, githubSecrets } from '../core/github/fields.ts'
import { ActionFault, defineAction } from '../core/ports/action.ts'
import { askRepository, githubFor, shaped } from './parts/github.ts'
import { type Issue, issueShape, type Milestone, milestoneNamed, shapedMilestone } from './parts/github-issues.ts'

const text = z.string().min(1)

const config = z
  .strictObject({
    ...githubFields,
    title: text.describe('Its title'),
    state: z.enum(['closed', 'open']).default('closed').describe('What it is then; one that is to be open is made'),
    'move-open-to': text.optional().describe('Milestone that still open issues go to, made where it is missing'),
    due: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$|\{\{/, { error: 'expected a day such as 2027-01-31' })
      .optional()
      .describe('Day it is due'),
    description: text.optional().describe('What it says'),
  })
  .refine((given) => given['move-open-to'] === undefined || given.state === 'closed', {
    error: 'move-open-to is for a milestone that is closed',
    path: ['move-open-to'],
  })
  .refine((given) => given['move-open-to'] !== given.title, {
    error: 'expected another milestone than the one that is closed',
    path: ['move-open-to'],
  })

type Config = z.infer<typeof config>

export const githubMilestone = defineAction({
  kind: 'github-milestone',
  summary: 'A milestone on GitHub is closed, and what is still open in it goes to the next one; or one is opened',
  config,
  timeoutMs: 300_000,
  example:
    '```yaml run\nkind: github-milestone\nrepository: acme/shop\ntoken: API_TOKEN\ntitle: v{{ version }}\nmove-open-to: Next\nirreversible: it is opened again by hand\n```',
  captures: ['milestone_number'],
  secrets: (given) => githubSecrets(given),
  programs: [],
  addresses: [githubApi],
  async run(given, powers) {
    const github = githubFor(given, powers)
    const before = await milestoneNamed(github, given.title)
    if (before === null && given.state === 'closed') throw new ActionFault(`there is no milestone ${given.title}`)
    const left = before === null || given.state === 'open' ? [] : await openIn(github, before)
    if (before !== null && left.length === 0 && isSo(before, given)) {
      powers.capture('milestone_number', String(before.number))
      return `${given.title} was ${given.state} already`
    }
    if (before !== null && left.length > 0) await moveAll(github, left, before, given)
    const made = await bringAbout(github, before, given)
    powers.capture('milestone_number', String(made.number))
    const moved = left.length === 0 ? '' : `, ${namesOf(left)} moved to ${given['move-open-to']}`
    return `${given.title} is ${given.state}${moved}`
  },
  ask: (given, powers) => askRepository(given, powers),
  async probe(given, powers) {
    const github = githubFor(given, powers)
    const found = await milestoneNamed(github, given.title)
    if (found === null || !isSo(found, given)) return false
    return given.state === 'open' || (await openIn(github, found)).length === 0
  },
})

function isSo({ state, due_on: due, description }: Milestone, wanted: Config): boolean {
  if (state !== wanted.state) return false
  if (wanted.due !== undefined && due?.slice(0, 10) !== wanted.due) return false
  return wanted.description === undefined || (description ?? '').trim() === wanted.description.trim()
}

/** Pull requests as well: what is not merged is not in the release either. */
async function openIn(github: Github, { number, title }: Milestone): Promise<readonly Issue[]> {
  const rows = await github.all(`/issues?state=open&milestone=${number}`)
  return shaped(z.array(issueShape), rows, `issues of milestone ${title}`)
}

async function moveAll(github: Github, left: readonly Issue[], from: Milestone, wanted: Config): Promise<void> {
  const { 'move-open-to': next } = wanted
  if (next === undefined)
    throw new ActionFault(
      `open in ${from.title}: ${namesOf(left)}; close them, or say where they go, such as move-open-to: Next`,
    )
  const there = await milestoneNamed(github, next)
  if (there?.state === 'closed') throw new ActionFault(`the milestone ${next} is closed, and takes no open issues`)
  const to = there ?? shapedMilestone(await github.send('POST', '/milestones', { title: next }), next)
  for (const { number } of left) await github.send('PATCH', `/issues/${number}`, { milestone: to.number })
  const still = await openIn(github, from)
  if (still.length > 0) throw new ActionFault(`still open in ${from.title}: ${namesOf(still)}`)
}

async function bringAbout(github: Github, before: Milestone | null, wanted: Config): Promise<Milestone> {
  const { title, state, due, description } = wanted
  const body = {
    title,
    state,
    // A moment within the day wherever GitHub counts it.
    ...(due === undefined ? {} : { due_on: `${due}T12:00:00Z` }),
    ...(description === undefined ? {} : { description }),
  }
  const answer =
    before === null
      ? await github.send('POST', '/milestones', body)
      : await github.send('PATCH', `/milestones/${before.number}`, body)
  const made = shapedMilestone(answer, title)
  if (!isSo(made, wanted)) throw new ActionFault(`GitHub left the milestone ${title} as it was: ${made.state}`)
  return made
}

function namesOf(issues: readonly Issue[]): string {
  const shown = issues.slice(0, 20).map(({ number }) => `#${number}`)
  return [...shown, ...(issues.length > 20 ? [`and ${issues.length - 20} more`] : [])].join(', ')
}
