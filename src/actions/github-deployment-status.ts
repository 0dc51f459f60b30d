/** `yaml run kind: github-deployment-status`: GitHub shows that a commit is deployed to an environment, or how that went. */
import { z } from 'zod'
import { type Github, githubApi } from '../core/github/api.ts'
import { githubFields, githubSecrets } from '../core/github/fields.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { askRepository, githubFor, shaped } from './parts/github.ts'

const config = z.strictObject({
  ...githubFields,
  commit: z.string().min(1).optional().describe('SHA, tag or branch; else the commit that is released'),
  environment: z.string().min(1).optional().describe('By its name on GitHub; else that of the release'),
  state: z
    .enum(['success', 'failure', 'error', 'in_progress', 'queued', 'pending', 'inactive'])
    .default('success')
    .describe('How it is; a success makes earlier ones of the environment inactive'),
  url: z
    .string()
    .regex(/^(?:https?:\/\/|\{\{)/, { error: 'expected an address, such as https://shop.example' })
    .optional()
    .describe('Where it is to be seen'),
  description: z.string().min(1).max(140).optional().describe('A few words'),
})

type Config = z.infer<typeof config>

const states = z.array(z.object({ id: z.number(), state: z.string() }))
const deployment = z.object({ id: z.number() })

export const githubDeploymentStatus = defineAction({
  kind: 'github-deployment-status',
  summary: 'GitHub shows that a commit is deployed to an environment, or how that went',
  config,
  timeoutMs: 120_000,
  example:
    '```yaml run\nkind: github-deployment-status\nrepository: acme/shop\ntoken: API_TOKEN\nenvironment: production\nurl: https://shop.example\nirreversible: who watches the repository is told\n```',
  captures: ['deployment_id'],
  secrets: (given) => githubSecrets(given),
  programs: [],
  addresses: [githubApi],
  async run(given, powers) {
    const github = githubFor(given, powers)
    const environment = meant('environment', given, powers)
    const sha = await shaOf(github, meant('commit', given, powers))
    const id = (await newest(github, sha, environment)) ?? (await create(github, sha, environment, given))
    powers.capture('deployment_id', String(id))
    const what = `${sha.slice(0, 10)} in ${environment} is ${given.state}`
    if ((await stateOf(github, id)) === given.state) return `GitHub knows already that ${what}`
    await github.send('POST', `/deployments/${id}/statuses`, {
      state: given.state,
      ...(given.url === undefined ? {} : { environment_url: given.url }),
      ...(given.description === undefined ? {} : { description: given.description }),
    })
    return `told GitHub that ${what}`
  },
  ask: (given, powers) => askRepository(given, powers),
  async probe(given, powers) {
    const github = githubFor(given, powers)
    const sha = await shaOf(github, meant('commit', given, powers))
    const id = await newest(github, sha, meant('environment', given, powers))
    return id !== null && (await stateOf(github, id)) === given.state
  },
})

/** What the settings say, else what the release is about. */
function meant(name: 'commit' | 'environment', given: Config, { facts }: ActionPowers): string {
  const value = given[name] ?? facts[name] ?? ''
  if (value === '') throw new ActionFault(`nobody knows the ${name}; say ${name}: in the block`)
  return value
}

async function shaOf(github: Github, name: string): Promise<string> {
  const found = await github.get(`/commits/${encodeURIComponent(name)}`)
  return shaped(z.object({ sha: z.string() }), found, `commit ${name}`).sha
}

async function newest(github: Github, sha: string, environment: string): Promise<number | null> {
  const which = `sha=${sha}&environment=${encodeURIComponent(environment)}`
  const found = shaped(z.array(deployment), await github.all(`/deployments?${which}`), 'list of deployments')
  return found.toSorted((a, b) => b.id - a.id)[0]?.id ?? null
}

async function stateOf(github: Github, id: number): Promise<string | null> {
  const told = shaped(states, await github.all(`/deployments/${id}/statuses`), `deployment ${id}`)
  return told.toSorted((a, b) => b.id - a.id)[0]?.state ?? null
}

/** Nothing is merged for it, and no status of the commit is waited for: that is what checks of the checklist are for. */
async function create(github: Github, sha: string, environment: string, { description }: Config): Promise<number> {
  const body = { ref: sha, environment, auto_merge: false, required_contexts: [], ...(description && { description }) }
  return shaped(deployment, await github.send('POST', '/deployments', body), 'deployment').id
}
