/** GitHub Actions as its REST API shows them: dispatches that are refused or become runs, and runs that go on while they are looked at. */
import {
  type GithubAnswer,
  type GithubRepository,
  list,
  notFound,
  type Route,
  shaOf,
  type Workflow,
} from './github-repository.ts'

export const actionRoutes: readonly Route[] = [
  [
    'POST',
    /^\/actions\/workflows\/([^/]+)\/dispatches$/,
    (repository, [file = ''], { body }) => {
      const workflow = workflowOf(repository, file)
      return workflow ? dispatched(repository, workflow, body) : notFound
    },
  ],
  [
    'GET',
    /^\/actions\/workflows\/([^/]+)\/runs$/,
    (repository, [file = ''], { query }) => {
      const workflow = workflowOf(repository, file)
      if (!workflow) return notFound
      const event = query.get('event')
      const shown = repository.runs.filter(
        (run) => run.workflow_id === workflow.id && run.event === (event ?? run.event),
      )
      const late = workflow.hidden ?? 0
      workflow.hidden = Math.max(0, late - 1)
      return list(late > 0 ? [] : shown.toReversed(), 'workflow_runs', { total_count: shown.length })
    },
  ],
  [
    'GET',
    /^\/actions\/runs\/(\d+)$/,
    ({ runs, workflows }, [id]) => {
      const run = runs.find((each) => each.id === Number(id))
      if (!run) return notFound
      const { ends } = workflows.find((each) => each.id === run.workflow_id) ?? {}
      if (run.status === 'in_progress') Object.assign(run, { status: 'completed', conclusion: ends ?? 'success' })
      if (run.status === 'queued') run.status = 'in_progress'
      return { status: 200, body: run }
    },
  ],
  [
    'GET',
    /^\/actions\/runs\/(\d+)\/jobs$/,
    ({ runs }, [id]) => {
      const conclusion = runs.find((each) => each.id === Number(id))?.conclusion ?? null
      return list(
        [
          { name: 'lint', conclusion: 'success' },
          { name: 'migrate', conclusion },
        ],
        'jobs',
      )
    },
  ],
]

function workflowOf({ workflows }: GithubRepository, name: string): Workflow | undefined {
  return workflows.find(({ id, file }) => file === name || String(id) === name)
}

function dispatched(repository: GithubRepository, workflow: Workflow, body: Buffer): GithubAnswer {
  const { ref, inputs = {} } = JSON.parse(body.toString()) as { ref?: unknown; inputs?: Record<string, unknown> }
  const refuse = (message: string): GithubAnswer => ({ status: 422, body: { message } })
  if (typeof ref !== 'string') return refuse('Invalid request.\n\n"ref" wasn\'t supplied.')
  const sha = shaOf(repository, ref)
  if (sha === null) return refuse(`No ref found for: ${ref}`)
  if (workflow.isManual === false) return refuse("Workflow does not have 'workflow_dispatch' trigger")
  const unexpected = Object.keys(inputs).filter((name) => !workflow.inputs.includes(name))
  if (unexpected.length > 0) return refuse(`Unexpected inputs provided: ${JSON.stringify(unexpected)}`)
  if (Object.values(inputs).some((value) => typeof value !== 'string')) return refuse('inputs are texts')
  const id = repository.runs.length + 1
  const shown = workflow.shows === null ? '' : inputs[workflow.shows]
  repository.runs.push({
    id,
    workflow_id: workflow.id,
    name: workflow.file,
    path: `.github/workflows/${workflow.file}`,
    head_sha: sha,
    head_branch: ref,
    event: 'workflow_dispatch',
    display_title: `Deploy ${typeof shown === 'string' ? shown : ''}`,
    created_at: new Date().toISOString(),
    html_url: `https://github.example/acme/shop/actions/runs/${id}`,
    status: 'queued',
    conclusion: null,
  })
  return { status: 204 }
}
