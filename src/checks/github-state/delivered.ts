/** A release is published, a commit is deployed: as GitHub has it. */
import { z } from 'zod'
import type { Github } from '../../core/github/api.ts'
import { type Finding, shaped } from './finding.ts'

const release = z.object({ draft: z.boolean(), prerelease: z.boolean(), published_at: z.string().nullable() })
const deployments = z.array(z.object({ id: z.number() }))
const states = z.array(z.object({ id: z.number(), state: z.string() }))

export async function findRelease(github: Github, tag: string): Promise<Finding> {
  const body = await github.get(`/releases/tags/${encodeURIComponent(tag)}`)
  // A draft is not found by its tag.
  if (body === null) return { state: 'bad', say: `${tag} is not published as a release`, lines: [], facts: {} }
  const { draft, prerelease, published_at: at } = shaped(release, body, `release ${tag}`)
  const facts = { prerelease }
  if (draft || at === null) return { state: 'bad', say: `the release ${tag} is a draft`, lines: [], facts }
  const what = prerelease ? 'pre-release' : 'release'
  return { state: 'good', say: `${what} ${tag} is published`, lines: [`${what} ${tag} published at ${at}`], facts }
}

/** The newest deployment of this commit to this environment counts, and its newest status. */
export async function findDeployment(github: Github, commit: string, environment: string): Promise<Finding> {
  const which = `sha=${commit}&environment=${encodeURIComponent(environment)}`
  const found = shaped(deployments, await github.all(`/deployments?${which}`), 'list of deployments')
  const newest = found.toSorted((a, b) => b.id - a.id)[0]
  if (!newest) return { state: 'bad', say: `the commit was not deployed to ${environment}`, lines: [], facts: {} }
  const told = shaped(states, await github.all(`/deployments/${newest.id}/statuses`), `deployment ${newest.id}`)
  const state = told.toSorted((a, b) => b.id - a.id)[0]?.state ?? 'pending'
  const say = `the deployment to ${environment} is ${state}`
  const rest = { say, lines: [`deployment ${newest.id} to ${environment}: ${state}`], facts: { deployment: state } }
  if (state === 'success') return { state: 'good', ...rest }
  return { state: ['pending', 'queued', 'waiting', 'in_progress'].includes(state) ? 'unknown' : 'bad', ...rest }
}
