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

const noted = z.object({ tag_name: z.string(), draft: z.boolean(), body: z.string().nullable() })

/** A draft counts: only the list shows it, and several of one tag are each looked at. */
export async function findNotes(github: Github, tag: string): Promise<Finding> {
  const rows = shaped(z.array(noted), await github.all('/releases'), 'list of releases')
  const found = rows.filter((each) => each.tag_name === tag)
  const facts = { draft: found.length > 0 && found.every(({ draft }) => draft) }
  if (found.length === 0)
    return { state: 'bad', say: `there is no release ${tag}, and no draft of it`, lines: [], facts }
  const empty = found.find(({ body }) => (body ?? '').trim() === '')
  const what = `${facts.draft ? 'the draft' : 'the release'} ${tag}`
  const lines = found.map(({ body, draft }) => `${draft ? 'draft' : 'release'} ${tag}: ${(body ?? '').trim()}`)
  if (empty !== undefined) return { state: 'bad', say: `${what} has no notes`, lines, facts }
  return { state: 'good', say: `${what} has notes`, lines, facts }
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
