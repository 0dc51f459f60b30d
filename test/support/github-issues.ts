/** Issues and deployments as GitHub's REST API makes and changes them: newest first, fields that are validated. */
import {
  type GithubAnswer,
  type GithubRepository,
  list,
  notFound,
  type Route,
  shaOf,
  shownIssue,
  shownMilestone,
} from './github-repository.ts'

type Issue = GithubRepository['issues'][number]

export const issueRoutes: readonly Route[] = [
  ['POST', /^\/issues$/, (repository, _found, { body }) => opened(repository, fieldsOf(body))],
  [
    'GET',
    /^\/issues\/(\d+)$/,
    ({ issues }, [number]) => {
      const found = issues.find((each) => each.number === Number(number))
      return found ? { status: 200, body: shownIssue(found) } : notFound
    },
  ],
  [
    'PATCH',
    /^\/issues\/(\d+)$/,
    (repository, [number], { body }) => changed(repository, Number(number), fieldsOf(body)),
  ],
  [
    'GET',
    /^\/issues\/(\d+)\/comments$/,
    ({ issues }, [number]) => {
      const found = issues.find((each) => each.number === Number(number))
      return found ? list((found.comments ?? []).map((body, id) => ({ id, body }))) : notFound
    },
  ],
  [
    'POST',
    /^\/issues\/(\d+)\/comments$/,
    ({ issues }, [number], { body }) => {
      const found = issues.find((each) => each.number === Number(number))
      const { body: text } = fieldsOf(body)
      if (!found) return notFound
      if (typeof text !== 'string' || text === '') return invalid('IssueComment', 'body', 'missing_field')
      ;(found.comments ??= []).push(text)
      return { status: 201, body: { id: found.comments.length, body: text } }
    },
  ],
  ['POST', /^\/milestones$/, ({ milestones }, _found, { body }) => milestoneMade(milestones, fieldsOf(body))],
  [
    'PATCH',
    /^\/milestones\/(\d+)$/,
    ({ milestones }, [number], { body }) => milestoneChanged(milestones, Number(number), fieldsOf(body)),
  ],
  ['POST', /^\/deployments$/, (repository, _found, { body }) => deployed(repository, fieldsOf(body))],
  [
    'POST',
    /^\/deployments\/(\d+)\/statuses$/,
    ({ deployments }, [id], { body }) => {
      const found = deployments.find((each) => each.id === Number(id))
      const { state } = fieldsOf(body)
      if (!found) return notFound
      if (typeof state !== 'string' || !states.includes(state)) return invalid('DeploymentStatus', 'state', 'custom')
      found.states.push({ id: found.states.length + 1, state })
      return { status: 201, body: { id: found.states.length, state } }
    },
  ],
]

const states = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']

function fieldsOf(body: Buffer): Readonly<Record<string, unknown>> {
  return JSON.parse(body.toString()) as Record<string, unknown>
}

function invalid(resource: string, field: string, code: string): GithubAnswer {
  return { status: 422, body: { message: 'Validation Failed', errors: [{ resource, field, code }] } }
}

function opened(repository: GithubRepository, given: Readonly<Record<string, unknown>>): GithubAnswer {
  const { title, body, labels = [], milestone = null, assignees = [] } = given
  if (typeof title !== 'string' || title === '') return invalid('Issue', 'title', 'missing_field')
  if (milestone !== null && !repository.milestones.some(({ number }) => number === milestone))
    return invalid('Issue', 'milestone', 'invalid')
  if ((assignees as string[]).some((name) => !repository.people.includes(name)))
    return invalid('Issue', 'assignees', 'invalid')
  const made: Issue = {
    number: repository.issues.length + 1,
    title,
    body: typeof body === 'string' ? body : null,
    state: 'open',
    labels: labels as string[],
    milestone: milestone as number | null,
  }
  repository.issues.push(made)
  return { status: 201, body: shownIssue(made) }
}

function changed(
  { issues, milestones }: GithubRepository,
  number: number,
  given: Readonly<Record<string, unknown>>,
): GithubAnswer {
  const found = issues.find((each) => each.number === number)
  if (!found) return notFound
  const { state } = given
  if (state !== undefined && state !== 'open' && state !== 'closed') return invalid('Issue', 'state', 'invalid')
  const { milestone } = given
  if (typeof milestone === 'number' && !milestones.some((each) => each.number === milestone))
    return invalid('Issue', 'milestone', 'invalid')
  if (typeof state === 'string') found.state = state
  if (milestone === null || typeof milestone === 'number') found.milestone = milestone
  return { status: 200, body: shownIssue(found) }
}

type Milestones = GithubRepository['milestones']

function milestoneMade(milestones: Milestones, given: Readonly<Record<string, unknown>>): GithubAnswer {
  const { title } = given
  if (typeof title !== 'string' || title === '') return invalid('Milestone', 'title', 'missing_field')
  if (milestones.some((each) => each.title === title)) return invalid('Milestone', 'title', 'already_exists')
  milestones.push({ number: Math.max(0, ...milestones.map(({ number }) => number)) + 1, title })
  const made = milestoneChanged(milestones, milestones.at(-1)?.number ?? 0, given)
  return made.status === 200 ? { ...made, status: 201 } : made
}

function milestoneChanged(
  milestones: Milestones,
  number: number,
  given: Readonly<Record<string, unknown>>,
): GithubAnswer {
  const found = milestones.find((each) => each.number === number)
  if (!found) return notFound
  const { state = 'open', due_on: due = null } = given
  if (state !== 'open' && state !== 'closed') return invalid('Milestone', 'state', 'invalid')
  if (due !== null && (typeof due !== 'string' || Number.isNaN(Date.parse(due))))
    return invalid('Milestone', 'due_on', 'invalid')
  // The day counts, at an hour of their own.
  const kept = due === null ? {} : { due_on: `${due.slice(0, 10)}T07:00:00Z` }
  Object.assign(found, given, kept)
  return { status: 200, body: shownMilestone(found) }
}

function deployed(repository: GithubRepository, given: Readonly<Record<string, unknown>>): GithubAnswer {
  const { ref, environment = 'production', auto_merge: merges = true, required_contexts: required } = given
  const sha = typeof ref === 'string' ? shaOf(repository, ref) : null
  if (sha === null) return { status: 422, body: { message: `No ref found for: ${String(ref)}` } }
  // Where nothing is said, every status of the commit has to be a success.
  const waits =
    required === undefined && repository.statuses.some((each) => each.sha === sha && each.state !== 'success')
  if (merges !== false || waits) return { status: 409, body: { message: 'Conflict: Commit status checks failed' } }
  const made = { id: repository.deployments.length + 1, sha, environment: String(environment), states: [] }
  repository.deployments.push(made)
  return { status: 201, body: made }
}
