/** Nothing is open in a milestone or under a label; both have to be there, as a misspelt one has nothing open either. */
import { z } from 'zod'
import type { Github } from '../../core/github/api.ts'
import { counted, type Finding, listed, shaped } from './finding.ts'

const milestones = z.array(z.object({ title: z.string(), number: z.number() }))
const issues = z.array(z.object({ number: z.number(), title: z.string(), state: z.string() }))

export async function findMilestone(github: Github, title: string): Promise<Finding> {
  const known = shaped(milestones, await github.all('/milestones?state=all'), 'list of milestones')
  const found = known.find((each) => each.title === title)
  if (!found) return { state: 'bad', say: `there is no milestone ${title}`, lines: [], facts: {} }
  return judge(await openOf(github, `milestone=${found.number}`), `milestone ${title}`)
}

export async function findLabel(github: Github, label: string): Promise<Finding> {
  const name = encodeURIComponent(label)
  if ((await github.get(`/labels/${name}`)) === null)
    return { state: 'bad', say: `there is no label ${label}`, lines: [], facts: {} }
  return judge(await openOf(github, `labels=${name}`), `label ${label}`)
}

async function openOf(github: Github, which: string): Promise<z.infer<typeof issues>> {
  return shaped(issues, await github.all(`/issues?state=open&${which}`), 'list of issues')
}

function judge(open: z.infer<typeof issues>, where: string): Finding {
  const facts = { open_issues: open.length }
  const lines = open.map(({ number, title }) => `open in ${where}: #${number} ${title}`)
  if (open.length === 0)
    return { state: 'good', say: `nothing open in ${where}`, lines: [`${where}: nothing open`], facts }
  const names = listed(open.map(({ number }) => `#${number}`))
  return { state: 'bad', say: `${counted(open.length, 'issue')} open in ${where}: ${names}`, lines, facts }
}
